"""Importing: each file in its own short transaction with its own line in the report.

A line is unique for (import, name), so an import that was killed leaves out what it has and goes on, and one
that is repeated finds everything unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import, ImportEntry, Outcome
from annotator.images.services.candidates import PROVENANCE, Candidate, FileRefused, shown_name
from annotator.images.services.derivatives import derivatives_make
from annotator.images.services.duplicates import near_duplicates_record
from annotator.images.services.manifests import is_manifest
from annotator.images.services.sources import path_candidates, upload_candidates, upload_folder
from annotator.images.services.splits import split_draw
from annotator.images.services.storing import file_store, parts_clear
from annotator.jobs.models import JobKind
from annotator.jobs.running import RunningJob
from annotator.jobs.services import job_create, message_send
from jfa_pipeline.core.phash import phash
from jfa_pipeline.core.pixels import FORMATS, ImageFacts, PixelsRefused, RgbPixels, inspect

TASK: Final = "images.run_import"
LONGEST_PATH: Final = 1000
PRELABEL_TASK: Final = "learning.prelabel_waiting"
CHUNK: Final = 32
"""Files after which near duplicates are looked up and pre-labelling is told."""

ENDINGS: Final = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
}


def import_create(
    *,
    dataset: Dataset,
    source: str | Path,
    defaults: Mapping[str, str] | None = None,
    actor: User | None = None,
) -> Import:
    """An import of a path on this computer, with its queued job; the worker must see the same path.

    ``defaults``: source, licence, subject_key, consent of files whose manifest row does not say them. Raises
    Invalid ``no_such_path``, ``manifest``, ``provenance`` before anything is stored.
    """
    path = Path(source).absolute()
    if not path.exists():
        raise Invalid("no_such_path", f"There is no file or folder {path} on this computer.")
    if len(str(path)) > LONGEST_PATH:
        raise Invalid("no_such_path", f"The path has more than {LONGEST_PATH} characters; link or move it.")
    if path.is_file() and is_manifest(path.name):
        for _ in path_candidates(path):  # reads every row, so that an error shows before the job starts
            pass
    return import_record(dataset=dataset, source=str(path), defaults=defaults or {}, actor=actor)


@transaction.atomic
def import_record(
    *, dataset: Dataset, source: str, defaults: Mapping[str, str], actor: User | None, upload: str = ""
) -> Import:
    """The rows of an import and its job. ``upload``: the token of its folder of spooled files, if any.

    Raises Invalid ``provenance`` for a field unknown or too long.
    """
    kept = provenance_checked(defaults)
    batch = Import.objects.create(dataset=dataset, source=source, defaults=kept, created_by=actor)
    params = {"import": batch.pk, "upload": upload} if upload else {"import": batch.pk}
    batch.job = job_create(dataset=dataset, kind=JobKind.IMPORT, task=TASK, params=params, created_by=actor)
    batch.save(update_fields=["job"])
    audit(actor=actor, verb="import_create", target=batch, dataset_id=dataset.pk, source=batch.source)
    return batch


def provenance_checked(given: Mapping[str, str]) -> dict[str, str]:
    """The non-empty fields, stripped. Raises Invalid ``provenance``."""
    for name, value in given.items():
        if name not in PROVENANCE:
            raise Invalid("provenance", f"{name} is not one of {', '.join(PROVENANCE)}.")
        if len(value.strip()) > PROVENANCE[name]:
            raise Invalid(
                "provenance", f"{name} may have {PROVENANCE[name]} characters, not {len(value.strip())}."
            )
    return {name: value.strip() for name, value in given.items() if value.strip()}


def import_run(*, run: RunningJob) -> dict[str, Any]:
    """The body of an import job; returns the number of files of each outcome. Raises what ``run`` raises.

    A file that cannot come in is a line of the report. A full disk ends the job, and Retry goes on from there.
    """
    batch = Import.objects.select_related("dataset__policy").get(pk=run.job.params["import"])
    parts_clear(folder=f"originals/{batch.dataset_id}")
    done = set(batch.entries.values_list("name", flat=True))
    recent = batch.entries.exclude(image=None).order_by("-pk").values_list("image_id", flat=True)[: 2 * CHUNK]
    fresh: list[int] = [image_id for image_id in recent if image_id is not None]
    run.progress(len(done), None, "Counting files")
    total = 0
    for total, _ in enumerate(_candidates(batch, run), start=1):  # noqa: B007  # the last number is the total
        run.check()
    for candidate in _candidates(batch, run):
        if candidate.name in done:
            continue
        run.check()
        entry = file_import(batch=batch, candidate=candidate, run=run)
        done.add(candidate.name)
        if entry.outcome in (Outcome.IMPORTED, Outcome.CONVERTED) and entry.image_id is not None:
            fresh.append(entry.image_id)
        if len(fresh) >= CHUNK:
            _chunk_end(fresh)
        run.progress(len(done), max(total, len(done)), candidate.name)
    _chunk_end(fresh)
    return import_counts(batch)


def import_counts(batch: Import) -> dict[str, int]:
    """The number of files of each outcome, zeros included."""
    found = dict(batch.entries.values_list("outcome").annotate(Count("pk")))
    return {str(outcome): found.get(outcome, 0) for outcome in Outcome.values}


def file_import(*, batch: Import, candidate: Candidate, run: RunningJob) -> ImportEntry:
    """Import one file: store the original, then image and report line in one transaction of this attempt.

    Raises JobLost, and OSError for a disk that is full; every fault of the file itself becomes a refusal.
    """
    try:
        data = candidate.read()
        sha = hashlib.sha256(data).hexdigest()
        known = Image.objects.filter(dataset_id=batch.dataset_id, sha256=sha).first()
        if known is not None:
            return _again(batch, candidate.name, known, data, run)
        facts, pixels = inspect(data)
    except (FileRefused, PixelsRefused) as error:
        return _line(
            batch, candidate.name, run, outcome=Outcome.REFUSED, code=error.code, message=error.message
        )
    image = _image_of(batch, candidate, data, sha, facts, pixels)
    file_store(path=image.file, chunks=[data])
    code = facts.converted or ("" if _ending_fits(candidate.name, facts.format) else "extension_mismatch")
    try:
        with transaction.atomic():
            image.save()
            entry = _line(
                batch,
                candidate.name,
                run,
                outcome=Outcome.CONVERTED if facts.converted else Outcome.IMPORTED,
                code=code,
                message=_remark(candidate.name, facts),
                sha256=sha,
                image=image,
            )
    except IntegrityError:  # one_image_per_content: another import was faster with the same bytes
        known = Image.objects.get(dataset_id=batch.dataset_id, sha256=sha)
        return _again(batch, candidate.name, known, data, run)
    derivatives_make(image=image, pixels=pixels)
    return entry


def _candidates(batch: Import, run: RunningJob) -> Iterator[Candidate]:
    if token := run.job.params.get("upload"):
        return upload_candidates(upload_folder(token))
    return path_candidates(Path(batch.source))


def _chunk_end(fresh: list[int]) -> None:
    """Look up near duplicates of the images imported since the last time, and wake pre-labelling."""
    near_duplicates_record(image_ids=fresh)
    if fresh:
        message_send(task=PRELABEL_TASK)
    fresh.clear()


def _image_of(
    batch: Import, candidate: Candidate, data: bytes, sha: str, facts: ImageFacts, pixels: RgbPixels
) -> Image:
    provenance = {**batch.defaults, **candidate.provenance}
    policy = batch.dataset.policy
    return Image(
        dataset=batch.dataset,
        sha256=sha,
        file=f"originals/{batch.dataset_id}/{sha[:2]}/{sha}.{FORMATS[facts.format]}",
        name=shown_name(candidate.name, 500),
        bytes=len(data),
        format=facts.format,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        converted=facts.converted,
        phash=phash(pixels),
        split=split_draw(
            dataset_id=batch.dataset_id,
            policy=None if policy is None else policy.policy,
            sha256=sha,
            subject_key=provenance.get("subject_key", ""),
        ),
        **provenance,
    )


def _again(batch: Import, name: str, image: Image, data: bytes, run: RunningJob) -> ImportEntry:
    """A file whose bytes the dataset has already; a stored original that got lost is put back."""
    if not default_storage.exists(image.file):
        file_store(path=image.file, chunks=[data])
    same_name = image.name == shown_name(name, 500) or image.entries.filter(name=name).exists()
    return _line(
        batch,
        name,
        run,
        outcome=Outcome.UNCHANGED if same_name else Outcome.LINKED,
        code="" if same_name else "same_bytes",
        message="" if same_name else f"The same bytes are already there as {image.name}.",
        sha256=image.sha256,
        image=image,
    )


def _line(batch: Import, name: str, run: RunningJob, *, message: str, **columns: Any) -> ImportEntry:
    """A line of the report, written only while the job is this attempt's."""
    with transaction.atomic():
        run.fence()
        return ImportEntry.objects.create(batch=batch, name=name, message=message[:500], **columns)


def _ending_fits(name: str, format: str) -> bool:
    ending = PurePosixPath(name).suffix.lower()
    return ending == "" or ending in ENDINGS[format]


def _remark(name: str, facts: ImageFacts) -> str:
    remarks = []
    if facts.converted:
        remarks.append(f"Shown as 8-bit sRGB; the original is {facts.converted.replace('_', ' ')}.")
    if not _ending_fits(name, facts.format):
        remarks.append(f"The file is {facts.format}, whatever its name says.")
    return " ".join(remarks)
