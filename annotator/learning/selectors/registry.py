"""Reads of the model registry: versions, the champion, and a verified file of a version on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, QuerySet

from annotator.accounts.models import User
from annotator.common.errors import Conflict, NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.images.services.storing import local_path
from annotator.jobs.models import LIVE, Job, JobKind
from annotator.learning.models import ModelState, ModelVersion, Promotion

READERS: Final = (Role.ADMIN, Role.RESEARCHER)
"""Who may see and download models. A network remembers something of the faces that it learnt from."""

CHUNK: Final = 1024 * 1024


class ModelFileCorrupt(Conflict):
    """The stored file of a model is gone, or is not the one that was registered."""

    def __init__(self, model: ModelVersion, found: str) -> None:
        super().__init__(
            "model_file",
            f"The stored file of model m{model.number} ({model.file}) {found}. It is not used. Put the "
            "original file back, or roll the champion back.",
            model=model.pk,
            number=model.number,
        )


def champion_of(dataset: Dataset) -> ModelVersion | None:
    """The model that pre-labels the dataset now; None: the coarse provider of the settings does."""
    return ModelVersion.objects.filter(dataset=dataset, state=ModelState.CHAMPION).first()


def model_list(*, dataset: Dataset) -> QuerySet[ModelVersion]:
    """Every version of a dataset's models, newest first."""
    return (
        ModelVersion.objects.filter(dataset=dataset)
        .select_related("parent", "created_by")
        .defer("card")
        .order_by("-number")
    )


def promotion_list(*, dataset: Dataset) -> QuerySet[Promotion]:
    """Every change of who pre-labels the dataset, newest first."""
    return (
        Promotion.objects.filter(dataset=dataset)
        .select_related("model", "previous", "actor", "relabel_job")
        .order_by("-pk")
    )


def promotions_to_relabel() -> QuerySet[Promotion]:
    """The latest change of each dataset whose untouched faces wait for new labels, where no such job is live."""
    later = Promotion.objects.filter(dataset=OuterRef("dataset"), pk__gt=OuterRef("pk"))
    live = Job.objects.filter(dataset=OuterRef("dataset"), kind=JobKind.PRELABEL, state__in=LIVE)
    return (
        Promotion.objects.filter(~Exists(later), ~Exists(live), relabel_job=None)
        .select_related("dataset", "actor")
        .order_by("pk")
    )


def model_access(
    *, user: User | AnonymousUser, model_id: int, roles: tuple[Role, ...] = READERS
) -> ModelVersion:
    """The model, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    model = ModelVersion.objects.select_related("parent", "created_by").filter(pk=model_id).first()
    if model is None:
        raise NotFound()
    model.dataset, _ = dataset_access(user=user, dataset_id=model.dataset_id, roles=roles)
    return model


def model_local_file(model: ModelVersion) -> Path:
    """The model's file on this machine's disk, its SHA-256 checked now.

    A local storage is read in place; from another one the file is fetched once into the folder of the setting
    JFA_MODEL_CACHE_DIR. Raises ModelFileCorrupt.
    """
    stored = local_path(model.file)
    if stored is not None:
        _check(model, stored)
        return stored
    kept = Path(settings.JFA_MODEL_CACHE_DIR) / f"{model.sha256}.pt"
    if not kept.exists() or file_sha256(kept) != model.sha256:
        _fetch(model, kept)
    return kept


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(model: ModelVersion, path: Path) -> None:
    try:
        digest = file_sha256(path)
    except FileNotFoundError as error:
        raise ModelFileCorrupt(model, "is gone") from error
    if digest != model.sha256:
        raise ModelFileCorrupt(
            model, f"was changed or damaged: its SHA-256 is {digest[:12]}…, not {model.sha256[:12]}…"
        )


def _fetch(model: ModelVersion, kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = kept.with_name(f".{kept.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with default_storage.open(model.file) as source, part.open("xb") as target:
            while data := source.read(CHUNK):
                target.write(data)
        _check(model, part)
        part.rename(kept)
    except FileNotFoundError as error:
        raise ModelFileCorrupt(model, "is gone") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
