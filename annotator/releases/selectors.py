"""Reads about releases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.common.errors import Conflict, NotFound
from annotator.datasets.access import STAFF, dataset_access
from annotator.datasets.models import Dataset
from annotator.releases.models import DatasetShapeModel, Release, ReleaseFace, ReleaseState
from annotator.releases.zip_stream import Entry

COCO_FILE: Final = "coco/annotations.json"


def release_list(*, dataset: Dataset) -> QuerySet[Release]:
    """The releases of a dataset with what their rows show; newest first is the caller's page order."""
    return Release.objects.filter(dataset=dataset).select_related("job", "created_by", "policy", "dataset")


def dataset_shape_model(*, dataset: Dataset) -> str | None:
    """The file of the dataset's own shape model; None: the shipped one fits as well as anything."""
    return DatasetShapeModel.objects.filter(dataset=dataset).values_list("text", flat=True).first()


def release_access(*, user: User | AnonymousUser, release_id: int) -> Release:
    """The release, for an admin, adjudicator or researcher of its dataset. Raises NotFound or NotAllowed."""
    release = (
        Release.objects.select_related("job", "created_by", "policy", "dataset").filter(pk=release_id).first()
    )
    if release is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=release.dataset_id, roles=STAFF)
    return release


def release_faces_after(*, release: Release, after: int, limit: int) -> list[ReleaseFace]:
    """The next frozen faces in release order (keyset), with revision, face and image; one query."""
    rows = ReleaseFace.objects.filter(release=release, pk__gt=after).order_by("pk")
    return list(rows.select_related("revision", "face__image")[:limit])


def release_files(*, release: Release) -> Iterator[Entry]:
    """Every file of a ready release, in the order of their names. Raises Conflict ``not_ready``."""
    check_ready(release)
    return _walk(release.folder, "")


def release_coco(*, release: Release) -> Entry:
    """The COCO file of a ready release. Raises Conflict ``not_ready``."""
    check_ready(release)
    path = f"{release.folder}/{COCO_FILE}"
    return Entry(COCO_FILE, default_storage.size(path), partial(default_storage.open, path))


def check_ready(release: Release) -> None:
    """Raise Conflict ``not_ready`` while the release has no files."""
    if release.state != ReleaseState.READY:
        raise Conflict(
            "not_ready",
            "The files of this release are not written yet."
            if release.shown_state == ReleaseState.BUILDING
            else "Writing this release failed: look at its job and press Retry.",
            state=release.shown_state,
        )


def _walk(root: str, below: str) -> Iterator[Entry]:
    folders, files = default_storage.listdir(f"{root}/{below}" if below else root)
    for name in sorted([*folders, *files]):
        inner = f"{below}/{name}" if below else name
        if name in folders:
            yield from _walk(root, inner)
        else:
            path = f"{root}/{inner}"
            yield Entry(inner, default_storage.size(path), partial(default_storage.open, path))
