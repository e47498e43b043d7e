"""Importing: originals, duplicates, interruptions, a full disk."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import, NearDuplicate
from annotator.images.services import importing
from annotator.images.services.importing import import_create
from annotator.jobs.models import JobState
from annotator.jobs.services import job_cancel, job_retry
from tests.images.importing import lines, photo, run_import


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "b").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "b" / "c.png").write_bytes(photo(2, "PNG"))
    (folder / "d.txt").write_text("a note")
    return folder


def test_it_stores_the_original_bytes_under_their_hash(dataset: Dataset, folder: Path) -> None:
    batch = import_create(dataset=dataset, source=folder)
    assert run_import(batch).state == JobState.DONE
    assert lines(batch) == [
        ("a.jpg", "imported", ""),
        ("b/c.png", "imported", ""),
        ("d.txt", "refused", "not_an_image"),
    ]
    image = Image.objects.get(name="a.jpg")
    data = (folder / "a.jpg").read_bytes()
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert image.file == f"originals/{dataset.pk}/{image.sha256[:2]}/{image.sha256}.jpg"
    assert default_storage.open(image.file).read() == data
    assert (image.width, image.height, image.bytes, image.format) == (80, 60, len(data), "JPEG")
    assert image.prelabelled_at is None


def test_it_links_the_same_bytes_under_another_name(dataset: Dataset, folder: Path) -> None:
    (folder / "z.jpg").write_bytes(photo(1))
    batch = import_create(dataset=dataset, source=folder)
    run_import(batch)
    assert lines(batch)[-1] == ("z.jpg", "linked", "same_bytes")
    assert batch.entries.get(name="z.jpg").image == Image.objects.get(name="a.jpg")
    again = import_create(dataset=dataset, source=folder)
    run_import(again)
    assert [line[1] for line in lines(again)] == ["unchanged", "unchanged", "refused", "unchanged"]


def test_it_keeps_datasets_apart(dataset: Dataset, other_dataset: Dataset, folder: Path) -> None:
    run_import(import_create(dataset=dataset, source=folder))
    other = import_create(dataset=other_dataset, source=folder)
    run_import(other)
    assert lines(other)[0] == ("a.jpg", "imported", "")
    assert Image.objects.count() == 4
    assert NearDuplicate.objects.count() == 0


def test_it_puts_a_lost_original_back(dataset: Dataset, folder: Path) -> None:
    run_import(import_create(dataset=dataset, source=folder))
    image = Image.objects.get(name="a.jpg")
    default_storage.delete(image.file)
    run_import(import_create(dataset=dataset, source=folder))
    assert default_storage.open(image.file).read() == photo(1)


def test_it_gives_provenance_to_each_image(dataset: Dataset, folder: Path) -> None:
    defaults = {"source": "archive", "licence": "CC0", "subject_key": "", "consent": " given "}
    run_import(import_create(dataset=dataset, source=folder, defaults=defaults))
    image = Image.objects.get(name="a.jpg")
    assert (image.source, image.licence, image.subject_key, image.consent) == ("archive", "CC0", "", "given")


def test_it_takes_a_single_file(dataset: Dataset, folder: Path) -> None:
    batch = import_create(dataset=dataset, source=folder / "a.jpg")
    run_import(batch)
    assert lines(batch) == [("a.jpg", "imported", "")]


def test_it_refuses_a_path_that_is_not_there_and_provenance_that_does_not_fit(
    dataset: Dataset, folder: Path
) -> None:
    with pytest.raises(Invalid, match="There is no file or folder"):
        import_create(dataset=dataset, source=folder / "nowhere")
    with pytest.raises(Invalid, match="licence may have 200 characters"):
        import_create(dataset=dataset, source=folder, defaults={"licence": "x" * 201})
    with pytest.raises(Invalid, match="license is not one of"):
        import_create(dataset=dataset, source=folder, defaults={"license": "CC0"})
    assert Import.objects.count() == 0


def test_it_reports_pictures_that_look_alike(dataset: Dataset, folder: Path) -> None:
    (folder / "smaller.jpg").write_bytes(photo(1, size=(60, 45)))
    run_import(import_create(dataset=dataset, source=folder))
    pair = NearDuplicate.objects.get()
    assert (pair.earlier.name, pair.later.name) == ("a.jpg", "smaller.jpg")


def test_it_stops_at_a_full_disk_and_goes_on_after_retry(
    dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importing.file_store

    def full(*, path: str, chunks: Any, durable: bool = True) -> int:
        if path.endswith(".png"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path=path, chunks=chunks, durable=durable)

    monkeypatch.setattr(importing, "file_store", full)
    batch = import_create(dataset=dataset, source=folder)
    job = run_import(batch)
    assert job.state == JobState.FAILED
    assert job.error.startswith("The disk is full")
    assert lines(batch) == [("a.jpg", "imported", "")]
    monkeypatch.setattr(importing, "file_store", real)
    job_retry(job=job, actor=None)
    assert run_import(batch).state == JobState.DONE
    assert [line[1] for line in lines(batch)] == ["imported", "imported", "refused"]


def test_it_keeps_what_is_in_when_cancelled(
    dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.jobs.running.FLUSH_SECONDS", 0)
    real = importing.derivatives_make

    def cancel_then_make(*, image: Image, pixels: Any) -> None:
        job_cancel(job=batch.job, actor=None)
        real(image=image, pixels=pixels)

    monkeypatch.setattr(importing, "derivatives_make", cancel_then_make)
    batch = import_create(dataset=dataset, source=folder)
    assert run_import(batch).state == JobState.CANCELLED
    assert lines(batch) == [("a.jpg", "imported", "")]


def test_it_tells_pre_labelling_of_new_images(
    dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(importing, "message_send", lambda *, task: sent.append(task))
    run_import(import_create(dataset=dataset, source=folder))
    assert sent == ["learning.prelabel_waiting"]
