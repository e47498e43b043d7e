"""Writing the files of a frozen release: read in keyset chunks, streamed into the native folder, then published."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction

from annotator.images.models import Image
from annotator.images.services.storing import file_read, file_store, folder_sync, local_path
from annotator.jobs.running import RunningJob
from annotator.releases.models import Release, ReleaseFace, ReleaseState
from annotator.releases.selectors import release_faces_after
from annotator.releases.services.shaping import shape_model_of, shape_model_store
from jfa_pipeline.aggregate.age import AgeSummary
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.pixels import PixelsRefused
from jfa_pipeline.formats import records
from jfa_pipeline.formats.native import ReleaseEntry, write_native
from jfa_pipeline.formats.released_picture import released_picture
from jfa_pipeline.statistics.shape_model import ShapeModel

CHUNK: Final = 1000
PRIVATE: Final = 0o700
SOURCES_SHOWN: Final = 50
"""The row of a release names so many sources and licences; its manifest.json names all."""


class OriginalMissing(Exception):
    """A release cannot be written because the original of one of its images cannot be read."""


def release_write(*, run: RunningJob) -> dict[str, Any]:
    """The body of a release job: write all files beside their place, then publish them in one step.

    Repeatable: what an attempt that was killed left behind is removed, and the frozen rows give the same bytes
    again. Raises OriginalMissing, JobCancelled, JobLost, OSError for a full disk.
    """
    release = Release.objects.select_related("dataset", "policy").get(pk=run.job.params["release"])
    if release.state == ReleaseState.READY:
        return {"release": release.number, **release.manifest["counts"]}
    with _staging(release) as staging:
        manifest = write_native(
            staging / "release",
            _entries(release, run),
            policy=release.policy.policy,
            manifest_extra={"release": _about(release)},
        )
        run.flush()
        model = shape_model_of(release=release, folder=staging / "release")
        _publish(release, staging / "release", manifest, model, run)
    return {"release": release.number, **manifest["counts"]}


def release_folder(release: Release) -> str:
    """Where the files of a release lie in the storage."""
    return f"releases/{release.dataset_id}/{release.number}"


def _about(release: Release) -> dict[str, Any]:
    return {
        "dataset": release.dataset.slug,
        "dataset_name": release.dataset.name,
        "number": release.number,
        "name": release.name,
        "created_at": release.created_at.isoformat(),
        "policy_version": release.policy.version,
        "complete_images_only": release.complete_images_only,
        "subjects_in_several_splits": release.manifest["counts"].get("subjects_in_several_splits", 0),
    }


def _entries(release: Release, run: RunningJob) -> Iterator[ReleaseEntry]:
    """Each image of the release with the bytes of its released file and its faces."""
    total = release.manifest["counts"]["images"]
    images = groupby(_frozen_faces(release), key=lambda row: row.face.image_id)
    for done, (_, group) in enumerate(images, start=1):
        run.check()
        rows = list(group)
        image = rows[0].face.image
        try:
            picture = released_picture(file_read(image.file), rotation=rows[0].image_rotation)
        except (FileNotFoundError, PixelsRefused) as error:
            raise OriginalMissing(
                f"The original of image {image.pk} ({image.name}) cannot be read: {error}. Import the photograph "
                "again, which puts it back, then press Retry."
            ) from error
        record = records.ReleaseImage(
            image_id=image.pk,
            file_name=image.name,
            width=picture.width,
            height=picture.height,
            extension=picture.extension,
            original_sha256=image.sha256,
            source=image.source,
            licence=image.licence,
            subject_key=image.subject_key,
            consent=image.consent,
            split=image.split,
            swept=image.swept_at is not None,
        )
        yield record, picture.data, [_face(row, image) for row in rows]
        run.progress(done, total, "Writing pictures and labels")


def _frozen_faces(release: Release) -> Iterator[ReleaseFace]:
    last = 0
    while rows := release_faces_after(release=release, after=last, limit=CHUNK):
        yield from rows
        last = rows[-1].pk


def _face(row: ReleaseFace, image: Image) -> records.ReleaseFace:
    """The record of a frozen face. Of an ignore region nothing but its box leaves: it is unfinished."""
    labels = row.revision.labels
    if row.is_ignored:
        box = labels.box.clipped(image.width, image.height)
        labels = FaceLabels(box=box if box.is_proper() else labels.box)
    face = row.face
    return records.ReleaseFace(
        face_id=row.face_id,
        image_id=image.pk,
        status=records.IGNORE if row.is_ignored else records.ACCEPTED,
        labels=replace(labels, age=None),
        age=AgeSummary(mean=row.age_mean, sd=row.age_sd, n=row.age_n),
        age_corrected=row.age_corrected,
        age_corrected_error=row.age_corrected_error,
        subject_key=image.subject_key if face.subject_key is None else face.subject_key,
        consent=image.consent if face.consent is None else face.consent,
        policy_version=row.policy_version,
        revision_id=None if row.is_ignored else row.revision_id,
    )


@contextmanager
def _staging(release: Release) -> Iterator[Path]:
    """An empty private folder, on the storage's own disk where there is one; removed afterwards.

    What killed attempts at this release left is removed first; an attempt that was only believed dead then
    fails to write, and could not publish anyway.
    """
    parent = local_path("releases")
    prefix = f".writing-{release.pk}-"
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob(f"{prefix}*"):
            shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish(
    release: Release,
    written: Path,
    manifest: dict[str, Any],
    model: ShapeModel | None,
    run: RunningJob,
) -> None:
    """Put the folder in its place and say so, if the job is still this attempt's. Locks the job's row."""
    name = release_folder(release)
    target = local_path(name)
    if target is not None:
        written.chmod(PRIVATE)
        os.sync()  # the files are on the disk before anybody is told so
    else:
        _upload(written, name)
    with transaction.atomic():
        run.fence()
        if target is not None:
            if target.exists():  # an attempt died between the rename and the commit
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            written.rename(target)
            folder_sync(target.parent)
        Release.objects.filter(pk=release.pk).update(
            state=ReleaseState.READY, folder=name, manifest=_shortened(manifest)
        )
        shape_model_store(release=release, model=model)


def _shortened(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the most frequent sources and licences only; where photographs name an address each,
    there are as many sources as images."""
    provenance = {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SOURCES_SHOWN])
        for name, counts in manifest["provenance"].items()
    }
    return {**manifest, "provenance": provenance}


def _upload(written: Path, name: str) -> None:
    """Copy the folder into a storage that is no local folder (S3), the manifest last."""
    paths = sorted(path for path in written.rglob("*") if path.is_file())
    for path in sorted(paths, key=lambda path: path.name == "manifest.json"):
        file_store(path=f"{name}/{path.relative_to(written).as_posix()}", chunks=[path.read_bytes()])
    if not default_storage.exists(f"{name}/manifest.json"):
        raise OSError(f"The storage did not keep {name}/manifest.json.")
