"""The Face++ provider against a local server that speaks its protocol, errors included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest

from jfa_pipeline.coarse.call_budget import CallBudget
from jfa_pipeline.coarse.facepp import FaceppProvider, upload_form
from jfa_pipeline.coarse.facepp_client import Backoff, FaceppClient
from jfa_pipeline.coarse.protocol import Provider, ProviderRefused, ProviderUnavailable
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.steps.landmarks83 import ibug68_from_83
from tests.jfa_pipeline.facepp_answers import DATA_FOLDER, detect_answer, face_answer, synthetic_83

IMAGE = np.full((400, 2200, 3), 90, np.uint8)


@dataclass
class Answer:
    status: int = 200
    body: dict[str, Any] | bytes = field(default_factory=dict)
    stall_until: threading.Event | None = None


@dataclass
class Service:
    """A fake account: hands out prepared answers in turn and keeps what was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)


def parts_of(content_type: str, body: bytes) -> dict[str, bytes]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, bytes] = {}
    for part in message.get_payload():
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(part.get_param("name", header="content-disposition"))] = content
    return found


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, parts_of(self.headers["Content-Type"], body)))
            answer = state.answers.pop(0)
            if answer.stall_until is not None:
                answer.stall_until.wait(10)
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Waits:
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def provider(service: Service, waits: Waits) -> FaceppProvider:
    return provider_for(service, waits)


def provider_for(service: Service, waits: Callable[[float], None], timeout_s: float = 5) -> FaceppProvider:
    client = FaceppClient(
        key="k", secret="s", url=service.url, budget=CallBudget(6000, burst=100),
        backoff=Backoff(attempts=4, first_s=1, longest_s=3), timeout_s=timeout_s, sleep=waits, draw=lambda: 0.5,
    )  # fmt: skip
    return FaceppProvider(client)


def refusal(code: str) -> dict[str, str | int]:
    return {"time_used": 3, "error_message": code, "request_id": "1,2-3"}


def test_it_is_a_provider(provider: FaceppProvider) -> None:
    assert isinstance(provider, Provider)
    assert provider.name == "facepp"


def test_it_sends_the_image_and_the_keys_as_multipart(service: Service, provider: FaceppProvider) -> None:
    service.answers = [Answer(body=detect_answer())]
    provider.label(IMAGE)
    path, sent = service.asked[0]
    assert path == "/facepp/v3/detect"
    assert (sent["api_key"], sent["api_secret"], sent["return_landmark"]) == (b"k", b"s", b"1")
    assert sent["return_attributes"] == b"gender,age,ethnicity"
    assert cv2.imdecode(np.frombuffer(sent["image_file"], np.uint8), cv2.IMREAD_COLOR).shape == IMAGE.shape


def test_it_turns_an_answer_into_labels(service: Service, provider: FaceppProvider) -> None:
    service.answers = [Answer(body=detect_answer())]
    (face,) = provider.label(IMAGE)
    labels = face.labels
    assert labels.box == Box(30, 50, 170, 190)
    assert (labels.age, labels.gender, labels.ethnicity) == (20, "female", "asian")
    assert labels.landmarks is not None
    expected = ibug68_from_83({name: (x + 0.5, y + 0.5) for name, (x, y) in synthetic_83().items()})
    assert labels.landmarks == pytest.approx(expected, abs=1e-4)
    assert (face.score, face.detector, face.needs_person) == (1, "facepp", False)


def test_it_asks_again_for_the_faces_beyond_the_fifth(service: Service, provider: FaceppProvider) -> None:
    service.answers = [
        Answer(body=detect_answer(11)),
        Answer(body={"faces": [face_answer(i) for i in (9, 8, 7, 6, 5)]}),
        Answer(body={"faces": [face_answer(10)]}),
    ]
    faces = provider.label(IMAGE)
    assert [sent.get("face_tokens") for _, sent in service.asked] == [
        None,
        b"token5,token6,token7,token8,token9",
        b"token10",
    ]
    assert service.asked[1][0] == "/facepp/v3/face/analyze"
    assert [face.labels.age for face in faces] == [20 + i for i in range(11)]
    assert all(face.labels.landmarks is not None for face in faces)


def test_it_finds_no_face_in_an_empty_picture(service: Service, provider: FaceppProvider) -> None:
    service.answers = [Answer(body=detect_answer(0))]
    assert provider.label(IMAGE) == []


def test_it_waits_longer_each_time_while_the_account_is_busy(
    service: Service, provider: FaceppProvider, waits: Waits
) -> None:
    busy = Answer(403, refusal("CONCURRENCY_LIMIT_EXCEEDED"))
    service.answers = [busy, busy, busy, Answer(body=detect_answer())]
    assert len(provider.label(IMAGE)) == 1
    assert waits.seconds == [0.5, 1, 1.5]


def test_it_gives_up_after_the_last_try_and_says_it_may_be_repeated(
    service: Service, provider: FaceppProvider
) -> None:
    service.answers = [Answer(403, refusal("CONCURRENCY_LIMIT_EXCEEDED"))] * 4
    with pytest.raises(ProviderUnavailable, match=r"after 4 tries: CONCURRENCY_LIMIT_EXCEEDED") as caught:
        provider.label(IMAGE)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "failure",
    [Answer(500, refusal("INTERNAL_ERROR")), Answer(502, b"<html>bad gateway"), Answer(200, b"not json")],
)
def test_it_tries_again_when_the_server_stumbles(
    service: Service, provider: FaceppProvider, waits: Waits, failure: Answer
) -> None:
    service.answers = [failure, Answer(body=detect_answer())]
    assert len(provider.label(IMAGE)) == 1
    assert len(waits.seconds) == 1


def test_it_tries_again_after_a_time_out(service: Service, waits: Waits) -> None:
    release = threading.Event()
    service.answers = [Answer(stall_until=release), Answer(body=detect_answer())]
    try:
        assert len(provider_for(service, waits, timeout_s=0.2).label(IMAGE)) == 1
    finally:
        release.set()
    assert len(waits.seconds) == 1


def test_it_tries_again_when_nobody_listens(waits: Waits) -> None:
    nobody = Service(url="http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable, match="connection failed"):
        provider_for(nobody, waits).label(IMAGE)
    assert len(waits.seconds) == 3


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (401, "AUTHENTICATION_ERROR", "AUTHENTICATION_ERROR"),
        (403, "AUTHORIZATION_ERROR:Denied by Client", "AUTHORIZATION_ERROR"),
        (400, "IMAGE_ERROR_UNSUPPORTED_FORMAT: image_file", "IMAGE_ERROR_UNSUPPORTED_FORMAT"),
        (400, "INVALID_IMAGE_SIZE: image_file", "INVALID_IMAGE_SIZE"),
        (400, "BAD_ARGUMENTS:return_landmark", "BAD_ARGUMENTS"),
    ],
)
def test_it_does_not_repeat_what_was_refused(
    service: Service, provider: FaceppProvider, waits: Waits, status: int, message: str, code: str
) -> None:
    service.answers = [Answer(status, refusal(message))]
    with pytest.raises(ProviderRefused, match=code) as caught:
        provider.label(IMAGE)
    assert caught.value.code == code
    assert (len(service.asked), waits.seconds) == (1, [])


def test_it_names_a_refusal_without_words_by_its_status(service: Service, provider: FaceppProvider) -> None:
    service.answers = [Answer(413, b"<html>Request Entity Too Large")]
    with pytest.raises(ProviderRefused) as caught:
        provider.label(IMAGE)
    assert caught.value.code == "HTTP_413"


def test_it_keeps_a_label_empty_that_it_cannot_use(service: Service, provider: FaceppProvider) -> None:
    odd = detect_answer()
    odd["faces"][0]["attributes"] = {
        "gender": {"value": ""},
        "age": {"value": 130},
        "ethnicity": {"value": "INDIA"},
    }
    service.answers = [Answer(body=odd)]
    labels = provider.label(IMAGE)[0].labels
    assert (labels.gender, labels.age, labels.ethnicity) == (None, None, None)


@pytest.mark.parametrize("body", [{"nothing": 1}, {"faces": [{"face_rectangle": {}}]}])
def test_it_says_so_when_an_answer_is_not_as_documented(
    service: Service, provider: FaceppProvider, body: dict[str, Any]
) -> None:
    service.answers = [Answer(body=body)]
    with pytest.raises(ProviderUnavailable):
        provider.label(IMAGE)


def test_it_shrinks_large_images_and_maps_the_answer_back(service: Service, provider: FaceppProvider) -> None:
    service.answers = [Answer(body=detect_answer())]
    (face,) = provider.label(np.full((2048, 8192, 3), 90, np.uint8))
    sent = cv2.imdecode(np.frombuffer(service.asked[0][1]["image_file"], np.uint8), cv2.IMREAD_COLOR)
    assert sent.shape == (1024, 4096, 3)
    assert face.labels.box == Box(60, 100, 340, 380)


def test_it_keeps_the_upload_below_two_megabytes() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (2500, 2500, 3), dtype=np.uint8)
    jpeg, (x_factor, y_factor) = upload_form(noise)
    assert len(jpeg) < 2 * 1024 * 1024
    assert x_factor == y_factor > 1


def test_it_reads_the_real_answer(service: Service, provider: FaceppProvider) -> None:
    path = DATA_FOLDER / "facepp" / "detect_83.json"
    if not path.is_file():
        pytest.skip(f"needs the research data folder: {path.parent} is absent")
    service.answers = [Answer(body=path.read_bytes())]
    faces = provider.label(np.zeros((700, 800, 3), np.uint8))
    labels = faces[0].labels
    assert labels.box == Box(354, 246, 565, 457)
    assert (labels.age, labels.gender, labels.ethnicity) == (22, "female", "asian")
    assert labels.landmarks is not None
    assert labels.landmarks[51].tolist() == [457.5, 392.5]


def test_it_takes_its_account_from_the_environment(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    monkeypatch.setenv("FACEPP_API_KEY", "abc")
    monkeypatch.setenv("FACEPP_API_SECRET", "def")
    monkeypatch.setenv("FACEPP_API_URL", service.url)
    service.answers = [Answer(body=detect_answer())]
    FaceppProvider.from_environment().label(IMAGE)
    assert service.asked[0][1]["api_key"] == b"abc"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FACEPP_API_KEY", "", "FACEPP_API_SECRET"),
        ("FACEPP_API_URL", "file:///etc/passwd", "http"),
        ("FACEPP_CALLS_PER_MINUTE", "0", "more than 0"),
        ("FACEPP_CALLS_PER_MINUTE", "many", "many"),
    ],
)
def test_it_says_which_setting_is_wrong(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("FACEPP_API_KEY", "abc")
    monkeypatch.setenv("FACEPP_API_SECRET", "def")
    monkeypatch.setenv(name, value)
    with pytest.raises(ProviderUnavailable, match=words) as caught:
        FaceppProvider.from_environment()
    assert not caught.value.retryable
