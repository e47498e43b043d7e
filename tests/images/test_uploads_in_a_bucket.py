"""Spooled uploads go away after their import, also in a storage that knows files and no folders, as S3 does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, default_storage

from annotator.datasets.models import Dataset
from annotator.images.services.storing import file_store, local_path
from annotator.images.services.uploads import upload_folder, uploads_clear
from annotator.jobs.models import Job, JobKind, JobState

pytestmark = pytest.mark.django_db


class BucketStorage(InMemoryStorage):
    """Files by name in memory. A folder does not exist by itself, and a missing one lists as empty."""

    def exists(self, name: str) -> bool:
        parent, _, last = name.rpartition("/")
        return last in self.listdir(parent)[1]

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        try:
            folders, files = super().listdir(path)
        except FileNotFoundError:
            return [], []
        return [name for name in folders if any(self.listdir(f"{path}/{name}"))], files


@pytest.fixture(autouse=True)
def bucket(settings: Any) -> None:
    backend = f"{BucketStorage.__module__}.{BucketStorage.__qualname__}"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend}}


def test_it_removes_the_files_of_a_finished_import_only(dataset: Dataset) -> None:
    assert uploads_clear() == 0
    for token, state in (("a" * 32, JobState.DONE), ("b" * 32, JobState.RUNNING)):
        Job.objects.create(
            dataset=dataset,
            kind=JobKind.IMPORT,
            task="images.run_import",
            params={"upload": token},
            state=state,
        )
        file_store(path=f"{upload_folder(token)}/a.jpg", chunks=[b"jpeg"])
    assert local_path("uploads") is None

    assert uploads_clear() == 1

    assert not default_storage.exists(f"{upload_folder('a' * 32)}/a.jpg")
    assert default_storage.exists(f"{upload_folder('b' * 32)}/a.jpg")
    assert uploads_clear() == 0
