"""Uploads in portions: each lies on the disk when it is answered, so that a cut connection costs one portion only.

The browser makes the upload's id. The folder's name comes from it, the dataset and the person: nobody else's upload can
be written to, and no row is needed before the import begins.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid, Unavailable
from annotator.datasets.models import Dataset
from annotator.images.models import Import
from annotator.images.services.importing import import_record, provenance_checked
from annotator.images.services.sources import UPLOAD, upload_folder
from annotator.images.services.storing import file_read, file_store
from annotator.images.services.uploads import MAX_BYTES, MAX_FILES, index_store, size_checked
from annotator.jobs.models import Job

MAX_PORTIONS: Final = 100_000
READ: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that lies in an upload's folder: the ``number``-th of ``count``, ``size`` bytes."""

    stored: str
    name: str
    number: int
    count: int
    size: int


def upload_token(*, dataset: Dataset, actor: User, upload: UUID) -> str:
    """The name of the folder of this person's upload into this dataset."""
    return hashlib.sha256(f"{dataset.pk} {actor.pk} {upload}".encode()).hexdigest()[:32]


def portion_store(
    *,
    dataset: Dataset,
    actor: User,
    upload: UUID,
    portion: int,
    files: Sequence[UploadedFile[Any]],
    names: Sequence[str],
    pieces: Sequence[tuple[int, int]],
) -> dict[str, int]:
    """Write one portion to the disk; the same portion again replaces it. Returns the files and bytes it holds.

    ``names``: a path for each file. ``pieces``: for each file which part of it this is and of how many, from 0; empty
    for whole files. Raises Invalid, Conflict ``upload_finished``, Unavailable ``disk_full``.
    """
    if not 0 <= portion < MAX_PORTIONS:
        raise Invalid("portion", f"Portions are numbered from 0 to {MAX_PORTIONS - 1}.")
    if len(names) != len(files) or (pieces and len(pieces) != len(files)):
        raise Invalid("paths", "`paths`, and `pieces` if there are any, need one entry for each file.")
    if any(not 0 <= number < count <= MAX_PORTIONS for number, count in pieces):
        raise Invalid("pieces", "A piece is numbered from 0 to less than the number of pieces of its file.")
    token = upload_token(dataset=dataset, actor=actor, upload=upload)
    _is_open(token)
    folder = upload_folder(token)
    held: list[dict[str, Any]] = []
    try:
        for place, (file, name) in enumerate(zip(files, names, strict=True)):
            stored = f"{portion:06d}-{place:06d}"
            size = file_store(path=f"{folder}/{stored}", chunks=file.chunks())
            number, count = pieces[place] if pieces else (0, 1)
            held.append({"stored": stored, "name": name, "number": number, "count": count, "size": size})
        file_store(path=_list_of(folder, portion), chunks=[json.dumps(held).encode()])
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(
                "disk_full", "The server's disk is full; what was sent before is kept. Ask its admin."
            ) from error
        raise
    return {"files": len(held), "bytes": sum(one["size"] for one in held)}


def upload_finish(
    *, dataset: Dataset, actor: User, upload: UUID, portions: int, defaults: Mapping[str, str]
) -> Import:
    """Begin the import of an upload whose portions are all there. A repeat returns the import that was made.

    Raises Invalid ``portions_missing`` with their numbers, and whatever is wrong with files or manifest.
    """
    token = upload_token(dataset=dataset, actor=actor, upload=upload)
    if made := _made(dataset, token):
        return made
    kept = provenance_checked(defaults)
    folder = upload_folder(token)
    pieces = list(_pieces(folder, portions))
    if sum(piece.size for piece in pieces) > MAX_BYTES:
        raise Invalid("too_large", f"{MAX_BYTES // 1024**3} GB at once are the limit; send several batches.")
    files = _files(pieces)
    if len(files) > MAX_FILES:
        raise Invalid("too_many_files", f"{MAX_FILES} files at once are the limit; send several batches.")
    index_store(folder, [(_joined(folder, of_one), of_one[0].name) for of_one in files])
    with transaction.atomic():
        # Two finishes at once: the second waits here and finds what the first made.
        Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        return _made(dataset, token) or import_record(
            dataset=dataset, source=UPLOAD, defaults=kept, actor=actor, upload=token
        )


def _made(dataset: Dataset, token: str) -> Import | None:
    return Import.objects.filter(dataset=dataset, job__params__upload=token).first()


def _files(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of each file. Whole files of one name stay two; pieces of one name are one file."""
    whole = [[piece] for piece in pieces if piece.count == 1]
    cut: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.count > 1:
            cut.setdefault(piece.name, []).append(piece)
    return [*whole, *cut.values()]


def _is_open(token: str) -> None:
    if Job.objects.filter(params__upload=token).exists():
        raise Conflict("upload_finished", "This upload was finished; begin a new one for more files.")


def _list_of(folder: str, portion: int) -> str:
    return f"{folder}/portion-{portion:06d}.json"


def _pieces(folder: str, portions: int) -> Iterator[Piece]:
    if not 0 < portions <= MAX_PORTIONS:
        raise Invalid("no_files", "Send at least one photograph or zip file.")
    missing = [number for number in range(portions) if not default_storage.exists(_list_of(folder, number))]
    if missing:
        raise Invalid(
            "portions_missing",
            f"{len(missing)} of {portions} portions of this upload are missing; send them again.",
            portions=missing[:1000],
        )
    for number in range(portions):
        for held in json.loads(file_read(_list_of(folder, number))):
            yield Piece(**held)


def _joined(folder: str, pieces: Sequence[Piece]) -> str:
    """The stored name of a whole file, put together from its pieces where it came in several."""
    first = pieces[0]
    ordered = sorted(pieces, key=lambda piece: piece.number)
    if [piece.number for piece in ordered] != list(range(first.count)):
        raise Invalid("pieces", f"{first.name} did not arrive in full; send it again.")
    size_checked(first.name, sum(piece.size for piece in ordered))
    if first.count == 1:
        return first.stored

    def content() -> Iterator[bytes]:
        for piece in ordered:
            with default_storage.open(f"{folder}/{piece.stored}") as part:
                yield from part.chunks(READ)

    whole = f"whole-{first.stored}"
    file_store(path=f"{folder}/{whole}", chunks=content())
    return whole
