"""One face: its chain of versions, who sees whose age, its picture, reopening."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import WorkItem
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import accept

BOX = (100, 100, 200, 200)


def check(face: Face, author: User, **labels: Any) -> Revision:
    face.current = Revision.objects.create(
        face=face,
        parent=face.current,
        kind=RevisionKind.CHECK,
        author=author,
        **Revision.columns_of(face_labels(BOX, **labels)),
    )
    face.save()
    return face.current


def test_it_tells_the_chain_of_versions_in_words(
    api: Api,
    dataset: Dataset,
    admin: User,
    ann1: User,
    ann2: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    image = image_factory(dataset, subject_key="p1", consent="signed")
    face = face_factory(image, BOX, consent="withdrawn")
    accept(face, face_labels(BOX, age=40.0), ann1)
    check(face, ann2, age=44.0, gender="male")
    shown = api(admin).get(f"/api/v1/faces/{face.pk}").json()
    assert [(r["kind"], r["author"], r["made_by"]) for r in shown["revisions"]] == [
        ("prelabel", None, "packaged 1"),
        ("annotate", "Ann1", ""),
        ("check", "Ann2", ""),
    ]
    assert shown["revisions"][0]["changes"] == []
    assert shown["revisions"][1]["changes"] == [
        {"part": "age", "text": "age 30 → 40"},
        {"part": "ethnicity", "text": "ethnicity none → white"},
    ]
    assert {c["part"] for c in shown["revisions"][2]["changes"]} == {"age", "gender"}
    assert shown["revisions"][2]["parent"] == shown["revisions"][1]["id"]
    assert shown["labels"]["gender"] == "male"
    assert len(shown["labels"]["landmarks"]) == 68
    assert (shown["subject_key"], shown["consent"]) == ("p1", "withdrawn")
    assert (shown["policy_version"], shown["blocked_reason"]) == (1, None)
    assert shown["image"]["id"] == image.pk
    assert shown["open_item"]["kind"] == "annotate"


def test_it_hides_other_peoples_and_models_ages(
    api: Api,
    dataset: Dataset,
    admin: User,
    adjudicator: User,
    researcher: User,
    ann1: User,
    ann2: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    face = face_factory(image_factory(dataset), BOX)
    accept(face, face_labels(BOX, age=40.0), ann1)
    check(face, ann2, age=44.0)

    def ages(user: User) -> list[float | None]:
        shown = api(user).get(f"/api/v1/faces/{face.pk}").json()
        assert shown["labels"]["age"] == shown["revisions"][-1]["labels"]["age"]
        return [r["labels"]["age"] for r in shown["revisions"]]

    assert ages(admin) == ages(adjudicator) == [30, 40, 44]
    assert ages(ann1) == [None, 40, None]
    assert ages(ann2) == [None, None, 44]
    assert ages(researcher) == [None, None, None]
    Face.objects.filter(pk=face.pk).update(state=FaceState.DISPUTED)
    assert ages(admin) == ages(adjudicator) == [None, None, None]


def test_it_opens_to_annotators_only_faces_they_worked_on(
    api: Api, dataset: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset), BOX)
    answer = api(ann1).get(f"/api/v1/faces/{face.pk}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_face")
    check(face, ann1)
    assert api(ann1).get(f"/api/v1/faces/{face.pk}").status_code == 200


def test_it_cuts_a_square_with_a_margin_around_the_box(
    api: Api, dataset: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    pixels = np.zeros((400, 400, 3), dtype=np.uint8)
    pixels[100:200, 100:200] = 255  # the box; the crop has 25 px of black on each side, 33 of its 200
    face = face_factory(image_factory(dataset, pixels=pixels), BOX)
    answer = api(ann1).get(f"/api/v1/faces/{face.pk}/crop?side=200")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    crop = np.asarray(PillowImage.open(io.BytesIO(answer.content)).convert("L"))
    assert crop.shape == (200, 200)
    assert crop[100, 100] > 245
    assert crop[100, 20] < 10
    assert crop[100, 180] < 10
    assert crop[100, 50] > 245
    assert api(ann1).get(f"/api/v1/faces/{face.pk}/crop?side=9999").status_code == 422


def test_it_reopens_a_closed_face_with_a_reason(
    api: Api,
    dataset: Dataset,
    adjudicator: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    face = face_factory(image_factory(dataset), BOX, open_item=False)
    accept(face, face_labels(BOX), ann1)
    client = api(adjudicator)
    address = f"/api/v1/faces/{face.pk}/reopen"
    assert client.post(address, {}, format="json").status_code == 422
    answer = client.post(address, {"reason": "Wrong jaw"}, format="json")
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["state"], answer.json()["round"]) == ("waiting", 2)
    assert WorkItem.objects.get(face=face, state="open").kind == "annotate"
    again = client.post(address, {"reason": "Wrong jaw"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "not_closed")


def test_it_sets_and_clears_a_faces_own_subject_and_consent(
    api: Api, dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset, subject_key="everybody", consent="signed"), BOX)
    client, page = api(admin), f"/api/v1/faces/{face.pk}"
    answer = client.patch(f"{page}/provenance", {"subject_key": "p7"}, format="json")
    assert answer.json() == {"id": face.pk, "subject_key": "p7", "consent": None}
    shown = client.get(page).json()
    assert (shown["subject_key"], shown["consent"]) == ("p7", "signed")
    client.patch(f"{page}/provenance", {"subject_key": None}, format="json")
    assert client.get(page).json()["subject_key"] == "everybody"
    assert client.patch(f"{page}/provenance", {}, format="json").status_code == 422


def test_it_hides_ages_of_open_faces_on_the_image_page_too(
    api: Api,
    dataset: Dataset,
    admin: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    image = image_factory(dataset)
    face_factory(image, BOX)
    accept(face_factory(image, BOX), face_labels(BOX, age=40.0), ann1)
    shown = api(admin).get(f"/api/v1/images/{image.pk}").json()["faces_list"]
    assert [face["current_labels"]["age"] for face in shown] == [None, 40.0]
