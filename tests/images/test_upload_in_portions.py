"""Uploads in portions: what was answered is on the disk, and one import comes of all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import
from annotator.images.services import portions
from annotator.images.services.uploads import uploads_clear
from tests.images.importing import lines, photo, run_import

pytestmark = pytest.mark.django_db

UPLOAD = UUID("8d5f0a53-0f57-4d3d-bb0d-52a1f0d2a6c1")


class Sender:
    """A browser that uploads into a dataset."""

    def __init__(self, client: Any, dataset: Dataset, upload: UUID = UPLOAD) -> None:
        self.client, self.base = client, f"/api/v1/datasets/{dataset.pk}/uploads/{upload}"

    def portion(self, number: int, files: dict[str, bytes], pieces: list[list[int]] | None = None) -> Any:
        sent = [SimpleUploadedFile("blob", data) for data in files.values()]
        body = {"files": sent, "paths": json.dumps(list(files))}
        if pieces is not None:
            body["pieces"] = json.dumps(pieces)
        return self.client.post(f"{self.base}/portions/{number}", body, format="multipart")

    def finish(self, count: int, **fields: Any) -> Any:
        return self.client.post(f"{self.base}/finish", {"portions": count, **fields}, format="json")


@pytest.fixture
def sender(dataset: Dataset, api: Any, admin: Any, files_folder: Path) -> Sender:
    return Sender(api(admin), dataset)


def test_it_imports_all_portions_as_one(sender: Sender) -> None:
    assert sender.portion(0, {"a/1.jpg": photo(1), "a/2.jpg": photo(2)}).json()["files"] == 2
    assert sender.portion(1, {"a/3.txt": b"text"}).json() == {"files": 1, "bytes": 4}
    answer = sender.finish(2, licence="CC0")
    assert answer.status_code == 201, answer.json()
    batch = Import.objects.get(pk=answer.json()["id"])
    assert run_import(batch).state == "done"
    assert lines(batch) == [
        ("a/1.jpg", "imported", ""),
        ("a/2.jpg", "imported", ""),
        ("a/3.txt", "refused", "not_an_image"),
    ]
    assert {image.licence for image in Image.objects.all()} == {"CC0"}
    assert uploads_clear() == 1


def test_it_says_which_portions_are_missing_and_keeps_the_others(sender: Sender) -> None:
    sender.portion(1, {"2.jpg": photo(2)})
    answer = sender.finish(3)
    assert (answer.status_code, answer.json()["code"]) == (422, "portions_missing")
    assert answer.json()["details"] == {"portions": [0, 2]}
    sender.portion(0, {"1.jpg": photo(1)})
    sender.portion(2, {"3.jpg": photo(3)})
    assert sender.finish(3).status_code == 201


def test_it_takes_a_portion_twice_and_a_finish_twice_as_one(sender: Sender) -> None:
    for _ in range(2):
        assert sender.portion(0, {"1.jpg": photo(1)}).status_code == 200
    first, second = sender.finish(1).json(), sender.finish(1).json()
    assert first["id"] == second["id"]
    assert Import.objects.count() == 1
    late = sender.portion(1, {"2.jpg": photo(2)})
    assert (late.status_code, late.json()["code"]) == (409, "upload_finished")


def test_it_puts_a_large_file_together_from_its_pieces(sender: Sender) -> None:
    whole = photo(1)
    cut = [whole[:100], whole[100:5000], whole[5000:]]
    for number in (2, 0, 1):
        sender.portion(number, {"large.jpg": cut[number]}, [[number, 3]])
    batch = Import.objects.get(pk=sender.finish(3).json()["id"])
    run_import(batch)
    assert lines(batch) == [("large.jpg", "imported", "")]


def test_it_refuses_a_file_with_a_piece_missing(sender: Sender) -> None:
    sender.portion(0, {"large.jpg": b"one"}, [[0, 2]])
    answer = sender.finish(1)
    assert (answer.status_code, answer.json()["code"]) == (422, "pieces")
    assert not Import.objects.exists()


def test_it_keeps_two_whole_files_of_one_name_apart(sender: Sender) -> None:
    sender.portion(0, {"a.jpg": photo(1)})
    sender.portion(1, {"a.jpg": photo(2)})
    batch = Import.objects.get(pk=sender.finish(2).json()["id"])
    run_import(batch)
    assert [line[:2] for line in lines(batch)] == [("a.jpg", "imported"), ("a #2.jpg", "imported")]


def test_it_lets_nobody_write_into_the_upload_of_another(
    dataset: Dataset, api: Any, admin: Any, superuser: Any, files_folder: Path
) -> None:
    Sender(api(admin), dataset).portion(0, {"1.jpg": photo(1)})
    answer = Sender(api(superuser), dataset).finish(1)
    assert answer.json()["code"] == "portions_missing"


def test_it_limits_files_by_their_whole_size(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.images.services.uploads.MAX_FILE_BYTES", 5)
    for number in range(2):
        sender.portion(number, {"large.jpg": b"1234"}, [[number, 2]])
    assert sender.finish(2).json()["code"] == "too_large_file"


def test_it_says_what_a_full_disk_kept(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    sender.portion(0, {"1.jpg": photo(1)})

    def full(**_: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(portions, "file_store", full)
        answer = sender.portion(1, {"2.jpg": photo(2)})
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    sender.portion(1, {"2.jpg": photo(2)})
    assert sender.finish(2).status_code == 201
