"""Reads: images that wait for a machine's labels, or for new ones."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Verdict
from annotator.jobs.models import LIVE, Job, JobKind


def images_waiting(*, dataset: Dataset) -> QuerySet[Image]:
    """Images of the dataset that no provider has labelled yet, and that none has failed on."""
    return _waiting().filter(dataset=dataset)


def images_failed(*, dataset: Dataset) -> QuerySet[Image]:
    """Images that could not be labelled; ``prelabel_error`` says why."""
    return Image.objects.filter(dataset=dataset, prelabelled_at=None).exclude(prelabel_error="")


def images_waiting_after(*, dataset: Dataset, after: int, limit: int) -> list[int]:
    """Ids of the next waiting images in id order (keyset)."""
    waiting = images_waiting(dataset=dataset).filter(pk__gt=after).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:limit])


def datasets_to_prelabel() -> QuerySet[Dataset]:
    """Datasets with waiting images and no pre-label job that is queued or running."""
    waiting = _waiting().filter(dataset=OuterRef("pk"))
    live = Job.objects.filter(dataset=OuterRef("pk"), kind=JobKind.PRELABEL, state__in=LIVE)
    return Dataset.objects.filter(Exists(waiting), ~Exists(live)).order_by("pk")


def prelabel_jobs_latest(*, dataset: Dataset, limit: int) -> list[Job]:
    """The newest pre-label jobs of the dataset, newest first."""
    return list(Job.objects.filter(dataset=dataset, kind=JobKind.PRELABEL).order_by("-pk")[:limit])


def _waiting() -> QuerySet[Image]:
    return Image.objects.filter(prelabelled_at=None, verdict=Verdict.NONE, prelabel_error="")
