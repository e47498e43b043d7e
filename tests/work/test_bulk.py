"""Orders for many faces: counted first, with the reasons for what is left alone, and then carried out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, FaceState
from annotator.faces.selectors import FaceFilter
from annotator.images.models import Image
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import JobCancelled
from annotator.work.models import ItemState, PassKind, Priority, Skip, WorkItem
from annotator.work.selectors.bulk import Action, Order, order_plan
from annotator.work.services import bulk
from annotator.work.services.bulk import order_run, order_start
from tests.cast import FaceFactory, ImageFactory
from tests.work.bulk_orders import attempt, carry_out, open_item, timed_pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


def reopen(**wanted: Any) -> Order:
    return Order(action=Action.REOPEN, faces=FaceFilter(**wanted), reason="New rule.")


def assign(person: User, **wanted: Any) -> Order:
    return Order(action=Action.ASSIGN, faces=FaceFilter(**wanted), person=person.pk)


def prioritise(level: Priority, **wanted: Any) -> Order:
    return Order(action=Action.PRIORITISE, faces=FaceFilter(**wanted), level=level)


def test_it_says_how_many_faces_it_reopens_and_why_not_the_others(
    dataset: Dataset, image: Image, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    for _ in range(3):
        face_factory(image, state=FaceState.ACCEPTED)
    face_factory(image)
    face_factory(image, (10, 10, 40, 60), state=FaceState.TOO_SMALL)
    face_factory(image_factory(dataset, verdict="rejected"), state=FaceState.ACCEPTED)
    plan = order_plan(dataset=dataset, order=reopen())
    assert (plan.touched, plan.left, plan.total) == (3, {"in_work": 1, "too_small": 1, "image_verdict": 1}, 6)
    assert Face.objects.filter(round=2).count() == 0


def test_it_reopens_exactly_those_with_a_reason_and_an_entry_for_each(
    dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User
) -> None:
    closed = [face_factory(image, state=FaceState.ACCEPTED, age_mean=30.0, age_n=3) for _ in range(3)]
    waiting = face_factory(image)
    done = carry_out(dataset=dataset, order=reopen(), actor=admin)
    assert done["touched"] == 3
    assert [(row["code"], row["count"]) for row in done["left"]] == [("in_work", 1)]
    again = Face.objects.filter(round=2)
    assert set(again) == set(closed)
    assert {(f.state, f.age_mean, f.age_n, f.accepted_policy, f.closed_at) for f in again} == {
        ("waiting", None, 0, None, None)
    }
    for face in closed:
        item = open_item(face)
        assert (item.kind, item.round, item.reason) == ("annotate", 2, "Reopened: New rule.")
    assert open_item(waiting).round == 1
    entries = AuditEntry.objects.filter(verb="face.reopened")
    assert {entry.target_id for entry in entries} == {face.pk for face in closed}
    assert entries[0].details == {"reason": "New rule.", "before": {"state": "accepted", "round": 1}}
    assert AuditEntry.objects.get(verb="bulk.reopen").details["count"] == 3


def test_it_estimates_the_hours_from_the_median_of_real_passes(
    dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User, ann2: User
) -> None:
    for seconds in (10.0, 40.0, 600.0):
        timed_pass(open_item(face_factory(image)), ann1, seconds=seconds)
    timed_pass(open_item(face_factory(image)), ann2, kind=PassKind.CHECK, seconds=10.0)
    for _ in range(90):
        face_factory(image, state=FaceState.ACCEPTED)
    effort = order_plan(dataset=dataset, order=reopen(state=FaceState.ACCEPTED)).effort
    assert {kind: n for kind, n in effort.passes.items() if n} == {"annotate": 90, "check": 180}
    assert effort.hours == pytest.approx((90 * 40 + 180 * 10) / 3600)
    assert effort.times[PassKind.ANNOTATE].n == 3


def test_it_gives_no_hours_where_nobody_made_such_a_pass_yet(
    dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User
) -> None:
    timed_pass(open_item(face_factory(image)), ann1)
    face_factory(image, state=FaceState.ACCEPTED)
    effort = order_plan(dataset=dataset, order=reopen()).effort
    assert (effort.hours, effort.unknown) == (None, [PassKind.CHECK])


def test_it_leaves_alone_what_the_person_may_not_take_and_says_so(
    dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User, ann2: User, admin: User
) -> None:
    free, worked, over, held, disputed, own = (face_factory(image) for _ in range(6))
    closed = face_factory(image, state=FaceState.ACCEPTED)
    item = open_item(worked)
    timed_pass(item, ann1)
    WorkItem.objects.filter(pk=item.pk).update(kind=PassKind.CHECK, pass_number=1)
    Skip.objects.create(item=open_item(over), user=ann1, reason="no")
    WorkItem.objects.filter(face=disputed).update(kind=PassKind.ADJUDICATE)
    soon = timezone.now() + timedelta(minutes=5)
    for face, holder in ((held, ann2), (own, ann1)):
        WorkItem.objects.filter(face=face).update(
            leased_to=holder, lease_token="6f0b3c80-0000-4000-8000-000000000002", leased_until=soon
        )
    order = assign(ann1)
    plan = order_plan(dataset=dataset, order=order)
    left = {"worked": 1, "passed_over": 1, "held": 1, "role": 1, "no_work": 1}
    assert (plan.touched, plan.left) == (2, left)
    assert carry_out(dataset=dataset, order=order, actor=admin)["touched"] == 2
    reserved = set(WorkItem.objects.filter(reserved_for=ann1).values_list("face_id", flat=True))
    assert reserved == {free.pk, own.pk}
    assert closed.pk not in reserved
    assert order_plan(dataset=dataset, order=order).left["same"] == 2


def test_it_ignores_gold_items_and_work_of_earlier_rounds(
    dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User
) -> None:
    face = face_factory(image, round=2)
    timed_pass(open_item(face), ann1, round=1)
    assert order_plan(dataset=dataset, order=assign(ann1)).touched == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "researcher"}, {"paused_at": "now"}])
def test_it_assigns_nothing_to_somebody_who_may_not_label_now(
    change: dict[str, Any], dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User, admin: User
) -> None:
    face_factory(image)
    columns = {key: timezone.now() if value == "now" else value for key, value in change.items()}
    Membership.objects.filter(user=ann1).update(**columns)
    with pytest.raises(Invalid, match="Ann1 cannot be given work"):
        order_start(dataset=dataset, order=assign(ann1), actor=admin)


def test_it_releases_an_assignment(
    dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User, ann2: User, admin: User
) -> None:
    mine, other = face_factory(image), face_factory(image)
    WorkItem.objects.filter(face=mine).update(reserved_for=ann1)
    WorkItem.objects.filter(face=other).update(reserved_for=ann2)
    order = Order(action=Action.RELEASE, faces=FaceFilter(assigned=ann1.pk))
    assert carry_out(dataset=dataset, order=order, actor=admin)["touched"] == 1
    assert open_item(mine).reserved_for is None
    assert open_item(other).reserved_for == ann2


def test_it_gives_a_priority_and_takes_it_back(
    dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User
) -> None:
    plain, doubted = face_factory(image), face_factory(image, needs_person="two detectors differ")
    disputed, closed = face_factory(image), face_factory(image, state=FaceState.ACCEPTED)
    WorkItem.objects.filter(face=disputed).update(kind=PassKind.ADJUDICATE)
    done = carry_out(dataset=dataset, order=prioritise(Priority.LATER), actor=admin)
    assert (done["touched"], done["left"][0]["code"]) == (3, "no_work")
    assert set(WorkItem.objects.values_list("priority", flat=True)) == {Priority.LATER}
    carry_out(dataset=dataset, order=prioritise(Priority.NORMAL), actor=admin)
    levels = dict(WorkItem.objects.values_list("face_id", "priority"))
    assert levels == {plain.pk: 0, doubted.pk: Priority.DOUBTFUL, disputed.pk: Priority.DOUBTFUL}
    assert set(Face.objects.values_list("chosen_level", flat=True)) == {0}
    assert closed.chosen_level == 0


def test_it_reaches_only_the_faces_that_were_there_when_it_was_ordered(
    dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User
) -> None:
    face_factory(image)
    job, _ = order_start(dataset=dataset, order=prioritise(Priority.URGENT), actor=admin)
    late = face_factory(image)
    assert order_run(run=attempt(job))["touched"] == 1
    assert open_item(late).priority == Priority.NORMAL


def test_it_touches_nothing_of_another_dataset(
    dataset: Dataset,
    other_dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    admin: User,
) -> None:
    other = face_factory(image_factory(other_dataset), state=FaceState.ACCEPTED)
    assert carry_out(dataset=dataset, order=reopen(ids=(other.pk,)), actor=admin)["touched"] == 0
    other.refresh_from_db()
    assert other.state == FaceState.ACCEPTED


def test_it_goes_on_after_a_killed_attempt_and_does_nothing_twice(
    dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        face_factory(image, state=FaceState.ACCEPTED)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    job, _ = order_start(dataset=dataset, order=reopen(), actor=admin)
    assert (job.total, job.message) == (5, "5 faces to be reopened")
    first = attempt(job)
    chunks = iter([None, None])

    def killed_in_the_third_chunk() -> None:
        if next(chunks, "gone") == "gone":
            raise KeyboardInterrupt

    monkeypatch.setattr(first, "fence", killed_in_the_third_chunk)
    with pytest.raises(KeyboardInterrupt):
        order_run(run=first)
    assert Face.objects.filter(round=2).count() == 4
    face = Face.objects.filter(round=2).first()
    assert face is not None
    WorkItem.objects.filter(face=face).update(state=ItemState.DONE)
    Face.objects.filter(pk=face.pk).update(  # accepted again before the next attempt
        state=FaceState.ACCEPTED, accepted_policy=dataset.policy, closed_at=timezone.now()
    )
    job.refresh_from_db()
    result = order_run(run=attempt(job))
    assert result["touched"] == 5
    assert set(Face.objects.values_list("round", flat=True)) == {2}
    job.refresh_from_db()
    assert (job.done, job.message) == (5, "5 faces reopened")


def test_it_stops_between_two_chunks_when_it_is_cancelled(
    dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        face_factory(image, state=FaceState.ACCEPTED)
    monkeypatch.setattr(bulk, "CHUNK", 1)
    job, _ = order_start(dataset=dataset, order=reopen(), actor=admin)
    run = attempt(job)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    with pytest.raises(JobCancelled):
        order_run(run=run)
    assert Face.objects.filter(round=2).count() == 1
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING  # run_job writes the end


def test_it_needs_as_many_statements_for_many_faces_as_for_one(
    dataset: Dataset,
    image: Image,
    face_factory: FaceFactory,
    admin: User,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(30):
        face_factory(image, state=FaceState.ACCEPTED)
    job, _ = order_start(dataset=dataset, order=reopen(), actor=admin)
    run = attempt(job)
    with django_assert_max_num_queries(28):
        order_run(run=run)
    assert Face.objects.filter(round=2).count() == 30


def test_it_wants_a_reason_for_reopening(dataset: Dataset, admin: User) -> None:
    with pytest.raises(Invalid, match="Say why"):
        order_start(dataset=dataset, order=Order(action=Action.REOPEN, reason=" "), actor=admin)
