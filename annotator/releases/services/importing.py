"""Reading a release back in: images with their faces, from the native folder or from COCO JSON."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid, Problem
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import FaceState
from annotator.faces.services import face_import
from annotator.images.models import Image, Import, ImportEntry, Outcome, Split
from annotator.images.services.candidates import FileRefused, file_read_safely, shown_name
from annotator.images.services.derivatives import derivatives_make
from annotator.images.services.splits import split_draw
from annotator.images.services.storing import file_store
from annotator.work.services.opening import items_open_for_image
from jfa_pipeline.core.phash import phash
from jfa_pipeline.core.pixels import FORMATS, PixelsRefused, RgbPixels, inspect
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.coco import CocoInvalid, read_coco
from jfa_pipeline.formats.native import NativeFormatError, read_native
from jfa_pipeline.formats.records import ACCEPTED, ReleaseFace, ReleaseImage

MADE_BY: Final = "import"

Treatment = Literal["prelabel", "accepted"]
"""prelabel: people check every face. accepted: accepted faces stay accepted; ignore regions are to be labelled."""


@dataclass(frozen=True, slots=True)
class Source:
    """An opened release: its images with their faces, and where each picture's file lies."""

    path: Path
    root: Path
    policy: Policy | None
    entries: Iterator[tuple[ReleaseImage, Sequence[ReleaseFace]]]

    def file_of(self, image: ReleaseImage) -> Path:
        """The picture's file. Raises FileRefused ``unsafe_path`` for one outside the root."""
        name = image.path if image.sha256 else image.file_name
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise FileRefused(
                "unsafe_path", f"The name {name} points outside {self.root.name}; it was not followed."
            )
        return path


@dataclass(frozen=True, slots=True)
class ReleaseImported:
    """batch: the import with a line for each image; faces: how many came in, by state."""

    batch: Import
    faces: dict[str, int]


def source_open(*, path: Path, pictures: Path | None = None) -> Source:
    """Open a native folder, whose hashes are checked first, or a COCO file.

    pictures: the folder that a COCO file's names start from; if left out, the file's own folder, or the one
    above where it lies in ``coco`` inside a release. Raises Invalid ``not_a_release``.
    """
    try:
        if path.is_dir():
            native = read_native(path)
            return Source(path, path, native.policy, native.entries())
        coco = read_coco(path)
    except (NativeFormatError, CocoInvalid, OSError) as error:
        raise Invalid("not_a_release", f"{path} cannot be read as a release: {error}") from error
    beside = path.parent.parent if path.parent.name == "coco" else path.parent
    return Source(path, pictures or beside, coco.policy, coco.entries())


def release_import(
    *, dataset: Dataset, source: Source, treatment: Treatment, actor: User | None = None
) -> ReleaseImported:
    """Bring a release into a dataset, each image with its faces and work items in one transaction.

    An image whose picture (or whose original) the dataset has already is left as it is, so that an interrupted
    import goes on when it is repeated. An image that cannot come in is a line of the import with its reason;
    nothing of it is kept. An image of the native format keeps its split; test images are labelled blind, so as
    pre-labels their faces stay out. Raises Invalid ``no_policy``.
    """
    policy = dataset.policy
    if policy is None:
        raise Invalid("no_policy", "This dataset has no policy yet; publish one first.")
    with transaction.atomic():
        batch = Import.objects.create(dataset=dataset, source=str(source.path)[:1000], created_by=actor)
        audit(
            actor=actor,
            verb="release.imported",
            target=batch,
            dataset_id=dataset.pk,
            source=batch.source,
            treatment=treatment,
        )
    faces: Counter[str] = Counter()
    seen: set[str] = set()
    for record, own in source.entries:
        name = shown_name(record.path if record.sha256 else record.file_name)
        if name in seen:  # two originals that differ in their metadata only have one released picture
            continue
        seen.add(name)
        try:
            faces += _image_import(batch, policy, name, source.file_of(record), record, own, treatment)
        except (FileRefused, PixelsRefused, Problem) as error:
            ImportEntry.objects.create(
                batch=batch, name=name, outcome=Outcome.REFUSED, code=error.code, message=error.message[:500]
            )
    return ReleaseImported(batch, dict(faces))


def _image_import(
    batch: Import,
    policy: PolicyVersion,
    name: str,
    path: Path,
    record: ReleaseImage,
    faces: Sequence[ReleaseFace],
    treatment: Treatment,
) -> Counter[str]:
    data = file_read_safely(path)
    sha = hashlib.sha256(data).hexdigest()
    known = Image.objects.filter(
        dataset_id=batch.dataset_id, sha256__in={sha, record.original_sha256} - {""}
    ).first()
    if known is not None:
        ImportEntry.objects.create(batch=batch, name=name, outcome=Outcome.UNCHANGED, sha256=sha, image=known)
        return Counter()
    image, pixels = _image_of(batch, policy, record, data, sha)
    is_blind = image.split == Split.TEST and treatment == "prelabel"
    remarks = []
    if record.split in Split.values and image.split != record.split:
        remarks.append(f"Its subject is in the split {image.split} here, so it is no {record.split} image.")
    if is_blind:
        remarks.append(
            f"A test image is labelled blind: the faces that came with it ({len(faces)}) were left out."
        )
        faces, image.prelabelled_by = (), ""
    file_store(path=image.file, chunks=[data])
    counts: Counter[str] = Counter()
    with transaction.atomic():
        if record.swept and treatment == "accepted":
            image.swept_at = timezone.now()
        image.save()
        for face in faces:
            counts[_face_import(batch, policy, image, record, face, treatment)] += 1
        items_open_for_image(image=image)
        ImportEntry.objects.create(
            batch=batch,
            name=name,
            outcome=Outcome.IMPORTED,
            message=" ".join(remarks),
            sha256=sha,
            image=image,
        )
    derivatives_make(image=image, pixels=pixels)
    return counts


def _image_of(
    batch: Import, policy: PolicyVersion, record: ReleaseImage, data: bytes, sha: str
) -> tuple[Image, RgbPixels]:
    """The unsaved image and its upright pixels. Raises Invalid ``other_size``: the labels would not fit."""
    facts, pixels = inspect(data)
    if (facts.width, facts.height) != (record.width, record.height):
        raise Invalid(
            "other_size",
            f"The labels are for {record.width} x {record.height} px; the upright picture has "
            f"{facts.width} x {facts.height}.",
        )
    image = Image(
        dataset=batch.dataset,
        sha256=sha,
        file=f"originals/{batch.dataset_id}/{sha[:2]}/{sha}.{FORMATS[facts.format]}",
        name=shown_name(record.file_name, 500),
        bytes=len(data),
        format=facts.format,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        converted=facts.converted,
        phash=phash(pixels),
        split=split_draw(
            dataset_id=batch.dataset_id,
            policy=policy.policy,
            sha256=sha,
            subject_key=record.subject_key,
            told=Split(record.split) if record.split in Split.values else None,
        ),
        prelabelled_by=MADE_BY,
        prelabelled_at=timezone.now(),
        **{column: getattr(record, column) for column in ("source", "licence", "subject_key", "consent")},
    )
    return image, pixels


def _face_import(
    batch: Import,
    policy: PolicyVersion,
    image: Image,
    record: ReleaseImage,
    face: ReleaseFace,
    treatment: Treatment,
) -> str:
    """Import one face; the state that it got."""
    stays = treatment == "accepted" and face.status == ACCEPTED
    made = face_import(
        image=image,
        labels=replace(face.labels, age=face.age.mean),
        batch=batch,
        policy_version=policy,
        state=FaceState.ACCEPTED if stays else FaceState.WAITING,
        made_by=MADE_BY,
        ages=face.age if stays else None,
    )
    own: dict[str, Any] = {
        column: getattr(face, column)
        for column in ("subject_key", "consent")
        if getattr(face, column) != getattr(record, column)
    }
    for column, value in own.items():
        setattr(made, column, value)
    if own:
        made.save(update_fields=list(own))
    return made.state
