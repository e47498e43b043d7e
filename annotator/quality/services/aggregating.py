"""Combining accepted labels again from everything people said, as one act that can be undone as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision
from annotator.faces.services import faces_lock
from annotator.jobs.models import LIVE, Job, JobKind
from annotator.jobs.running import RunningJob
from annotator.jobs.services import job_create
from annotator.quality.models import AggregatedFace, Aggregation
from annotator.quality.selectors.opinions import FREE_KINDS
from annotator.quality.services.aggregation_plan import AggregationPlan, aggregation_plan, target_labels
from annotator.work.selectors.versions import OPINIONS
from annotator.work.selectors.withdrawn import not_taken_back
from annotator.work.services.combining import aggregate_create

TASK: Final = "quality.aggregate"
CHUNK: Final = 100

AGES_WRITE = """
UPDATE faces_face AS f SET age_corrected = v.age, age_corrected_error = v.error
FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) AS v(id, age, error)
WHERE f.id = v.id AND f.state = 'accepted'
  AND (f.age_corrected IS DISTINCT FROM v.age OR f.age_corrected_error IS DISTINCT FROM v.error)
"""


@transaction.atomic
def aggregation_start(*, dataset: Dataset, actor: User, reason: str, dry_run: bool) -> Job:
    """A queued job that combines the accepted faces again; ``dry_run`` only counts what it would change.

    Locks the dataset row. Raises Invalid ``reason_missing`` for a real one without a reason, Conflict
    ``aggregation_running`` while another one runs.
    """
    reason = reason.strip()
    if not dry_run and not reason:
        raise Invalid("reason_missing", "Say why: the reason stands beside the aggregation and in the audit.")
    _none_is_running(dataset)
    job = job_create(
        dataset=dataset,
        kind=JobKind.AGGREGATE,
        task=TASK,
        params={"what": "dry_run" if dry_run else "write", "reason": reason[:300]},
        created_by=actor,
    )
    if not dry_run:
        audit(actor=actor, verb="aggregation.start", target=job, dataset_id=dataset.pk, reason=reason)
    return job


@transaction.atomic
def aggregation_undo_start(*, aggregation: Aggregation, actor: User, reason: str) -> Job:
    """A queued job that takes an aggregation back. Locks the dataset row.

    Raises Invalid ``reason_missing``, Conflict ``aggregation_unfinished``, ``aggregation_undone``,
    ``aggregation_running``.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("reason_missing", "Say why the aggregation is taken back.")
    _none_is_running(aggregation.dataset)
    aggregation.refresh_from_db()
    if aggregation.undone_at is not None:
        raise Conflict("aggregation_undone", "This aggregation was taken back before.")
    if aggregation.finished_at is None:
        raise Conflict(
            "aggregation_unfinished",
            "This aggregation did not end: try its job again first, so that all of it can be taken back.",
        )
    job = job_create(
        dataset=aggregation.dataset,
        kind=JobKind.AGGREGATE,
        task=TASK,
        params={"what": "undo", "aggregation": aggregation.pk, "reason": reason[:300]},
        created_by=actor,
    )
    audit(
        actor=actor,
        verb="aggregation.undo",
        target=aggregation,
        dataset_id=aggregation.dataset_id,
        reason=reason,
    )
    return job


def aggregation_run(*, run: RunningJob) -> dict[str, Any]:
    """The body of an aggregate job: plan, and write or only count; or undo. May be run again from the start."""
    what = run.job.params["what"]
    if what == "undo":
        return _undo(run)
    dataset = Dataset.objects.select_related("policy").get(pk=run.job.dataset_id)
    version = dataset.policy
    assert version is not None  # noqa: S101  # made together with the dataset
    total = Face.objects.filter(dataset=dataset, state=FaceState.ACCEPTED).count()
    run.progress(0, total=total, message="Reading what people said")
    plan = aggregation_plan(
        dataset=dataset,
        policy=version.policy,
        tick=lambda done, message: run.progress(done, message=message),
    )
    if what == "dry_run":
        return {**plan.figures, "dry_run": True, "would_change": _count_changes(run, plan, version)}
    return _write(run, plan, version)


def _count_changes(run: RunningJob, plan: AggregationPlan, version: PolicyVersion) -> int:
    changes = 0
    for ids in _batches(_candidates(plan), CHUNK):
        faces = list(Face.objects.filter(pk__in=ids).select_related("current").order_by("pk"))
        changes += len(_targets(faces, plan, version))
        run.check()
    return changes


def _write(run: RunningJob, plan: AggregationPlan, version: PolicyVersion) -> dict[str, Any]:
    aggregation = _aggregation_of(run, version)
    run.progress(0, total=plan.faces, message="Writing combined labels")
    for ids in _batches(_candidates(plan), CHUNK):
        _write_labels(run, aggregation, ids, plan, version)
        run.check()
    ages = 0
    for number, ids in enumerate(_batches(sorted(plan.ages), CHUNK * 10)):
        ages += _write_ages(run, ids, plan)
        run.progress(min(plan.faces, number * CHUNK * 10), message="Writing corrected ages")
    changed = aggregation.faces.count()
    figures = {**plan.figures, "changed": changed, "ages_changed": ages}
    with transaction.atomic():
        run.fence()
        aggregation.figures, aggregation.finished_at = figures, timezone.now()
        aggregation.save(update_fields=["figures", "finished_at"])
    return {**figures, "aggregation": aggregation.pk}


def _aggregation_of(run: RunningJob, version: PolicyVersion) -> Aggregation:
    """The row of this job; a later attempt goes on with the one that an earlier attempt made."""
    with transaction.atomic():
        run.fence()
        found = Aggregation.objects.filter(dataset_id=run.job.dataset_id, rule__job=run.job.pk).first()
        return found or Aggregation.objects.create(
            dataset_id=run.job.dataset_id,
            rule={
                "job": run.job.pk,
                "reason": run.job.params["reason"],
                "attributes_by": version.policy.attributes_by,
                "policy_version": version.version,
            },
            created_by=run.job.created_by,
        )


def _candidates(plan: AggregationPlan) -> list[int]:
    return sorted({*plan.changed_words, *plan.shapes})


@transaction.atomic
def _write_labels(
    run: RunningJob,
    aggregation: Aggregation,
    ids: Sequence[int],
    plan: AggregationPlan,
    version: PolicyVersion,
) -> None:
    """New versions of up to CHUNK faces that are still accepted, in one short transaction."""
    run.fence()
    faces = faces_lock(pk__in=ids, state=FaceState.ACCEPTED)
    rows = []
    for face, labels in _targets(faces, plan, version):
        before = face.current
        after = aggregate_create(
            face=face,
            labels=labels,
            policy_version=version,
            made_by=f"aggregation {aggregation.pk}",
            comment=f"Words by {version.policy.attributes_by.replace('_', ' ')}, points by their median.",
        )
        rows.append(AggregatedFace(aggregation=aggregation, face=face, before=before, after=after))
    AggregatedFace.objects.bulk_create(rows, ignore_conflicts=True)


def _targets(faces: list[Face], plan: AggregationPlan, version: PolicyVersion) -> list[tuple[Face, Any]]:
    """Those of the faces whose labels would differ, with what they would be; one query."""
    free = [face for face in faces if face.current is not None and face.current.kind in FREE_KINDS]
    said: dict[int, list[Revision]] = defaultdict(list)
    for revision in (
        Revision.objects.filter(not_taken_back(), face__in=free, kind__in=OPINIONS)
        .select_related("policy")
        .order_by("pk")
    ):
        said[revision.face_id].append(revision)
    found = []
    for face in free:
        of_round = [revision for revision in said[face.pk] if revision.round == face.round]
        labels = target_labels(face, of_round, plan, version.policy)
        assert face.current is not None  # noqa: S101  # free faces have one
        if not labels.same_but_age(face.current.labels):
            found.append((face, labels))
    return found


@transaction.atomic
def _write_ages(run: RunningJob, ids: Sequence[int], plan: AggregationPlan) -> int:
    run.fence()
    list(Face.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            AGES_WRITE, [list(ids), [plan.ages[pk][0] for pk in ids], [plan.ages[pk][1] for pk in ids]]
        )
        changed: int = cursor.rowcount
    return changed


def _undo(run: RunningJob) -> dict[str, Any]:
    """Point every face back that is as the aggregation left it; the others were worked on since and stay.

    Corrected ages are cleared unless a later aggregation wrote them: they hold for the people and gold of one
    aggregation only, and the next one makes them again.
    """
    aggregation = Aggregation.objects.get(pk=run.job.params["aggregation"])
    total = aggregation.faces.count()
    restored, after = int(run.job.result.get("restored", 0)), int(run.job.result.get("after", 0))
    while rows := list(aggregation.faces.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        with transaction.atomic():
            run.fence()
            before_of = {row.face_id: (row.before_id, row.after_id) for row in rows}
            for face in faces_lock(pk__in=before_of, state=FaceState.ACCEPTED):
                before, made = before_of[face.pk]
                if face.current_id == made:
                    Face.objects.filter(pk=face.pk).update(current_id=before)
                    restored += 1
            after = rows[-1].pk
            run.checkpoint({"restored": restored, "after": after})
        run.progress(restored, total=total, message="Taking back combined labels")
    later = Aggregation.objects.filter(
        dataset=aggregation.dataset, pk__gt=aggregation.pk, undone_at__isnull=True
    )
    if not later.exists():
        _clear_ages(run, dataset_id=aggregation.dataset_id)
    with transaction.atomic():
        run.fence()
        aggregation.undone_at, aggregation.undone_by = timezone.now(), run.job.created_by
        aggregation.save(update_fields=["undone_at", "undone_by"])
    return {"restored": restored, "left": total - restored, "aggregation": aggregation.pk}


def _clear_ages(run: RunningJob, *, dataset_id: int) -> None:
    """Corrected ages of a dataset, a chunk of faces in a transaction."""
    after = 0
    while ids := list(
        Face.objects.filter(dataset_id=dataset_id, pk__gt=after)
        .order_by("pk")
        .values_list("pk", flat=True)[: CHUNK * 10]
    ):
        with transaction.atomic():
            run.fence()
            faces_lock(pk__in=ids, age_corrected__isnull=False)
            Face.objects.filter(pk__in=ids).update(age_corrected=None, age_corrected_error=None)
        after = ids[-1]
        run.check()


def _none_is_running(dataset: Dataset) -> None:
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    if Job.objects.filter(dataset=dataset, kind=JobKind.AGGREGATE, state__in=LIVE).exists():
        raise Conflict(
            "aggregation_running", "An aggregation of this dataset runs already: wait for its end."
        )


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
