"""Gold, skill, pauses and group bias over HTTP, for admins only."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.quality.models import ReportKind
from annotator.quality.services.reports import report_compute
from annotator.work.models import Gold, ItemState, Pass, PassKind, WorkItem
from tests.cast import Api, FaceFactory, ImageFactory, face_labels, face_points
from tests.quality.gold_cast import BOX, accepted_face, make_gold
from tests.quality.test_watching import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    return accepted_face(dataset, image_factory, face_factory)


def paths(dataset: Dataset, member: Membership) -> list[str]:
    base = f"/api/v1/datasets/{dataset.pk}"
    return [
        f"{base}/gold",
        f"{base}/gold/candidates",
        f"{base}/quality",
        f"{base}/group-bias",
        f"/api/v1/people/{member.pk}/skill",
    ]


def member(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_it_shows_gold_and_skill_to_admins_only(
    dataset: Dataset,
    api: Api,
    admin: User,
    adjudicator: User,
    ann1: User,
    researcher: User,
    outsider: User,
) -> None:
    for path in paths(dataset, member(ann1)):
        assert api(admin).get(path).status_code == 200, path
        assert [api(user).get(path).status_code for user in (adjudicator, ann1, researcher, outsider)] == [
            403,
            403,
            403,
            404,
        ], path


def test_it_makes_gold_and_says_which_faces_cannot_be(
    dataset: Dataset, face: Face, face_factory: FaceFactory, api: Api, admin: User
) -> None:
    waiting = face_factory(face.image)
    body = {"face_ids": [face.pk, waiting.pk, 999_999], "kind": "check", "faults": ["box", "gender"]}
    url = f"/api/v1/datasets/{dataset.pk}/gold"
    made = api(admin).post(url, body, format="json")
    assert made.status_code == 201
    assert made.json() == {
        "made": 1,
        "refused": [
            {"face_id": waiting.pk, "reason": "It is waiting; only accepted faces have labels to trust."},
            {"face_id": 999_999, "reason": "It is not in this dataset."},
        ],
    }
    again = api(admin).post(url, {**body, "face_ids": [face.pk]}, format="json").json()
    assert again["refused"][0]["reason"] == "It is gold for check already."
    gold = Gold.objects.get()
    assert gold.planted is not None
    assert (gold.truth_id, gold.planted.kind, gold.planted.gender) == (face.current_id, "planted", "male")
    wrong = api(admin).post(url, {"face_ids": [face.pk], "kind": "sweep", "faults": ["box"]}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "faults")
    assert AuditEntry.objects.filter(verb="gold.made").count() == 1


def test_it_lists_gold_with_those_who_failed_and_suspects_gold_that_most_fail(
    dataset: Dataset, face: Face, api: Api, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    gold = make_gold(face, PassKind.ANNOTATE, admin)
    answer(gold, ann1, face_labels(BOX))
    for user in (ann2, ann3):
        answer(gold, user, face_labels(BOX, gender="male", age=31.0))
    (row,) = api(admin).get(f"/api/v1/datasets/{dataset.pk}/gold").json()["results"]
    assert (row["answers"], row["failed"], row["failed_in"]) == (3, 2, {"gender": 2})
    assert (row["is_suspicious"], row["suspended"], row["is_active"]) == (True, "", True)
    Face.objects.filter(pk=face.pk).update(state=FaceState.WAITING)
    changed = api(admin).patch(f"/api/v1/gold/{gold.pk}", {"is_active": False, "note": "odd"}, format="json")
    assert (changed.json()["is_active"], changed.json()["note"]) == (False, "odd")
    assert changed.json()["suspended"] == "Its face is waiting now."
    assert api(ann1).patch(f"/api/v1/gold/{gold.pk}", {"is_active": True}, format="json").status_code == 403


def test_it_suggests_faces_that_everybody_labelled_alike(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    api: Api,
    admin: User,
    ann1: User,
    ann2: User,
) -> None:
    def labelled(apart: float) -> Face:
        made = accepted_face(dataset, image_factory, face_factory)
        for user, moved in ((ann1, 0.0), (ann2, apart)):
            points = face_points(BOX) + moved
            revision = Revision.objects.create(
                face=made,
                kind=RevisionKind.CHECK,
                author=user,
                **Revision.columns_of(face_labels(BOX, landmarks=points)),
            )
            item = WorkItem.objects.create(
                dataset=dataset, image=made.image, face=made, kind=PassKind.CHECK, state=ItemState.DONE
            )
            Pass.objects.create(
                submission_id=revision_id(revision),
                item=item,
                dataset=dataset,
                image=made.image,
                face=made,
                round=1,
                kind=PassKind.CHECK,
                user=user,
                revision=revision,
                answer={},
            )
        return made

    close, closest, far = labelled(2.0), labelled(0.5), labelled(9.0)
    found = api(admin).get(f"/api/v1/datasets/{dataset.pk}/gold/candidates?kind=check").json()["results"]
    assert [row["id"] for row in found] == [closest.pk, close.pk]
    assert far.pk not in [row["id"] for row in found]
    assert (found[0]["people"], found[0]["worst_nme_box"]) == (2, pytest.approx(0.0032, abs=0.0002))
    make_gold(closest, PassKind.CHECK, admin, "nose")
    found = api(admin).get(f"/api/v1/datasets/{dataset.pk}/gold/candidates?kind=check").json()["results"]
    assert [row["id"] for row in found] == [close.pk]


def revision_id(revision: Revision) -> str:
    return f"00000000-0000-4000-8000-{revision.pk:012d}"


def test_it_pauses_and_resumes_by_hand_with_a_reason(
    dataset: Dataset, api: Api, admin: User, ann1: User, researcher: User
) -> None:
    url = f"/api/v1/people/{member(ann1).pk}"
    assert api(admin).post(f"{url}/pause", {}, format="json").status_code == 422
    paused = api(admin).post(f"{url}/pause", {"reason": "On leave."}, format="json").json()
    assert (paused["pause_reason"], paused["paused_at"] is not None) == ("On leave.", True)
    waiting = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/work/waiting").json()
    assert (
        waiting["none_reason"]
        == "You are paused here: On leave. Ask Admin how to go on; your drafts are kept."
    )
    assert api(admin).post(f"{url}/resume", {"note": ""}, format="json").status_code == 422
    resumed = api(admin).post(f"{url}/resume", {"note": "Back."}, format="json").json()
    assert (resumed["paused_at"], resumed["watched_since"] is not None) == (None, True)
    twice = api(admin).post(f"{url}/resume", {"note": "Back."}, format="json")
    assert (twice.status_code, twice.json()["code"]) == (409, "not_paused")
    assert api(ann1).post(f"{url}/resume", {"note": "please"}, format="json").status_code == 403
    other = f"/api/v1/people/{member(researcher).pk}/pause"
    assert api(admin).post(other, {"reason": "x"}, format="json").json()["code"] == "no_labelling"
    assert member(researcher).paused_at is None


def test_it_tells_an_admin_all_about_a_person(
    dataset: Dataset, face: Face, api: Api, admin: User, ann1: User
) -> None:
    answer(make_gold(face, PassKind.ANNOTATE, admin), ann1, face_labels(BOX, gender="male", age=34.0))
    told = api(admin).get(f"/api/v1/people/{member(ann1).pk}/skill").json()
    assert (told["answers"], told["age_bias_years"]["value"]) == (
        {"annotate": 1, "check": 0, "sweep": 0},
        4.0,
    )
    gender = next(row for row in told["attributes"] if row["attribute"] == "gender")
    assert gender["confusion"] == [{"given": "male", "true": "female", "count": 1}]
    assert [row["region"] for row in told["offsets"]] == ["jaw", "brows", "nose", "eyes", "lips"]
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    rows = api(admin).get(f"/api/v1/datasets/{dataset.pk}/quality").json()["results"]
    row = next(row for row in rows if row["username"] == "ann1")
    assert row == {key: told[key] for key in row}


def test_it_marks_a_person_who_treats_a_group_otherwise(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    api: Api,
    admin: User,
    ann1: User,
    ann2: User,
) -> None:
    """ann1 guesses men six years too old and women rightly; ann2 is right with both."""
    image = image_factory(dataset)
    for number in range(24):
        gender = "male" if number % 2 else "female"
        truth = face_labels(BOX, gender=gender)
        made = accepted_face(dataset, image_factory, face_factory, image=image, truth=truth)
        gold = make_gold(made, PassKind.ANNOTATE, admin)
        wobble = (number % 3) - 1
        answer(gold, ann1, face_labels(BOX, gender=gender, age=30.0 + wobble + 6 * (gender == "male")))
        answer(gold, ann2, face_labels(BOX, gender=gender, age=30.0 - wobble))
    url = f"/api/v1/datasets/{dataset.pk}/group-bias?by=gender&measure=age&source=gold"
    report: dict[str, Any] = api(admin).get(url).json()
    marked = {(cell["user_id"], cell["group"]) for cell in report["cells"] if cell["is_marked"]}
    assert (ann1.pk, "male") in marked
    cell = next(c for c in report["cells"] if (c["user_id"], c["group"]) == (ann1.pk, "male"))
    assert (cell["mean"]["value"], cell["mean"]["n"]) == (pytest.approx(6.0), 12)
    assert {person["name"] for person in report["people"]} == {"Ann1", "Ann2"}
