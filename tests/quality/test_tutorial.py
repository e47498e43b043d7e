"""The tutorial: what a person is shown, told and counted for, and what stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState, Revision
from annotator.quality.models import ReportKind, TutorialAnswer, TutorialFace, TutorialRun
from annotator.quality.selectors.gold_list import gold_candidates
from annotator.quality.selectors.teaching import lessons_chosen, turn_of
from annotator.quality.services.gold import gold_create
from annotator.quality.services.reports import report_compute
from annotator.quality.services.teaching import tutorial_add, tutorial_choose
from annotator.work.models import Pass, PassKind, WorkItem
from annotator.work.selectors.tutorial import tutorial_is_due
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from tests.cast import Api, FaceFactory, ImageFactory, face_labels, face_points
from tests.quality.gold_cast import BOX, accepted_face, make_gold, policy_set
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def faces(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[Face]:
    return [accepted_face(dataset, image_factory, face_factory) for _ in range(2)]


@pytest.fixture
def tutorial(dataset: Dataset, faces: list[Face], admin: User) -> list[TutorialFace]:
    return tutorial_add(dataset=dataset, face_ids=[face.pk for face in faces], actor=admin).made


def get(client: Any, dataset: Dataset, tail: str = "") -> Any:
    answer = client.get(f"/api/v1/datasets/{dataset.pk}/tutorial{tail}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def give(client: Any, lesson: TutorialFace, labels: FaceLabels) -> Any:
    answer = client.post(f"/api/v1/tutorial/{lesson.pk}/answer", {"labels": labels.to_json()}, format="json")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_it_shows_the_pre_label_and_no_answer_before_it_is_given(
    dataset: Dataset, tutorial: list[TutorialFace], api: Api, ann1: User
) -> None:
    shown = get(api(ann1), dataset)
    assert [lesson["lesson"] for lesson in shown["lessons"]] == ["points", "fit"]
    first = shown["lessons"][0]
    assert first["feedback"] is None
    assert first["face"]["labels"]["age"] is None
    assert first["face"]["labels"] == {**tutorial[0].face.prelabel.labels.to_json(), "age": None}  # type: ignore[union-attr]  # the cast gives one
    assert "truth" not in str(first)


def test_it_tells_what_was_right_and_remembers_it(
    dataset: Dataset, tutorial: list[TutorialFace], api: Api, ann1: User, ann2: User
) -> None:
    points = face_points(BOX)
    points[:17] += (0, 20)
    told = give(api(ann1), tutorial[0], face_labels(BOX, landmarks=points, age=41))
    by_part = {one["part"]: one for one in told["feedback"]["findings"]}
    assert by_part["jaw"]["verdict"] == "off"
    assert by_part["jaw"]["down"] == pytest.approx(20 / (200 * 240) ** 0.5, abs=1e-4)
    assert (by_part["age"]["years"], by_part["age"]["verdict"]) == (11, "near")
    assert told["feedback"]["truth"]["age"] == 30
    assert told["state"] == {"done": 1, "total": 2, "is_required": False, "finished_at": None}
    again = get(api(ann1), dataset)
    assert again["lessons"][0]["feedback"] == told["feedback"]
    assert again["lessons"][1]["feedback"] is None
    assert get(api(ann2), dataset)["done"] == 0


def test_it_is_done_with_the_last_face_and_can_be_begun_again(
    dataset: Dataset, tutorial: list[TutorialFace], api: Api, ann1: User
) -> None:
    for lesson in tutorial:
        state = give(api(ann1), lesson, face_labels(BOX))["state"]
    assert (state["done"], state["finished_at"] is not None) == (2, True)
    finished = TutorialRun.objects.get(user=ann1).finished_at
    restarted = api(ann1).post(f"/api/v1/datasets/{dataset.pk}/tutorial/restart").json()
    assert restarted["done"] == 0
    assert TutorialRun.objects.get(user=ann1).finished_at == finished


def test_it_keeps_the_last_answer_to_a_face(tutorial: list[TutorialFace], api: Api, ann1: User) -> None:
    give(api(ann1), tutorial[0], face_labels(BOX, age=60))
    give(api(ann1), tutorial[0], face_labels(BOX, age=31))
    assert TutorialAnswer.objects.get().labels["age"] == 31


def test_it_changes_nothing_about_faces_and_people(
    dataset: Dataset, tutorial: list[TutorialFace], api: Api, ann1: User, admin: User
) -> None:
    before = [(face.pk, face.state, face.current_id) for face in Face.objects.order_by("pk")]
    revisions, items = Revision.objects.count(), WorkItem.objects.count()
    for lesson in tutorial:
        give(api(ann1), lesson, face_labels(BOX, age=80))
    assert [(face.pk, face.state, face.current_id) for face in Face.objects.order_by("pk")] == before
    assert (Revision.objects.count(), WorkItem.objects.count()) == (revisions, items)
    assert not Pass.objects.exists()
    assert Face.objects.get(pk=tutorial[0].face_id).age_mean == 30
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    people = api(admin).get(f"/api/v1/datasets/{dataset.pk}/quality").json()["results"]
    answers = {row["username"]: row["answers"] for row in people}["ann1"]
    assert sum(answers.values()) == 0
    mine = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/work/mine").json()
    assert (mine["results"], sum(mine["total"].values())) == ([], 0)


def test_it_refuses_what_the_policy_forbids(tutorial: list[TutorialFace], api: Api, ann1: User) -> None:
    body = {"labels": face_labels(BOX, flags=frozenset({"profile"})).to_json()}
    refused = api(ann1).post(f"/api/v1/tutorial/{tutorial[0].pk}/answer", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "policy")
    assert refused.json()["details"]["violations"][0]["code"] == "landmarks_on_profile"
    assert not TutorialAnswer.objects.exists()


def test_it_leaves_out_a_face_that_was_reopened(
    dataset: Dataset, tutorial: list[TutorialFace], api: Api, ann1: User
) -> None:
    Face.objects.filter(pk=tutorial[0].face_id).update(state=FaceState.WAITING)
    assert get(api(ann1), dataset)["total"] == 1
    body = {"labels": face_labels(BOX).to_json()}
    gone = api(ann1).post(f"/api/v1/tutorial/{tutorial[0].pk}/answer", body, format="json")
    assert (gone.status_code, gone.json()["code"]) == (409, "not_offered")


# ---- whoever saw an answer is not tested with it


def test_it_never_becomes_gold(dataset: Dataset, tutorial: list[TutorialFace], admin: User) -> None:
    face = tutorial[0].face
    for kind in (PassKind.ANNOTATE, PassKind.CHECK, PassKind.SWEEP):
        made = gold_create(dataset=dataset, face_ids=[face.pk], kind=kind, actor=admin)
        assert made.refused == {face.pk: "It is in the tutorial, which shows people its labels."}
    candidates = gold_candidates(dataset=dataset, policy=Policy(), kind=PassKind.ANNOTATE)
    assert face.pk not in {candidate.face.pk for candidate in candidates}


def test_it_takes_no_gold(dataset: Dataset, faces: list[Face], admin: User) -> None:
    make_gold(faces[0], PassKind.CHECK, admin, "gender")
    made = tutorial_add(dataset=dataset, face_ids=[face.pk for face in faces], actor=admin)
    assert [lesson.face_id for lesson in made.made] == [faces[1].pk]
    assert list(made.refused) == [faces[0].pk]
    with pytest.raises(Conflict, match="no accepted face that is not gold"):
        tutorial_choose(dataset=dataset, count=5, actor=admin)


# ---- the admin chooses


def test_it_chooses_a_face_for_each_lesson(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    turned = face_points(BOX)
    turned[27:36, 0] += 40
    made = {
        "large": accepted_face(dataset, image_factory, face_factory),
        "flagged": accepted_face(
            dataset,
            image_factory,
            face_factory,
            truth=FaceLabels(box=face_labels().box, flags=frozenset({"occluded"})),
        ),
        "turned": accepted_face(
            dataset, image_factory, face_factory, truth=face_labels(BOX, landmarks=turned)
        ),
        "old": accepted_face(dataset, image_factory, face_factory, age_mean=80),
        "other": accepted_face(dataset, image_factory, face_factory),
    }
    names = {face.pk: name for name, face in made.items()}
    chosen = tutorial_choose(dataset=dataset, count=5, actor=admin).made
    assert [names[lesson.face_id] for lesson in chosen][2:] == ["old", "flagged", "turned"]
    assert {names[lesson.face_id] for lesson in chosen[:2]} == {"large", "other"}
    assert [lesson.position for lesson in chosen] == [1, 2, 3, 4, 5]
    assert AuditEntry.objects.filter(verb="tutorial.added", dataset_id=dataset.pk).count() == 1


def test_it_chooses_fewer_where_there_are_fewer(faces: list[Face]) -> None:
    assert len(lessons_chosen(faces, 5)) == 2


def test_it_sees_how_far_a_face_is_turned() -> None:
    assert turn_of(face_labels(BOX)) == pytest.approx(0, abs=1e-6)
    points = face_points(BOX)
    points[30, 0] += 46  # of 184 between the ends of the jaw
    assert turn_of(face_labels(BOX, landmarks=points)) == pytest.approx(0.25)


def test_it_lets_the_admin_choose_and_take_out_of_use(
    dataset: Dataset, faces: list[Face], api: Api, admin: User, ann1: User
) -> None:
    url = f"/api/v1/datasets/{dataset.pk}/tutorial/faces"
    made = api(admin).post(url, {"choose": 5}, format="json")
    assert (made.status_code, made.json()) == (201, {"made": 2, "refused": []})
    none = api(admin).post(url, {"choose": 5}, format="json")
    assert (none.status_code, none.json()["code"]) == (409, "no_faces")
    both = api(admin).post(url, {"choose": 5, "face_ids": [faces[0].pk]}, format="json")
    assert both.status_code == 422
    rows = api(admin).get(url).json()["results"]
    assert [(row["position"], row["people"], row["suspended"]) for row in rows] == [(1, 0, ""), (2, 0, "")]
    changed = (
        api(admin).patch(f"/api/v1/tutorial/{rows[0]['id']}", {"is_active": False}, format="json").json()
    )
    assert changed["is_active"] is False
    assert get(api(ann1), dataset, "/state")["total"] == 1


# ---- required before work


def test_it_is_asked_for_before_work_where_the_policy_says_so(
    dataset: Dataset,
    tutorial: list[TutorialFace],
    waiting: Face,
    desk: Desks,
    api: Api,
    ann1: User,
    admin: User,
) -> None:
    assert desk(ann1).claim(1)
    policy_set(dataset, tutorial_required=True)
    answer = api(ann1).post(f"/api/v1/datasets/{dataset.pk}/work/claim", {"count": 1}, format="json").json()
    assert (answer["items"], "tutorial first" in answer["none_reason"]) == ([], True)
    waits = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/work/waiting").json()
    assert waits["none_reason"] == answer["none_reason"]
    for lesson in tutorial:
        state = give(api(ann1), lesson, face_labels(BOX))["state"]
    assert state["is_required"] is True
    assert [item["face"]["id"] for item in desk(ann1).claim(1)] == [waiting.pk]


def test_it_keeps_nobody_from_work_where_there_is_no_tutorial_or_for_admins(
    dataset: Dataset, waiting: Face, faces: list[Face], desk: Desks, ann1: User, admin: User
) -> None:
    policy_set(dataset, tutorial_required=True)
    held = desk(ann1).next()
    assert desk(ann1).post(f"/work/{held['id']}/release", {"token": held["lease"]["token"]})[0] == 204
    tutorial_add(dataset=dataset, face_ids=[faces[0].pk], actor=admin)
    assert not desk(ann1).claim(1)
    assert desk(admin).claim(1)


def test_it_costs_a_claim_no_query_where_it_is_not_asked_for(
    dataset: Dataset, ann1: User, django_assert_num_queries: Any
) -> None:
    assert dataset.policy is not None
    with django_assert_num_queries(0):
        assert not tutorial_is_due(dataset=dataset, user=ann1, role=Role.ANNOTATOR)
