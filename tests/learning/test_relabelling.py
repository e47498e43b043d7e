"""A promoted model's view of images that wait: what it changes, and what it leaves to people."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision
from annotator.faces.services import face_reject, faces_add
from annotator.images.models import Image, Verdict
from annotator.learning.services.relabelling import image_relabel
from annotator.work.models import Draft, Pass, PassKind, Priority, WorkItem
from annotator.work.services.sweeping import ROTATED
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import Box
from tests.cast import FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db

MODEL = "tfn m1 abcdef12"
OLD = (100.0, 100.0, 300.0, 340.0)
NEW = (110.0, 100.0, 310.0, 340.0)
ELSEWHERE = (400.0, 100.0, 500.0, 220.0)


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset, sweep=True)


def sees(box: tuple[float, ...] = NEW, score: float = 0.9) -> CoarseFace:
    return CoarseFace(labels=face_labels(box, gender="male"), score=score, detector="tfn")


def relabel(image: Image, *faces: CoarseFace) -> bool:
    return image_relabel(seen=Image.objects.get(pk=image.pk), faces=faces, made_by=MODEL)


def swept(image: Image) -> None:
    Image.objects.filter(pk=image.pk).update(swept_at=timezone.now())
    WorkItem.objects.filter(image=image, kind=PassKind.SWEEP).update(state="done", closed_at=timezone.now())


def item_of(face: Face) -> WorkItem:
    return WorkItem.objects.get(face=face, state="open")


def test_it_gives_an_untouched_face_a_new_prelabel(image: Image, face_factory: FaceFactory) -> None:
    face = face_factory(image, needs_person="Check the box.")
    item = item_of(face)
    WorkItem.objects.filter(pk=item.pk).update(priority=Priority.DOUBTFUL)
    first = face.prelabel
    assert relabel(image, sees())
    face = Face.objects.get(pk=face.pk)
    made = face.current
    assert made is not None
    assert (face.prelabel, made.parent, made.made_by, made.kind) == (made, first, MODEL, "prelabel")
    assert (made.labels.box, made.gender) == (Box(*NEW), "male")
    assert Revision.objects.filter(face=face).count() == 2
    assert (item_of(face), item_of(face).priority) == (item, Priority.NORMAL)
    image.refresh_from_db()
    assert image.prelabelled_by == MODEL
    assert Face.objects.count() == 1


def test_it_looks_at_an_image_once(image: Image, face_factory: FaceFactory) -> None:
    face_factory(image)
    assert relabel(image, sees())
    assert not relabel(image, sees())
    assert Revision.objects.count() == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"rotation": 90},
        {"verdict": Verdict.REJECTED},
        {"split": "test"},
        {"prelabelled_at": None, "prelabelled_by": ""},
        {"prelabelled_by": MODEL},
    ],
)
def test_it_leaves_an_image_alone_that_changed_meanwhile(
    image: Image, face_factory: FaceFactory, columns: dict[str, Any]
) -> None:
    face_factory(image)
    seen = Image.objects.get(pk=image.pk)
    Image.objects.filter(pk=image.pk).update(**columns)
    assert not image_relabel(seen=seen, faces=[sees(), sees(ELSEWHERE)], made_by=MODEL)
    assert Revision.objects.count() == 1


def touch_by_pass(face: Face, person: User) -> None:
    item = item_of(face)
    Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset_id=face.dataset_id,
        image_id=face.image_id,
        face=face,
        round=1,
        kind=PassKind.ANNOTATE,
        user=person,
        counted=False,
        answer={},
    )


def touch_by_draft(face: Face, person: User) -> None:
    Draft.objects.create(item=item_of(face), user=person, sequence=1, data={})


def touch_by_lease(face: Face, person: User) -> None:
    WorkItem.objects.filter(face=face).update(
        leased_to=person, lease_token=uuid.uuid4(), leased_until=timezone.now() - timedelta(minutes=5)
    )


def touch_by_lost_lease(face: Face, person: User) -> None:
    WorkItem.objects.filter(face=face).update(past_tokens=[uuid.uuid4()])


def touch_by_check(face: Face, person: User) -> None:
    Face.objects.filter(pk=face.pk).update(state=FaceState.CHECKING)


@pytest.mark.parametrize(
    "touch", [touch_by_pass, touch_by_draft, touch_by_lease, touch_by_lost_lease, touch_by_check]
)
@pytest.mark.parametrize("is_seen", [True, False])
def test_it_leaves_a_face_alone_that_a_person_touched(
    image: Image, face_factory: FaceFactory, ann1: User, touch: Any, is_seen: bool
) -> None:
    face = face_factory(image)
    touch(face, ann1)
    assert relabel(image, *[sees()] * is_seen)
    after = Face.objects.get(pk=face.pk)
    assert (after.current, after.needs_person) == (face.current, "")
    assert Face.objects.count() == 1


def test_it_adds_nothing_over_faces_that_are_there(
    image: Image, face_factory: FaceFactory, dataset: Dataset, ann1: User
) -> None:
    assert dataset.policy is not None
    face_factory(image, state=FaceState.ACCEPTED)
    faces_add(image=image, boxes=[Box(*ELSEWHERE)], author=ann1, policy_version=dataset.policy)
    assert relabel(image, sees(), sees(ELSEWHERE))
    assert (Face.objects.count(), Revision.objects.count()) == (2, 2)


def test_a_rejected_face_does_not_come_back(image: Image, face_factory: FaceFactory, ann1: User) -> None:
    face = face_factory(image, open_item=False)
    assert image.dataset.policy is not None
    face_reject(face=face, author=ann1, policy_version=image.dataset.policy, comment="a poster")
    assert relabel(image, sees())
    assert Face.objects.count() == 1
    assert Face.objects.get().state == FaceState.REJECTED


def test_a_face_closed_because_its_image_was_turned_may_come_back(
    image: Image, face_factory: FaceFactory, ann1: User
) -> None:
    face = face_factory(image, open_item=False)
    assert image.dataset.policy is not None
    face_reject(face=face, author=ann1, policy_version=image.dataset.policy, comment=ROTATED)
    assert relabel(image, sees())
    assert Face.objects.filter(state=FaceState.WAITING).count() == 1


def test_it_adds_a_missed_face_to_an_image_that_waits_for_its_sweep(
    image: Image, face_factory: FaceFactory
) -> None:
    face_factory(image)
    assert relabel(image, sees(), sees(ELSEWHERE, score=0.55), sees((10, 10, 35, 35), score=0.5))
    added = Face.objects.order_by("pk")[1:]
    assert [(face.state, face.needs_person) for face in added] == [("waiting", ""), ("too_small", "")]
    assert item_of(added[0]).kind == PassKind.ANNOTATE
    assert WorkItem.objects.filter(kind=PassKind.SWEEP).count() == 1


def test_a_confident_box_on_a_swept_image_reopens_its_sweep(image: Image, face_factory: FaceFactory) -> None:
    face_factory(image, state=FaceState.ACCEPTED)
    swept(image)
    assert relabel(image, sees(), sees(ELSEWHERE, score=0.8))
    image.refresh_from_db()
    assert image.swept_at is None
    sweep = WorkItem.objects.get(kind=PassKind.SWEEP, state="open")
    assert (sweep.round, "1 more face" in sweep.reason) == (2, True)
    added = Face.objects.get(state=FaceState.WAITING)
    assert "nobody drew" in added.needs_person
    assert item_of(added).priority == Priority.DOUBTFUL


def test_a_doubtful_box_on_a_swept_image_changes_nothing(image: Image, face_factory: FaceFactory) -> None:
    face_factory(image)
    swept(image)
    assert relabel(image, sees(), sees(ELSEWHERE, score=0.79))
    image.refresh_from_db()
    assert image.swept_at is not None
    assert Face.objects.count() == 1


def test_it_adds_nothing_while_somebody_sweeps(image: Image, face_factory: FaceFactory, ann1: User) -> None:
    face = face_factory(image)
    WorkItem.objects.filter(image=image, kind=PassKind.SWEEP).update(
        leased_to=ann1, lease_token=uuid.uuid4(), leased_until=timezone.now() + timedelta(minutes=5)
    )
    assert relabel(image, sees(), sees(ELSEWHERE))
    assert Face.objects.get().current != face.current


def test_a_face_that_the_model_no_longer_sees_stays_and_is_doubtful(
    image: Image, face_factory: FaceFactory
) -> None:
    face = face_factory(image)
    assert relabel(image)
    after = Face.objects.get(pk=face.pk)
    assert after.current == face.current
    assert MODEL in after.needs_person
    assert item_of(face).priority == Priority.DOUBTFUL


def test_the_size_rule_follows_the_new_box(image: Image, face_factory: FaceFactory) -> None:
    shrinks = face_factory(image, box=(100, 100, 131, 131))
    grows = face_factory(image, box=(400, 100, 429, 129), state=FaceState.TOO_SMALL)
    assert relabel(image, sees((100, 100, 129, 129)), sees((400, 100, 432, 132)))
    assert Face.objects.get(pk=shrinks.pk).state == FaceState.TOO_SMALL
    assert WorkItem.objects.get(face=shrinks).state == "cancelled"
    assert Face.objects.get(pk=grows.pk).state == FaceState.WAITING
    assert item_of(grows).kind == PassKind.ANNOTATE


def test_imported_labels_stay(image: Image, face_factory: FaceFactory) -> None:
    face = face_factory(image)
    Face.objects.update(current=None, prelabel=None)
    Revision.objects.filter(face=face).delete()
    imported = Revision.objects.create(
        face=face, kind="import", made_by="import", **Revision.columns_of(face_labels(OLD))
    )
    Face.objects.update(current=imported, prelabel=imported)
    assert relabel(image, sees())
    assert Face.objects.get().current == imported
