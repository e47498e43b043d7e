"""A release on a worker's disk: read in place, or fetched from a storage that is no local folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator.common.errors import Conflict
from annotator.jobs.running import JobCancelled
from annotator.releases.models import Release
from annotator.releases.services.freezing import release_create
from annotator.training.services.limits import DiskTooFull
from annotator.training.services.materialising import ReleaseDamaged, release_materialise
from tests.training.conftest import Labelled


class Watched:
    """Counts looks, and cancels at a given one."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.looks = 0
        self.cancel_at = cancel_at

    def say(self, message: str) -> None:
        pass

    def check(self) -> None:
        self.looks += 1
        if self.looks == self.cancel_at:
            raise JobCancelled("cancelled")


@pytest.fixture
def elsewhere(release: Release, settings: Any, files_folder: Path) -> Release:
    """The release in a storage without a local folder."""
    files = {
        path.relative_to(files_folder): path.read_bytes()
        for path in files_folder.rglob("*")
        if path.is_file()
    }
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    for name, content in files.items():
        default_storage.save(name.as_posix(), ContentFile(content))
    return release


def test_it_reads_a_local_storage_in_place_and_compares_once(release: Release, files_folder: Path) -> None:
    first, again = Watched(), Watched()
    local = release_materialise(release=release, run=first, min_free_bytes=0)
    assert local.folder == files_folder / release.folder
    manifest = (local.folder / "manifest.json").read_bytes()
    assert local.manifest_sha256 == hashlib.sha256(manifest).hexdigest()
    assert release_materialise(release=release, run=again, min_free_bytes=0) == local
    assert (first.looks > 8, again.looks) == (True, 0)


def test_it_fetches_a_release_once(elsewhere: Release, training_folder: Path) -> None:
    first, again = Watched(), Watched()
    local = release_materialise(release=elsewhere, run=first, min_free_bytes=0)
    assert local.folder.is_relative_to(training_folder)
    assert len(list((local.folder / "images").rglob("*.jpg"))) == 8
    assert release_materialise(release=elsewhere, run=again, min_free_bytes=0) == local
    assert (first.looks > 8, again.looks) == (True, 0)


def test_it_leaves_nothing_of_a_fetch_that_was_cancelled(elsewhere: Release, training_folder: Path) -> None:
    with pytest.raises(JobCancelled):
        release_materialise(release=elsewhere, run=Watched(cancel_at=3), min_free_bytes=0)
    assert [path for path in training_folder.rglob("*") if path.is_file()] == []


def test_it_names_a_damaged_file(elsewhere: Release, training_folder: Path) -> None:
    name = f"{elsewhere.folder}/labels.parquet"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"not what it was"))
    with pytest.raises(ReleaseDamaged, match=r"labels\.parquet of release 1"):
        release_materialise(release=elsewhere, run=Watched(), min_free_bytes=0)
    assert [path for path in training_folder.rglob("*") if path.is_file()] == []


def test_it_asks_for_room_before_it_fetches(elsewhere: Release) -> None:
    with pytest.raises(DiskTooFull, match=r"A copy of release 1 needs [0-9,]+ bytes"):
        release_materialise(release=elsewhere, run=Watched(), min_free_bytes=10**15)


def test_it_refuses_a_release_that_is_not_written(label: Labelled) -> None:
    release = release_create(dataset=label(), actor=None)
    with pytest.raises(Conflict) as refused:
        release_materialise(release=release, run=Watched(), min_free_bytes=0)
    assert refused.value.code == "not_ready"
