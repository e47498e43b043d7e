"""Reads: images that wait for a machine's labels, or for new ones."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, RevisionKind
from annotator.images.models import Image, Split, Verdict
from annotator.jobs.models import LIVE, Job, JobKind


def images_waiting(*, dataset: Dataset) -> QuerySet[Image]:
    """Images of the dataset that no provider has labelled yet, and that none has failed on."""
    return _waiting().filter(dataset=dataset)


def images_failed(*, dataset: Dataset) -> QuerySet[Image]:
    """Images that could not be labelled; ``prelabel_error`` says why."""
    return Image.objects.filter(dataset=dataset, prelabelled_at=None).exclude(prelabel_error="")


def images_waiting_chunk(*, dataset: Dataset, after: int, limit: int) -> list[Image]:
    """The next waiting images that a machine may label, in id order (keyset); test images are not among them."""
    waiting = images_waiting(dataset=dataset).exclude(split=Split.TEST).filter(pk__gt=after)
    return list(waiting.order_by("pk")[:limit])


def images_waiting_blind(*, dataset: Dataset, limit: int) -> list[int]:
    """Ids of waiting images of the test split: people label them without seeing what a model says."""
    waiting = images_waiting(dataset=dataset).filter(split=Split.TEST).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:limit])


def images_to_relabel(*, dataset: Dataset, made_by: str) -> QuerySet[Image]:
    """Images on which new predictions of ``made_by`` go in: not swept yet, or with a face that nobody touched.

    Images that it labelled already are left out, so a job that was stopped goes on where it was; so are images
    without a model's labels: the test split, and those that could not be labelled. Whether a face was touched is
    looked at again, exactly, under the locks.
    """
    untouched = Face.objects.filter(
        image=OuterRef("pk"), state=FaceState.WAITING, current__kind=RevisionKind.PRELABEL
    )
    return (
        Image.objects.filter(dataset=dataset, verdict=Verdict.NONE, prelabelled_at__isnull=False)
        .exclude(prelabelled_by__in=("", made_by))
        .exclude(split=Split.TEST)
        .filter(Q(swept_at=None) | Exists(untouched))
    )


def images_to_relabel_chunk(*, dataset: Dataset, made_by: str, after: int, limit: int) -> list[Image]:
    """The next of ``images_to_relabel`` in id order (keyset)."""
    waiting = images_to_relabel(dataset=dataset, made_by=made_by).filter(pk__gt=after)
    return list(waiting.order_by("pk")[:limit])


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
