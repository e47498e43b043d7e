"""A person's browser session, as far as the API is concerned: log-in, cookies, CSRF, one connection."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from http.cookies import SimpleCookie
from typing import Any


class NoAnswer(Exception):
    """The server could not be reached or broke off; whether it did the work is unknown."""


class Refused(Exception):
    """The server answered with an error of the caller's making."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.code = body.get("code", "") if isinstance(body, dict) else ""
        self.body = body


class HttpPerson:
    """Requests of one signed-in person. Not safe for several threads at once."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self.host = urllib.parse.urlsplit(address).netloc
        self.username = username
        self.password = password
        self._cookies: dict[str, str] = {}

    def probe(self, path: str) -> None:
        """GET a page; raises NoAnswer or Refused unless it answers well."""
        self._send("GET", path, None, {})

    def sign_in(self) -> None:
        self.probe("/sign-in/")
        self.call("POST", "/session", {"username": self.username, "password": self.password})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One API call below /api/v1. Raises NoAnswer or Refused; returns the decoded JSON (None for 204)."""
        raw = None if body is None else json.dumps(body).encode()
        return self._send(method, f"/api/v1{path}", raw, {"Content-Type": "application/json"} if raw else {})

    def upload(self, path: str, files: dict[str, bytes], fields: dict[str, str] | None = None) -> Any:
        """POST files as multipart/form-data."""
        boundary = "jfa-boundary-7d1c9f"
        parts: list[bytes] = []
        for name, value in (fields or {}).items():
            parts.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            )
        for name, content in files.items():
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            )
            parts.append(head.encode() + content + b"\r\n")
        raw = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._send(
            "POST", f"/api/v1{path}", raw, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )

    def _send(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> Any:
        headers = dict(headers)
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        if method not in {"GET", "HEAD"}:
            headers["X-CSRFToken"] = self._cookies.get("jfa_csrf", "")
            headers["Referer"] = f"http://{self.host}/"
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body=raw, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error)) from error
        finally:
            connection.close()
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self._cookies[name] = morsel.value
        if answer.status >= 500:
            raise NoAnswer(f"HTTP {answer.status}")
        decoded = (
            json.loads(content) if "json" in (answer.headers.get("Content-Type") or "") else content or None
        )
        if answer.status >= 400:
            raise Refused(answer.status, decoded)
        return decoded
