"""The overview: small numbers that can be counted by hand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Pass, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import Api, FaceFactory, ImageFactory, face_labels, face_points

BOX = (100, 100, 200, 200)


def accept(face: Face, labels: FaceLabels, author: User, *, age_mean: float | None = 30) -> Revision:
    """Close a face with a version by ``author`` that becomes current."""
    revision = Revision.objects.create(
        face=face,
        parent=face.current,
        kind=RevisionKind.ANNOTATE,
        author=author,
        **Revision.columns_of(labels),
    )
    face.current = revision
    face.state = FaceState.ACCEPTED
    face.accepted_policy = face.image.dataset.policy
    face.closed_at = timezone.now()
    face.age_mean, face.age_n = age_mean, 1
    face.save()
    return revision


def record(face: Face, user: User, kind: PassKind, revision: Revision | None, **columns: Any) -> Pass:
    """A finished item and its counted pass."""
    item = WorkItem.objects.create(
        dataset=face.dataset, image=face.image, face=face, kind=kind, state="done", round=face.round
    )
    return Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset=face.dataset,
        image=face.image,
        face=face,
        round=face.round,
        kind=kind,
        user=user,
        revision=revision,
        answer={},
        **columns,
    )


@pytest.fixture
def overview(api: Api, dataset: Dataset, admin: User) -> Any:
    client = api(admin)
    return lambda: client.get(f"/api/v1/datasets/{dataset.pk}/overview").json()


def test_it_shows_zeros_for_an_empty_dataset(overview: Any) -> None:
    shown = overview()
    assert set(shown["images"].values()) == {0}
    assert shown["faces"]["total"] == 0
    assert set(shown["faces"]["by_state"]) == set(FaceState.values)
    assert (shown["passes"], shown["edits"], shown["jobs"]) == ([], [], [])
    assert shown["distributions"]["gender"] == []


def test_it_counts_images_by_how_far_they_are(
    overview: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    now = timezone.now()
    done = image_factory(dataset, swept_at=now)
    face_factory(done, BOX, state=FaceState.ACCEPTED)
    face_factory(done, BOX, state=FaceState.TOO_SMALL)
    face_factory(image_factory(dataset, swept_at=now), BOX)
    image_factory(dataset, swept_at=now, verdict="rejected")
    image_factory(dataset, prelabelled=False, prelabel_error="The provider refused it.")
    image_factory(dataset, prelabelled=False)
    assert overview()["images"] == {
        "total": 5,
        "prelabelled": 3,
        "prelabel_failed": 1,
        "swept": 3,
        "rejected": 1,
        "complete": 1,
    }


def test_it_counts_items_by_pass(
    overview: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset, sweep=True)
    face_factory(image, BOX)
    for until in (timedelta(minutes=5), timedelta(minutes=-5)):
        item = WorkItem.objects.get(face=face_factory(image, BOX))
        item.leased_to, item.lease_token, item.leased_until = ann1, uuid.uuid4(), timezone.now() + until
        item.save()
    closed = face_factory(image, BOX, open_item=False)
    record(closed, ann1, PassKind.ANNOTATE, None)
    assert overview()["passes"] == [
        {"kind": "annotate", "pass_number": 0, "open": 2, "leased": 1, "done": 1},
        {"kind": "sweep", "pass_number": 0, "open": 1, "leased": 0, "done": 0},
    ]


def test_it_gives_distributions_of_accepted_faces(
    overview: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset)
    for age, gender in ((4.9, "female"), (5.0, "female"), (100.0, "male")):
        accept(face_factory(image, BOX), face_labels(BOX, gender=gender), ann1, age_mean=age)
    blurred = face_labels(
        BOX, landmarks=None, age=None, gender=None, ethnicity=None, flags=frozenset({"blurred"})
    )
    accept(face_factory(image, BOX), blurred, ann1, age_mean=None)
    face_factory(image, (0, 0, 40, 400))
    shown = overview()["distributions"]
    assert {b["from"]: b["count"] for b in shown["age"] if b["count"]} == {0: 1, 5: 1, 95: 1}
    assert len(shown["age"]) == 20
    assert {(b["from"], b["to"]): b["count"] for b in shown["face_size"] if b["count"]} == {
        (30, 50): 1,
        (100, 150): 4,
    }
    assert shown["gender"] == [{"value": "female", "count": 2}, {"value": "male", "count": 1}]
    assert shown["flags"] == [{"value": "blurred", "count": 1}]


def test_it_gives_the_distance_from_pre_label_to_accepted_label(
    overview: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset)
    moved = face_points(BOX) + np.float32([3, 4])  # every point by 5 px of a 100 px box: 5 %
    accept(face_factory(image, BOX), face_labels(BOX, landmarks=moved), ann1)
    half = (100, 100, 200, 150)
    bare = face_labels(BOX, landmarks=None)
    accept(face_factory(image, BOX, labels=bare, made_by="tfn 3"), face_labels(half, landmarks=None), ann1)
    face_factory(image, BOX)
    assert overview()["edits"] == [
        {
            "made_by": "packaged 1",
            "faces": 1,
            "median_landmark_nme": pytest.approx(0.05, abs=1e-6),
            "median_box_iou": 1.0,
        },
        {"made_by": "tfn 3", "faces": 1, "median_landmark_nme": None, "median_box_iou": 0.5},
    ]


def test_it_asks_the_database_equally_often_for_any_amount_of_data(
    overview: Any,
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    django_assert_num_queries: Any,
) -> None:
    with CaptureQueriesContext(connection) as empty:
        overview()
    for _ in range(3):
        image = image_factory(dataset)
        for _ in range(3):
            accept(face_factory(image, BOX, open_item=False), face_labels(BOX), ann1)
    with django_assert_num_queries(len(empty)):
        overview()


def test_it_is_closed_to_annotators(api: Api, dataset: Dataset, ann1: User) -> None:
    answer = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/overview")
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
