"""What people are told about their own work afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.work.models import Gold, PassKind, WorkItem
from annotator.work.selectors.feedback import decision_list
from tests.cast import Api, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def feedback(api: Api, dataset: Dataset) -> Any:
    def read(user: User) -> dict[str, Any]:
        shaped: dict[str, Any] = api(user).get(f"/api/v1/datasets/{dataset.pk}/work/feedback").json()
        return shaped

    return read


def dispute_and_decide(desk: Desks, ann1: User, ann2: User, adjudicator: User) -> None:
    """ann1 labels female with age 20, ann2 disputes, the adjudicator says male."""
    desk(ann1).annotate(face_labels(age=20.0))
    check = desk(ann2).next(kinds=["check"])
    assert desk(ann2).submit(check, None, "dispute", comment="Wrong gender, older than 50")[0] == 200
    case = desk(adjudicator).next(kinds=["adjudicate"])
    status, answer = desk(adjudicator).submit(
        case, face_labels(age=60.0, gender="male"), comment="A man of 60."
    )
    assert status == 200, answer


def test_it_tells_both_sides_of_a_dispute_what_was_decided(
    face: Face, desk: Desks, feedback: Any, ann1: User, ann2: User, adjudicator: User
) -> None:
    dispute_and_decide(desk, ann1, ann2, adjudicator)
    for person, kind in ((ann1, "annotate"), (ann2, "check")):
        (told,) = feedback(person)["decisions"]
        assert (told["face_id"], told["kind"], told["state"]) == (face.pk, kind, "accepted")
        assert told["crop_url"] == f"/api/v1/faces/{face.pk}/crop?side=256"
        assert told["changes"] == [{"part": "gender", "text": "gender female → male"}]
    assert feedback(adjudicator)["decisions"] == []


def test_it_tells_no_ages(
    face: Face, desk: Desks, feedback: Any, ann1: User, ann2: User, adjudicator: User
) -> None:
    dispute_and_decide(desk, ann1, ann2, adjudicator)
    (told,) = feedback(ann1)["decisions"]
    assert told["comment"] == "A man of ··."
    assert "age" not in {change["part"] for change in told["changes"]}


def test_it_says_that_a_version_was_kept(
    face: Face, desk: Desks, feedback: Any, ann1: User, ann2: User, adjudicator: User
) -> None:
    desk(ann1).annotate()
    check = desk(ann2).next(kinds=["check"])
    desk(ann2).submit(check, None, "dispute", comment="Wrong box")
    case = desk(adjudicator).next(kinds=["adjudicate"])
    assert desk(adjudicator).submit(case, None, "save")[0] == 200
    assert feedback(ann1)["decisions"][0]["changes"] == []


def test_it_leaves_out_decisions_of_other_rounds_and_other_people(
    face: Face, dataset: Dataset, desk: Desks, ann1: User, ann2: User, ann3: User, adjudicator: User
) -> None:
    dispute_and_decide(desk, ann1, ann2, adjudicator)
    Revision.objects.create(
        face=face,
        kind=RevisionKind.ADJUDICATE,
        round=2,
        author=adjudicator,
        **Revision.columns_of(face_labels()),
    )
    assert len(decision_list(user=ann1, dataset=dataset)) == 1
    assert decision_list(user=ann3, dataset=dataset) == []


def test_it_reads_decisions_in_two_queries(
    face: Face,
    dataset: Dataset,
    desk: Desks,
    ann1: User,
    ann2: User,
    adjudicator: User,
    django_assert_num_queries: Any,
) -> None:
    dispute_and_decide(desk, ann1, ann2, adjudicator)
    with django_assert_num_queries(2):
        decision_list(user=ann1, dataset=dataset)


def test_it_lists_what_waits_for_the_person_alone_but_never_gold(
    face: Face, dataset: Dataset, feedback: Any, ann1: User
) -> None:
    WorkItem.objects.filter(face=face).update(
        reserved_for=ann1, reason="Sent back: the chin is off by 30 px."
    )
    truth = Revision.objects.create(
        face=face, kind=RevisionKind.ADJUDICATE, **Revision.columns_of(face_labels())
    )
    gold = Gold.objects.create(
        dataset=dataset, kind=PassKind.ANNOTATE, image=face.image, face=face, truth=truth
    )
    WorkItem.objects.create(
        dataset=dataset, image=face.image, face=face, kind=PassKind.ANNOTATE, gold=gold, reserved_for=ann1
    )
    (told,) = feedback(ann1)["reserved"]
    assert (told["face_id"], told["kind"]) == (face.pk, "annotate")
    assert told["reason"] == "Sent back: the chin is off by 30 px."
