"""The explorer: filters, facets, pages, and what each role may see."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Import, ImportEntry
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import accept

BOX = (100, 100, 200, 200)


@pytest.fixture
def explorer(api: Api, dataset: Dataset, admin: User) -> Any:
    client = api(admin)

    def ask(user: User | None = None, **query: Any) -> dict[str, Any]:
        answer = (client if user is None else api(user)).get(f"/api/v1/datasets/{dataset.pk}/faces", query)
        assert answer.status_code == 200, answer.json()
        page: dict[str, Any] = answer.json()
        return page

    return ask


def ids(page: dict[str, Any]) -> list[int]:
    return [card["id"] for card in page["results"]]


def test_it_shows_a_face_as_a_card(
    explorer: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset, name="a.jpg"), BOX, needs_person="Two detectors half agree.")
    page = explorer()
    assert page["results"] == [
        {
            "id": face.pk,
            "image_id": face.image_id,
            "image_name": "a.jpg",
            "state": "waiting",
            "round": 1,
            "box": [100.0, 100.0, 200.0, 200.0],
            "made_by": "packaged 1",
            "author": None,
            "gender": "female",
            "ethnicity": None,
            "flags": [],
            "age_mean": None,
            "age_sd": None,
            "age_n": 0,
            "crop_url": f"/api/v1/faces/{face.pk}/crop?side=256",
            "needs_person": "Two detectors half agree.",
            "closed_at": None,
        }
    ]
    assert (page["total"], page["next"]) == (1, None)


def test_it_filters_by_each_condition(
    explorer: Any,
    dataset: Dataset,
    admin: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    first, second = image_factory(dataset), image_factory(dataset)
    plain = face_factory(first, BOX)
    old = face_factory(first, BOX)
    accept(old, face_labels(BOX, gender="male", ethnicity="asian"), ann1, age_mean=61.5)
    turned = face_factory(second, BOX, labels=face_labels(BOX, landmarks=None, flags={"profile"}))
    added = Face.objects.create(dataset=dataset, image=second)
    added.current = Revision.objects.create(
        face=added, kind=RevisionKind.SWEEP, author=admin, x1=1, y1=1, x2=50, y2=50
    )
    added.save()
    batch = Import.objects.create(dataset=dataset, source="browser upload")
    ImportEntry.objects.create(batch=batch, name="b.jpg", outcome="imported", image=second)
    for query, expected in (
        ({"state": "accepted"}, [old]),
        ({"person": ann1.pk}, [old]),
        ({"flag": "profile"}, [turned]),
        ({"gender": "male"}, [old]),
        ({"gender": "none"}, [added]),
        ({"ethnicity": "white"}, [turned]),
        ({"age_min": 61, "age_max": 62}, [old]),
        ({"age_min": 62}, []),
        ({"import": batch.pk}, [turned, added]),
        ({"image": first.pk}, [plain, old]),
        ({"made_by": "packaged 1"}, [plain, old, turned]),
        ({"made_by": "person"}, [added]),
        ({"gender": "female", "image": first.pk}, [plain]),
    ):
        page = explorer(**query)
        assert ids(page) == [face.pk for face in expected], query
        assert page["total"] == len(expected), query


def test_it_counts_each_facet_under_the_other_conditions(
    explorer: Any,
    dataset: Dataset,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    image = image_factory(dataset)
    face_factory(image, BOX)
    face_factory(image, BOX, made_by="tfn 2")
    accept(face_factory(image, BOX), face_labels(BOX, gender="male"), ann1)
    turned = face_labels(BOX, landmarks=None, flags={"profile"})
    accept(face_factory(image, BOX), turned, ann1)
    facets = explorer(state="accepted")["facets"]
    assert facets["state"] == {"accepted": 2, "waiting": 2}
    assert facets["gender"] == {"female": 1, "male": 1}
    assert facets["flag"] == {"profile": 1}
    assert facets["ethnicity"] == {"white": 2}
    assert facets["made_by"] == {"packaged 1": 2}
    assert explorer(state="accepted", gender="male")["facets"]["state"] == {"accepted": 1}
    assert explorer()["facets"]["made_by"] == {"packaged 1": 3, "tfn 2": 1}


def test_it_pages_without_gaps_while_faces_arrive(
    explorer: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    made = [face_factory(image, BOX).pk for _ in range(5)]
    first = explorer(limit=2)
    made.append(face_factory(image, BOX).pk)
    second = explorer(limit=2, cursor=first["next"])
    third = explorer(limit=2, cursor=second["next"])
    assert ids(first) + ids(second) + ids(third) == made
    assert third["next"] is None
    assert first["total"] == 5
    assert (third["total"], third["facets"]) == (None, None), "counted once, with the first page"


def test_it_refuses_a_made_up_cursor_a_wrong_limit_and_an_unknown_state(
    api: Api, dataset: Dataset, admin: User
) -> None:
    for query in ({"cursor": "!!"}, {"cursor": "YWJj"}, {"limit": 0}, {"limit": 999}, {"state": "lost"}):
        answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/faces", query)
        assert answer.status_code == 422, query


def test_it_needs_the_same_number_of_queries_for_any_number_of_faces(
    explorer: Any,
    dataset: Dataset,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(4):
        accept(face_factory(image_factory(dataset), BOX), face_labels(BOX), ann1)
    with django_assert_num_queries(4):  # session and person, dataset with role, page, total with all facets
        assert len(explorer()["results"]) == 4


def test_it_gives_annotators_the_faces_they_worked_on_and_no_ages(
    explorer: Any,
    api: Api,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    image = image_factory(dataset)
    mine = face_factory(image, BOX)
    accept(mine, face_labels(BOX), ann1, age_mean=33)
    accept(face_factory(image, BOX), face_labels(BOX), ann2, age_mean=44)
    page = explorer(user=ann1)
    assert ids(page) == [mine.pk]
    assert page["results"][0]["age_mean"] is None
    assert page["facets"]["state"] == {"accepted": 1}
    answer = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/faces", {"age_min": 30})
    assert answer.status_code == 403


def test_it_finds_blocked_faces(
    explorer: Any,
    dataset: Dataset,
    admin: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    from annotator.work.models import Skip, WorkItem

    image = image_factory(dataset)
    blocked, free = face_factory(image, BOX), face_factory(image, BOX)
    for person in (admin, ann1):
        Skip.objects.create(item=WorkItem.objects.get(face=blocked), user=person, reason="I know them")
    assert ids(explorer(blocked="1")) == [blocked.pk]
    assert ids(explorer()) == [blocked.pk, free.pk]


def test_it_shows_a_mean_age_to_researchers_of_closed_faces_only(
    explorer: Any,
    dataset: Dataset,
    ann1: User,
    researcher: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    closed = face_factory(image_factory(dataset), BOX)
    accept(closed, face_labels(BOX), ann1, age_mean=33)
    assert explorer(user=researcher)["results"][0]["age_mean"] == 33
    Face.objects.filter(pk=closed.pk).update(state=FaceState.CHECKING)
    assert explorer(user=researcher)["results"][0]["age_mean"] is None
