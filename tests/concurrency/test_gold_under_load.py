"""Gold drawn by claims that run at the same moment."""

from __future__ import annotations

import uuid
from dataclasses import replace
from functools import partial

import pytest
from django.db.models import Count

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors.items import item_list
from annotator.work.services.claiming import items_claim
from annotator.work.services.submitting import FaceSubmission, face_submit
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import FaceFactory, ImageFactory, make_member
from tests.concurrency.conftest import at_once
from tests.quality.gold_cast import accepted_face, make_gold, policy_set

pytestmark = pytest.mark.django_db(transaction=True)

GOLD = 6
FACES = 24


def work_to_the_end(dataset: Dataset, user: User) -> int:
    """Claim and save what is shown until nothing is left for this person; how many saves counted."""
    counted = idle = 0
    while idle < 40:
        ids = items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=3)
        idle = 0 if ids else idle + 1
        items = WorkItem.objects.in_bulk(ids)
        for shown in item_list(ids=ids, user=user, dataset=dataset):
            labels = FaceLabels.from_json(shown["face"]["labels"])
            sent = FaceSubmission(
                submission_id=uuid.uuid4(),
                token=shown["lease"]["token"],
                base_revision=shown["face"]["base_revision"],
                verdict="save",
                labels=replace(labels, age=30.0, ethnicity="white"),
            )
            said = face_submit(item=items[shown["id"]], user=user, role=Role.ANNOTATOR, submission=sent)
            counted += said["kept_as"] == "counted"
    return counted


@pytest.fixture
def golden(dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory) -> Dataset:
    """Faces that wait, and gold for labelling and checks; half of what is handed out is gold."""
    image = image_factory(dataset)
    for _ in range(FACES):
        face_factory(image)
    for _ in range(GOLD):
        face = accepted_face(dataset, image_factory, face_factory, image=image)
        make_gold(face, PassKind.ANNOTATE, admin)
        make_gold(
            accepted_face(dataset, image_factory, face_factory, image=image), PassKind.CHECK, admin, "nose"
        )
    policy_set(dataset, gold_share=0.5)
    return Dataset.objects.select_related("policy").get(pk=dataset.pk)


def test_it_hands_one_persons_tabs_no_gold_twice_and_loses_no_face(golden: Dataset, ann1: User) -> None:
    claim = partial(items_claim, dataset=golden, user=ann1, role=Role.ANNOTATOR, count=4)
    results = at_once([claim] * 6)
    assert not [result for result in results if isinstance(result, Exception)]
    drawn = WorkItem.objects.filter(gold__isnull=False)
    assert not drawn.values("gold", "reserved_for").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert {item.leased_to_id for item in drawn} <= {ann1.pk}
    waiting = WorkItem.objects.filter(gold=None, state=ItemState.OPEN, face__state=FaceState.WAITING)
    assert waiting.values("face").distinct().count() == waiting.count() == FACES


def test_it_finishes_every_face_while_people_are_tested(golden: Dataset) -> None:
    people = [make_member(golden, f"person{n}", Role.ANNOTATOR) for n in range(4)]
    results = at_once([partial(work_to_the_end, golden, person) for person in people])
    assert not [result for result in results if isinstance(result, Exception)]
    assert {face.state for face in Face.objects.all()} == {FaceState.ACCEPTED}
    assert not WorkItem.objects.filter(state=ItemState.OPEN, gold=None).exists()
    ordinary = Pass.objects.filter(is_gold=False, counted=True)
    assert ordinary.count() == FACES * 3
    assert Pass.objects.filter(is_gold=True, counted=True).exists()
    per_person = Pass.objects.filter(is_gold=True).values("user", "item__gold").annotate(n=Count("pk"))
    assert not per_person.filter(n__gt=1).exists()
