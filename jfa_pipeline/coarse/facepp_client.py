"""HTTP calls to the Face++ v3 API: multipart POST, errors in its own words, retry with back-off.

Only the standard library: the whole protocol is one kind of request.
"""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jfa_pipeline.coarse.call_budget import CallBudget
from jfa_pipeline.coarse.protocol import ProviderRefused, ProviderUnavailable

DEFAULT_URL: Final = "https://api-us.faceplusplus.com"

_RETRYABLE_CODES: Final = frozenset({"CONCURRENCY_LIMIT_EXCEEDED", "INTERNAL_ERROR"})
_RETRYABLE_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})
_ADVICE: Final[dict[str, str]] = {
    "AUTHENTICATION_ERROR": "Check FACEPP_API_KEY and FACEPP_API_SECRET.",
    "AUTHORIZATION_ERROR": "The account may not use this function; see its Face++ console.",
    "IMAGE_ERROR_UNSUPPORTED_FORMAT": "Send a JPEG or PNG that is not damaged.",
    "INVALID_IMAGE_SIZE": "Both sides must lie between 48 and 4096 pixels.",
    "IMAGE_FILE_TOO_LARGE": "The file must be smaller than 2 MB.",
}


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how long to wait before trying again: uniformly up to a bound that doubles each time."""

    attempts: int = 6
    first_s: float = 0.5
    longest_s: float = 20.0

    def wait_s(self, failures: int, draw: float) -> float:
        """Seconds to wait after this many failures (1, 2, ...); ``draw`` is uniform in [0, 1)."""
        return draw * min(self.longest_s, self.first_s * 2.0 ** (failures - 1))


class _TryAgain(Exception):
    """One attempt failed in a way that another may not."""


class FaceppClient:
    """Calls one Face++ account. Waits for the call budget, retries what may pass, refuses the rest at once."""

    def __init__(
        self,
        *,
        key: str,
        secret: str,
        url: str = DEFAULT_URL,
        budget: CallBudget,
        backoff: Backoff | None = None,
        timeout_s: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"The Face++ address must start with http:// or https://, got {url!r}.")
        self._key = key
        self._secret = secret
        self._url = url.rstrip("/")
        self._budget = budget
        self._backoff = backoff or Backoff()
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._draw = draw

    def call(self, path: str, fields: Mapping[str, str], image_jpeg: bytes | None = None) -> dict[str, Any]:
        """POST to ``path`` and return the JSON object of the answer.

        Raises ProviderRefused for an error that another try would meet again, ProviderUnavailable
        (retryable) when the last of the tries has failed.
        """
        body, content_type = multipart(
            {"api_key": self._key, "api_secret": self._secret, **fields}, image_jpeg
        )
        failures = 0
        while True:
            self._budget.wait_for_turn()
            try:
                return self._once(path, body, content_type)
            except _TryAgain as problem:
                failures += 1
                if failures >= self._backoff.attempts:
                    raise ProviderUnavailable(
                        f"Face++ did not answer after {failures} tries: {problem}. Try again later.",
                        retryable=True,
                    ) from problem
                self._sleep(self._backoff.wait_s(failures, self._draw()))

    def _once(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  the address was checked to be http(s)
            self._url + path, data=body, headers={"Content-Type": content_type}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:  # noqa: S310  as above
                status, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content = error.code, error.read()
        except (OSError, http.client.HTTPException) as error:
            raise _TryAgain(f"the connection failed ({error})") from error
        return _answer(status, content)


def _answer(status: int, content: bytes) -> dict[str, Any]:
    """The answer of a call that went well; otherwise _TryAgain or ProviderRefused."""
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    answer: dict[str, Any] = read if isinstance(read, dict) else {}
    message = answer.get("error_message")
    if message is None and status < 400:
        if not answer:
            raise _TryAgain(f"the answer (HTTP {status}) was not a JSON object with content")
        return answer
    code, _, detail = str(message or f"HTTP_{status}").partition(":")
    code = code.strip()
    if code in _RETRYABLE_CODES or status in _RETRYABLE_STATUSES:
        raise _TryAgain(f"{code} (HTTP {status})")
    advice = _ADVICE.get(code, "See the Face++ documentation for this code.")
    said = f"{code}: {detail.strip()}" if detail.strip() else code
    raise ProviderRefused(f"Face++ refused the call with {said} (HTTP {status}). {advice}", code=code)


def multipart(fields: Mapping[str, str], image_jpeg: bytes | None) -> tuple[bytes, str]:
    """(body, Content-Type) of a multipart/form-data request; the image goes in as ``image_file``."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if image_jpeg is not None:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="image_file"; filename="image.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        parts.append(head.encode() + image_jpeg + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
