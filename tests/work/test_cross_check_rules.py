"""What the policy's rules of cross-checking do with a face: blind checks, majorities, one more age."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Extra, ItemState, WorkItem
from annotator.work.selectors.blocked import blocked_list
from annotator.work.selectors.team import somebody_is_left
from annotator.work.selectors.versions import round_versions
from annotator.work.services.policy_change import faces_follow_policy
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from tests.cast import face_labels
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db


def policy(dataset: Dataset, **changes: Any) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        dataset=dataset, version=dataset.policy_versions.count() + 1, data=Policy(**changes).to_json()
    )
    dataset.policy = version
    dataset.save()
    return version


def moved(labels: FaceLabels, dx: float) -> FaceLabels:
    """Every landmark ``dx`` pixels to the right."""
    assert labels.landmarks is not None
    return replace(labels, landmarks=labels.landmarks + np.array([dx, 0], dtype=np.float32))


def check(person: Desk, labels: FaceLabels | None = None, verdict: str = "save", **more: Any) -> Any:
    """The person's next check, answered; with ``labels`` None what the item shows."""
    status, answer = person.submit(person.next(kinds=["check"]), labels, verdict, **more)
    assert status == 200, answer
    return answer


def open_item() -> WorkItem:
    return WorkItem.objects.get(state=ItemState.OPEN)


# ---- blind checks


def test_it_shows_a_checker_nothing_of_what_is_asked_blind(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, blind_in_checks=("landmarks", "gender"))
    desk(ann1).annotate(moved(face_labels(gender="male", ethnicity="black"), 1.5))
    shown = desk(ann2).next()["face"]
    assert shown["asked_blind"] == ["landmarks", "gender"]
    assert (shown["labels"]["gender"], shown["labels"]["ethnicity"]) == (None, "black")
    assert shown["prelabel"]["gender"] is None
    assert face.prelabel is not None
    assert shown["labels"]["landmarks"] == face.prelabel.labels.to_json()["landmarks"]


def test_it_shows_no_points_for_a_face_whose_prelabel_nobody_sees(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    Face.objects.update(is_blind=True)
    policy(dataset, blind_in_checks=("landmarks",))
    desk(ann1).annotate()
    assert desk(ann2).next()["face"]["labels"]["landmarks"] is None


def test_it_accepts_a_blind_check_that_changes_only_what_was_asked_blind(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1, blind_in_checks=("gender",))
    desk(ann1).annotate(face_labels(gender="male"))
    assert check(desk(ann2), face_labels(gender="male"), "accept")["state"] == FaceState.ACCEPTED


def test_it_refuses_an_accept_that_changes_what_was_shown(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1, blind_in_checks=("gender",))
    desk(ann1).annotate(face_labels(gender="male", ethnicity="black"))
    status, answer = desk(ann2).submit(
        desk(ann2).next(), face_labels(gender="male", ethnicity="white"), "accept"
    )
    assert (status, answer["code"]) == (422, "accept_changed")


def test_it_needs_the_blind_answer(dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    policy(dataset, checks=1, blind_in_checks=("gender",))
    desk(ann1).annotate(face_labels(gender="male"))
    status, answer = desk(ann2).submit(desk(ann2).next(), None, "accept", age=30.0)
    assert (status, answer["code"]) == (422, "policy")
    assert [found["code"] for found in answer["details"]["violations"]] == ["gender_missing"]


def test_it_disputes_blind_answers_that_differ(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, blind_in_checks=("gender",))
    desk(ann1).annotate(face_labels(gender="male"))
    assert check(desk(ann2), face_labels(gender="female"))["state"] == FaceState.DISPUTED


def test_it_does_not_tell_the_other_blind_answer_when_the_base_moved_on(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, blind_in_checks=("gender",))
    desk(ann1).annotate(face_labels(gender="male"))
    item = desk(ann2).next()
    face.refresh_from_db()
    newer = Revision.objects.create(
        face=face, kind=RevisionKind.RESTORE, **Revision.columns_of(face_labels(gender="male"))
    )
    Face.objects.update(current=newer)
    status, answer = desk(ann2).submit(item, face_labels(gender="female"))
    assert (status, answer["code"]) == (409, "stale_base")
    assert answer["details"]["theirs"]["labels"]["gender"] is None


def test_it_accepts_the_median_of_blind_points_as_a_version_of_its_own(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, blind_in_checks=("landmarks",))
    base = face_labels()
    desk(ann1).annotate(moved(base, 0.0))
    check(desk(ann2), moved(base, 1.0), "accept")
    check(desk(ann3), moved(base, 2.0), "accept")
    face.refresh_from_db()
    assert face.state == FaceState.ACCEPTED
    assert face.current is not None
    assert face.current.parent is not None
    assert (face.current.kind, face.current.author, face.current.age) == (RevisionKind.AGGREGATE, None, None)
    assert face.current.made_by == "3 people combined"
    assert face.current.parent.kind == RevisionKind.ANNOTATE
    assert face.current.landmarks == pytest.approx(moved(base, 1.0).landmarks, abs=1e-3)
    assert face.age_n == 3


def test_it_keeps_the_last_agreed_version_where_nothing_is_asked_blind(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1)
    desk(ann1).annotate()
    check(desk(ann2), moved(face_labels(), 1.0))
    face.refresh_from_db()
    assert face.current is not None
    assert (face.state, face.current.kind) == (FaceState.ACCEPTED, RevisionKind.CHECK)


def test_it_combines_only_answers_that_were_asked_blind_at_the_time(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=2)
    base = face_labels()
    desk(ann1).annotate(base)
    desk(ann2).accept()
    policy(dataset, checks=2, blind_in_checks=("landmarks",))
    check(desk(ann3), moved(base, 1.0), "accept")
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.made_by == "2 people combined"


# ---- a majority


def test_it_asks_one_more_when_two_differ_and_a_majority_settles_it(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, on_disagreement="another_check")
    desk(ann1).annotate(face_labels(gender="male"))
    answer = check(desk(ann2), face_labels(gender="female"))
    assert (answer["state"], open_item().extra) == (FaceState.CHECKING, Extra.MAJORITY)
    assert open_item().reason == "People differ about: gender. Your check helps to settle it."
    assert check(desk(ann3), face_labels(gender="female"))["state"] == FaceState.ACCEPTED
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.gender == "female"


def test_it_keeps_the_first_version_if_the_third_person_agrees_with_it(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=2, on_disagreement="another_check")
    desk(ann1).annotate(face_labels(gender="male"))
    check(desk(ann2), face_labels(gender="female"))
    assert check(desk(ann3), None, "accept")["state"] == FaceState.ACCEPTED
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.gender == "male"


def test_it_goes_to_an_adjudicator_after_the_most_checks(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, on_disagreement="another_check", checks_max=2)
    desk(ann1).annotate(face_labels(ethnicity="asian"))
    check(desk(ann2), face_labels(ethnicity="black"))
    assert check(desk(ann3), face_labels(ethnicity="white"))["state"] == FaceState.DISPUTED


def test_it_goes_to_an_adjudicator_when_nobody_is_left_to_ask(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    Membership.objects.filter(dataset=dataset).exclude(user__in=(ann1, ann2)).update(is_active=False)
    policy(dataset, checks=1, on_disagreement="another_check")
    desk(ann1).annotate(face_labels(gender="male"))
    assert check(desk(ann2), face_labels(gender="female"))["state"] == FaceState.DISPUTED


def test_it_takes_a_dispute_with_a_comment_to_the_adjudicator_at_once(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1, on_disagreement="another_check")
    desk(ann1).annotate()
    answer = check(desk(ann2), None, "dispute", comment="this is a statue")
    assert answer["state"] == FaceState.DISPUTED


def test_it_counts_a_tolerance_of_a_region_on_top_of_the_whole_faces(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    labels = face_labels()
    assert labels.landmarks is not None
    eyes = labels.landmarks.copy()
    side = (labels.box.width * labels.box.height) ** 0.5
    eyes[36:48, 0] += 0.04 * side
    policy(dataset, region_nme_max={"eyes": 0.03})
    desk(ann1).annotate(labels)
    assert check(desk(ann2), replace(labels, landmarks=eyes))["state"] == FaceState.DISPUTED
    assert "0.040 in the eyes (allowed 0.030)" in open_item().reason


# ---- one more age


def test_it_asks_more_people_until_the_mean_age_is_sure_enough(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, ann4: User
) -> None:
    """With the fallback of 5 years: 20 and 40 give 6.5 (√((200 + 50) / 3 / 2)), a 30 makes it 4.6, another 3.5."""
    policy(dataset, checks=1, age_error_max=4.0, age_people_max=6)
    desk(ann1).annotate(face_labels(age=20.0))
    assert desk(ann2).accept(age=40)["state"] == FaceState.CHECKING
    item = open_item()
    assert (item.extra, item.reason) == (
        Extra.AGE,
        "One more age is wanted for this face; everything else is agreed.",
    )
    assert desk(ann3).accept(age=30)["state"] == FaceState.CHECKING
    assert desk(ann4).accept(age=30)["state"] == FaceState.ACCEPTED
    face.refresh_from_db()
    assert (face.age_mean, face.age_n) == (30.0, 4)


def test_it_asks_no_more_people_than_the_policy_says(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, age_error_max=0.1, age_people_max=3)
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).accept(age=40)
    assert desk(ann3).accept(age=60)["state"] == FaceState.ACCEPTED


def test_it_lets_a_small_team_finish(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    Membership.objects.filter(dataset=dataset).exclude(user__in=(ann1, ann2)).update(is_active=False)
    policy(dataset, checks=1, age_error_max=0.1)
    desk(ann1).annotate(face_labels(age=20.0))
    assert desk(ann2).accept(age=60)["state"] == FaceState.ACCEPTED


def test_it_asks_no_age_of_a_face_whose_flag_removes_it(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1, age_error_max=0.1)
    occluded = FaceLabels(box=face_labels().box, flags=frozenset({"occluded"}))
    desk(ann1).annotate(occluded)
    assert check(desk(ann2), occluded, "accept")["state"] == FaceState.ACCEPTED


def test_it_tells_two_people_why_their_face_does_not_finish(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    Membership.objects.filter(dataset=dataset).exclude(user__in=(ann1, ann2)).update(is_active=False)
    desk(ann1).annotate()
    desk(ann2).accept()
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.reason.startswith("Needs a third person: Ann1 and Ann2 already worked on it")


# ---- a policy that changes meanwhile


def test_it_finishes_a_face_whose_extra_age_is_no_longer_asked(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, age_error_max=0.1)
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).accept(age=60)
    assert faces_follow_policy(dataset=dataset) == 0
    policy(dataset, checks=1)
    assert faces_follow_policy(dataset=dataset) == 1
    face.refresh_from_db()
    assert (face.state, face.age_mean) == (FaceState.ACCEPTED, 40.0)


def test_it_adjudicates_what_no_more_checks_may_settle(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, on_disagreement="another_check")
    desk(ann1).annotate(face_labels(gender="male"))
    check(desk(ann2), face_labels(gender="female"))
    assert faces_follow_policy(dataset=dataset) == 0
    policy(dataset, checks=1)
    assert faces_follow_policy(dataset=dataset) == 1
    face.refresh_from_db()
    assert face.state == FaceState.DISPUTED
    assert open_item().reason == "People differ, and the policy asks for no more checks."


def test_it_combines_blind_answers_when_fewer_checks_are_asked(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=3, blind_in_checks=("landmarks",))
    desk(ann1).annotate()
    check(desk(ann2), moved(face_labels(), 1.0), "accept")
    policy(dataset, checks=1, blind_in_checks=("landmarks",))
    assert faces_follow_policy(dataset=dataset) == 1
    face.refresh_from_db()
    assert face.current is not None
    assert (face.state, face.current.kind) == (FaceState.ACCEPTED, RevisionKind.AGGREGATE)


def test_it_does_not_combine_a_false_detection(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    policy(dataset, checks=1, blind_in_checks=("gender",))
    statue = FaceLabels(box=Box(*face_labels().box), flags=frozenset({"not_a_face"}))
    desk(ann1).annotate(statue)
    assert check(desk(ann2), statue, "accept")["state"] == FaceState.REJECTED


# ---- a submit that is taken back


def test_it_does_not_count_an_opinion_that_was_taken_back(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    policy(dataset, checks=1, on_disagreement="another_check")
    desk(ann1).annotate(face_labels(gender="male"))
    item = desk(ann2).next(kinds=["check"])
    desk(ann2).submit(item, face_labels(gender="female"))
    status, _ = desk(ann2).post(f"/work/{item['id']}/take_back", {})
    assert status == 200
    assert [one.author for one in round_versions(face=face)] == [ann1]
    assert somebody_is_left(face=face)
    assert check(desk(ann2), face_labels(gender="male"))["state"] == FaceState.ACCEPTED
