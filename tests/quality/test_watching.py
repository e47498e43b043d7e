"""Answers to gold become skill, warnings and pauses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership
from annotator.datasets.services import member_resume
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.quality.selectors.gold_answers import (
    answers_to_gold,
    answers_to_second_sweeps,
    failed,
    rule_of,
)
from annotator.quality.selectors.skill import advice_of, people_skill
from annotator.quality.services.watching import people_judge, person_judge
from annotator.work.models import Gold, ItemState, Pass, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.watch import Verdict
from tests.cast import FaceFactory, ImageFactory, face_labels, face_points
from tests.quality.gold_cast import BOX, accepted_face, make_gold, policy_set
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db

Golds = Callable[[int, PassKind], list[Gold]]


@pytest.fixture
def golds(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User) -> Golds:
    """``golds(n, kind)``: so many gold faces of a kind, on one image."""

    def make(count: int, kind: PassKind) -> list[Gold]:
        image = image_factory(dataset)
        faces = [accepted_face(dataset, image_factory, face_factory, image=image) for _ in range(count)]
        return [
            make_gold(face, kind, admin, *(["gender"] if kind == PassKind.CHECK else [])) for face in faces
        ]

    return make


def answer(gold: Gold, user: User, labels: FaceLabels | None = None, **said: Any) -> Pass:
    """A person's answer to gold, stored as a submit stores it."""
    item = WorkItem.objects.create(
        dataset=gold.dataset,
        image=gold.image,
        face=None if gold.kind == PassKind.SWEEP else gold.face,
        kind=gold.kind,
        pass_number=int(gold.kind == PassKind.CHECK),
        state=ItemState.DONE,
        reserved_for=user,
        gold=gold,
    )
    revision = None
    if labels is not None:
        revision = Revision.objects.create(
            face=gold.face, kind=RevisionKind.PLANTED, author=user, **Revision.columns_of(labels)
        )
    return Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset=gold.dataset,
        image=gold.image,
        face=item.face,
        round=1,
        kind=gold.kind,
        user=user,
        revision=revision,
        is_gold=True,
        active_ms=20_000,
        answer={"state": "checking", **said},
    )


def membership_of(user: User) -> Membership:
    return Membership.objects.select_related("dataset__policy", "user").get(user=user)


def policy_of(dataset: Dataset) -> Policy:
    assert dataset.policy is not None
    return dataset.policy.policy


def test_it_judges_each_kind_of_answer(dataset: Dataset, golds: Golds, ann1: User) -> None:
    (first,), (check, other), (sweep, missed) = (
        golds(1, PassKind.ANNOTATE),
        golds(2, PassKind.CHECK),
        golds(2, PassKind.SWEEP),
    )
    answer(first, ann1, face_labels(BOX, age=50.0, gender="male"))
    assert check.planted is not None
    answer(check, ann1, check.planted.labels, verdict="accept")
    answer(other, ann1, face_labels(BOX), verdict="save")
    answer(sweep, ann1, sent={"added": [[102, 98, 300, 338]]})
    answer(missed, ann1, sent={"added": [[400, 10, 450, 60]]})
    policy = policy_of(dataset)
    told = [failed(each, policy, rule_of(policy)) for each in answers_to_gold(dataset=dataset, policy=policy)]
    assert told == [("age", "gender"), ("planted_checks",), (), (), ("sweeps",)]


def test_it_takes_a_disputed_check_for_one_that_saw_the_fault(
    dataset: Dataset, golds: Golds, ann1: User
) -> None:
    (check,) = golds(1, PassKind.CHECK)
    assert check.planted is not None
    answer(check, ann1, check.planted.labels, verdict="dispute")
    (judged,) = answers_to_gold(dataset=dataset, policy=policy_of(dataset))
    assert judged.waved_through is False


def test_it_measures_a_persons_bias_and_where_their_points_lie(
    dataset: Dataset, golds: Golds, ann1: User
) -> None:
    """Ages 33 for a mean of 30; the jaw 10 pixels low of a face whose sides are 200 and 240 pixels."""
    points = face_points(BOX)
    points[:17, 1] += 10
    for number, gold in enumerate(golds(8, PassKind.ANNOTATE)):
        moved = points + number / 100
        answer(gold, ann1, face_labels(BOX, age=32.0 + 2 * (number % 2), landmarks=moved))
    person = next(
        p for p in people_skill(dataset=dataset, policy=policy_of(dataset)) if p.membership.user == ann1
    )
    assert person.skill.age_bias_years.value == pytest.approx(3.0)
    jaw = person.skill.offsets["jaw"]
    assert (jaw.y.value, jaw.is_systematic) == (pytest.approx(10 / (200 * 240) ** 0.5, abs=0.001), True)
    assert person.faces_per_hour == pytest.approx(180)
    assert advice_of(person.skill) == ["Your jaw points lie 5 % too low (of the face's size) on average."]


def test_it_tells_people_their_habits_only_after_many_answers(
    dataset: Dataset, golds: Golds, desk: Desks, ann1: User, ann2: User
) -> None:
    """With one answer more or less a sentence would tell what the last face was."""
    points = face_points(BOX)
    points[:17, 0] -= 8
    told = []
    for number, gold in enumerate(golds(20, PassKind.ANNOTATE)):
        answer(gold, ann1, face_labels(BOX, age=60.0, landmarks=points + number / 100))
        if number in (18, 19):
            url = f"/api/v1/datasets/{dataset.pk}/work/feedback"
            told.append(desk(ann1).client.get(url).json()["advice"])
    assert told == [
        [],
        ["Your jaw points lie 4 % too far left in the picture (of the face's size) on average."],
    ]
    assert desk(ann2).client.get(url).json()["advice"] == []


def test_it_reads_as_much_for_many_people_as_for_one(
    dataset: Dataset, golds: Golds, ann1: User, ann2: User, ann3: User, django_assert_num_queries: Any
) -> None:
    for gold in golds(3, PassKind.ANNOTATE):
        for user in (ann1, ann2, ann3):
            answer(gold, user, face_labels(BOX))
    policy = policy_of(dataset)
    with django_assert_num_queries(5):
        assert len(people_skill(dataset=dataset, policy=policy)) == 4


def test_it_pauses_who_waves_planted_labels_through_and_says_why(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    golds: Golds,
    desk: Desks,
    ann1: User,
    admin: User,
) -> None:
    face_factory(image_factory(dataset))
    held = desk(ann1).next()
    desk(ann1).put_draft(held, 1, {"kept": True})
    for gold in golds(20, PassKind.CHECK):
        assert gold.planted is not None
        answer(gold, ann1, gold.planted.labels, verdict="accept")
    assert person_judge(dataset=dataset, user_id=ann1.pk) == Verdict.PAUSE
    assert WorkItem.objects.get(pk=held["id"]).leased_to is None
    claimed = desk(ann1).client.post(f"/api/v1/datasets/{dataset.pk}/work/claim", {}, format="json").json()
    assert claimed["items"] == []
    assert claimed["none_reason"] == (
        "You are paused here: Your work differs too often from what was agreed, in: checks that should have "
        "corrected something. Ask Admin how to go on; your drafts are kept."
    )
    entry = AuditEntry.objects.get(verb="member.paused")
    assert (entry.actor, "20 of 20 gold answers failed" in entry.details["evidence"][0]) == (None, True)
    assert person_judge(dataset=dataset, user_id=ann1.pk) is None

    member_resume(membership=membership_of(ann1), note="We looked at five faces together.", actor=admin)
    assert person_judge(dataset=dataset, user_id=ann1.pk) == Verdict.FINE
    assert desk(ann1).next()["draft"]["data"] == {"kept": True}


def test_it_leaves_a_careful_person_alone(dataset: Dataset, golds: Golds, ann1: User) -> None:
    for gold in golds(20, PassKind.ANNOTATE):
        answer(gold, ann1, face_labels(BOX, age=33.0))
    assert people_judge() == 1
    assert membership_of(ann1).paused_at is None
    assert not AuditEntry.objects.filter(verb__in=("member.paused", "member.warned")).exists()


def test_it_only_warns_once_where_the_policy_pauses_nobody(
    dataset: Dataset, golds: Golds, ann1: User
) -> None:
    policy_set(dataset, watch_pauses=False)
    for gold in golds(20, PassKind.ANNOTATE):
        answer(gold, ann1, face_labels(BOX, age=90.0))
    fresh = Dataset.objects.select_related("policy").get(pk=dataset.pk)
    assert [person_judge(dataset=fresh, user_id=ann1.pk) for _ in range(2)] == [Verdict.WARN, Verdict.WARN]
    assert AuditEntry.objects.filter(verb="member.warned").count() == 1
    assert membership_of(ann1).paused_at is None


def test_it_measures_the_first_sweep_by_what_the_second_one_adds(
    dataset: Dataset, image_factory: ImageFactory, desk: Desks, ann1: User, ann2: User
) -> None:
    policy_set(dataset, resweep_share=1.0)
    image = image_factory(dataset, sweep=True)
    first, second = desk(ann1), desk(ann2)
    item = first.next(kinds=["sweep"])
    assert first.sweep(item, added=[{"box": [10, 10, 90, 110]}])[0] == 200
    image.refresh_from_db()
    swept_at = image.swept_at
    assert swept_at is not None
    assert first.claim(kinds=["sweep"]) == []
    again = second.next(kinds=["sweep"])
    assert (again["pass_number"], len(again["sweep"]["faces"])) == (1, 1)
    assert second.sweep(again, added=[{"box": [200, 10, 300, 140]}, {"box": [400, 10, 500, 140]}])[0] == 200
    assert second.claim(kinds=["sweep"]) == first.claim(kinds=["sweep"]) == []
    image.refresh_from_db()
    assert image.swept_at == swept_at

    Face.objects.filter(pk__in=Face.objects.order_by("pk").values("pk")[:2]).update(
        state=FaceState.ACCEPTED, accepted_policy=dataset.policy, closed_at=timezone.now()
    )
    found = answers_to_second_sweeps(dataset=dataset)
    assert [(each.user_id, each.found) for each in found] == [(ann1.pk, True), (ann1.pk, False)]
