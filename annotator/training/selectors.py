"""Reads about training runs: who may see one, its curve points, what its release has to teach, what is due."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.jobs.models import LIVE, Job, JobKind
from annotator.learning.models import ModelVersion
from annotator.releases.models import Release
from annotator.training.models import RunPhase, TrainingPoint, TrainingRun, TrainingSettings

READERS: Final = (Role.ADMIN, Role.RESEARCHER)

# Labels of a release that the release before it does not have: another face, or another value on the same face.
NEW_LABELS: Final = """
SELECT count(*),
       count(*) FILTER (WHERE r.landmarks IS NOT NULL),
       count(*) FILTER (WHERE f.age_mean IS NOT NULL OR r.gender IS NOT NULL OR r.ethnicity IS NOT NULL),
       count(*) FILTER (WHERE b.id IS NULL OR (r.x1, r.y1, r.x2, r.y2) <> (p.x1, p.y1, p.x2, p.y2)),
       count(*) FILTER (WHERE r.landmarks IS NOT NULL AND (b.id IS NULL
           OR (r.landmarks, r.visibility) IS DISTINCT FROM (p.landmarks, p.visibility))),
       count(*) FILTER (WHERE (f.age_mean IS NOT NULL OR r.gender IS NOT NULL OR r.ethnicity IS NOT NULL)
           AND (b.id IS NULL
           OR (f.age_mean, r.gender, r.ethnicity) IS DISTINCT FROM (b.age_mean, p.gender, p.ethnicity)))
FROM releases_releaseface f
JOIN faces_revision r ON r.id = f.revision_id
LEFT JOIN releases_releaseface b
    ON b.release_id = %(before)s AND b.face_id = f.face_id AND NOT b.is_ignored
LEFT JOIN faces_revision p ON p.id = b.revision_id
WHERE f.release_id = %(release)s AND NOT f.is_ignored
"""
KINDS: Final = ("boxes", "landmarks", "attributes")


def run_list(*, dataset: Dataset) -> QuerySet[TrainingRun]:
    """The runs of a dataset with what their rows show; newest first is the caller's page order."""
    return TrainingRun.objects.filter(dataset=dataset).select_related(
        "job", "release__job", "parent", "model", "created_by"
    )


def run_access(*, user: User | AnonymousUser, run_id: int, roles: tuple[Role, ...] = READERS) -> TrainingRun:
    """The run, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    run = (
        TrainingRun.objects.select_related("job", "release__job", "parent", "model", "created_by", "dataset")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=run.dataset_id, roles=roles)
    return run


def points_after(*, run: TrainingRun, after: int, limit: int) -> list[TrainingPoint]:
    """The next points in the order they were written (keyset by ``seq``)."""
    return list(TrainingPoint.objects.filter(run=run, seq__gt=after).order_by("seq")[:limit])


def live_run(*, dataset: Dataset) -> TrainingRun | None:
    """The run of the dataset that waits for its release or whose job is queued or running."""
    runs = TrainingRun.objects.filter(dataset=dataset).select_related("job")
    waiting = runs.filter(phase=RunPhase.WAITING_RELEASE).first()
    return waiting or runs.filter(job__state__in=LIVE).first()


def live_train_job(*, dataset: Dataset) -> Job | None:
    """The training job of the dataset that is queued or running."""
    return Job.objects.filter(dataset=dataset, kind=JobKind.TRAIN, state__in=LIVE).first()


def runs_waiting() -> QuerySet[TrainingRun]:
    """Runs whose release is not written yet, oldest first."""
    return (
        TrainingRun.objects.filter(phase=RunPhase.WAITING_RELEASE)
        .select_related("release__job", "dataset")
        .order_by("pk")
    )


def release_labels(*, release: Release, parent: ModelVersion | None) -> tuple[dict[str, int], dict[str, int]]:
    """(all, new) numbers of labels by kind (boxes, landmarks, attributes) of the release's accepted faces.

    New: on a face, or with a value, that the release which ``parent`` learnt from does not have. Everything is
    new without a parent, or if its release is not one of this dataset. One query.
    """
    before = None
    if parent is not None and parent.release_number is not None:
        before = (
            Release.objects.filter(dataset_id=release.dataset_id, number=parent.release_number)
            .values_list("pk", flat=True)
            .first()
        )
    with connection.cursor() as cursor:
        cursor.execute(NEW_LABELS, {"release": release.pk, "before": before})
        counts = cursor.fetchone()
    return dict(zip(KINDS, counts[:3], strict=True)), dict(zip(KINDS, counts[3:], strict=True))


def settings_of(*, dataset: Dataset) -> TrainingSettings:
    """The dataset's settings, or the defaults (not stored) with which nothing starts by itself."""
    found = TrainingSettings.objects.filter(dataset=dataset).first()
    return found if found is not None else TrainingSettings(dataset=dataset)


def settings_automatic() -> QuerySet[TrainingSettings]:
    """The settings of every dataset that starts runs by itself."""
    return (
        TrainingSettings.objects.filter(is_automatic=True)
        .select_related("dataset__policy")
        .order_by("dataset_id")
    )


def runs_latest(*, dataset: Dataset, limit: int) -> list[TrainingRun]:
    """The newest runs of the dataset, newest first, with their jobs and releases."""
    runs = TrainingRun.objects.filter(dataset=dataset).select_related("job", "release")
    return list(runs.order_by("-pk")[:limit])


def faces_accepted_since(*, dataset: Dataset, release: Release | None, most: int) -> int:
    """Faces accepted after the release was frozen, counted up to ``most``; all accepted ones without a release."""
    accepted = Face.objects.filter(dataset=dataset, state=FaceState.ACCEPTED)
    if release is not None:
        accepted = accepted.filter(closed_at__gt=release.created_at)
    return accepted.values("pk")[:most].count()
