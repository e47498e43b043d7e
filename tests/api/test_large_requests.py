"""A stranger cannot make the server keep a large request."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from tests.cast import Api

BIG = b"x" * (3 * 1024**2)


@pytest.fixture(autouse=True)
def small_limit(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files that a form made the server keep."""
    names: list[str] = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.MemoryFileUploadHandler.new_file",
        lambda *_, file_name="", **__: names.append(file_name),
    )
    return names


@pytest.mark.parametrize("address", ["/sign-in/", "/api/v1/session", "/api/v1/tokens", "/", "/healthz"])
def test_it_refuses_a_large_form_without_reading_it(db: None, address: str, spooled: list[str]) -> None:
    answer = Client(enforce_csrf_checks=True).post(address, {"file": SimpleUploadedFile("a.bin", BIG)})
    assert answer.status_code == 413
    assert "send less" in answer.content.decode()
    assert spooled == []


def test_it_does_not_read_a_strangers_upload(api: Api, dataset: Dataset, spooled: list[str]) -> None:
    path = f"/api/v1/datasets/{dataset.pk}/imports"
    answer = api(csrf=True).post(path, {"files": SimpleUploadedFile("a.bin", BIG)}, format="multipart")
    assert answer.status_code == 401
    assert spooled == []


def test_it_takes_a_large_upload_of_an_admin(api: Api, dataset: Dataset, admin: User) -> None:
    path = f"/api/v1/datasets/{dataset.pk}/imports"
    answer = api(admin).post(path, {"files": SimpleUploadedFile("a.bin", BIG)}, format="multipart")
    assert answer.status_code == 201


def test_it_refuses_a_length_that_is_no_number(db: None) -> None:
    answer = Client().get("/api/v1/session", CONTENT_LENGTH="1e9")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
