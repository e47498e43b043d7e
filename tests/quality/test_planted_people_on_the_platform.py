"""Six people whose faults are known work through the queue; gold finds the two that must be paused (issue 6)."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image
from annotator.quality.selectors.skill import PersonSkill, people_skill
from annotator.quality.services.gold import gold_create
from annotator.quality.services.watching import person_judge
from annotator.work.models import Pass, PassKind, WorkItem
from annotator.work.selectors.items import item_list
from annotator.work.services.claiming import items_claim
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.sweeping import SweepSubmission, sweep_submit
from benchmarks.planted_crowd import (
    AGE_BIASES,
    CARELESS_AGE,
    HONEST,
    JAW_SHIFT,
    PEOPLE,
    POLICY,
    drawn_face,
    pre_labelled,
    said,
)
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import FaceFactory, ImageFactory, make_dataset, make_member

pytestmark = pytest.mark.django_db

GOLD: Final = {PassKind.ANNOTATE: 40, PassKind.CHECK: 20, PassKind.SWEEP: 12}
"""Gold faces of each kind; everybody meets each at most once."""

ORDINARY_FACES: Final = 320
ORDINARY_SWEEPS: Final = 90
MARGIN: Final = 600
"""Pixels around the drawn faces: where a random clicker clicks is still in the image."""

WAVES_THROUGH: Final = dict.fromkeys(HONEST, 0.1) | {"random": 0.5, "careless": 1.0}
FINDS: Final = dict.fromkeys(HONEST, 0.93) | {"random": 0.4, "careless": 0.0}


class World:
    """A dataset of drawn faces with known truth, gold among them, and people at work in it."""

    def __init__(self, image_factory: ImageFactory, face_factory: FaceFactory, seed: int) -> None:
        self.random = np.random.default_rng([seed, 6])
        self.dataset = make_dataset("Planted people", checks=1, gold_share=0.5)
        self.truth: dict[int, FaceLabels] = {}
        self.missed: dict[int, Box] = {}
        self.make_image, self.make_face = image_factory, face_factory
        admin = make_member(self.dataset, "owner", Role.ADMIN)
        crowd = self.image()
        for _ in range(ORDINARY_FACES):
            self.face(crowd)
        for _ in range(ORDINARY_SWEEPS):
            self.image(sweep=True)
        for kind, count in GOLD.items():
            faces = [self.accepted(self.image() if kind == PassKind.SWEEP else crowd) for _ in range(count)]
            if kind == PassKind.SWEEP:
                self.missed |= {face.image_id: self.truth[face.pk].box for face in faces}
            made = gold_create(
                dataset=self.dataset, face_ids=[face.pk for face in faces], kind=kind, actor=admin, seed=seed
            )
            assert len(made.made) == count, made.refused

    def image(self, **columns: Any) -> Image:
        return self.make_image(self.dataset, size=(32, 32), width=2200, height=2200, **columns)

    def face(self, image: Image, **columns: Any) -> Face:
        drawn = drawn_face(self.random)
        assert drawn.landmarks is not None
        moved = replace(
            drawn,
            box=Box(*(edge + MARGIN for edge in drawn.box)),
            landmarks=drawn.landmarks + np.float32(MARGIN),
        )
        shown = pre_labelled(moved, self.random)
        face = self.make_face(image, shown.box, labels=shown, **columns)
        self.truth[face.pk] = moved
        return face

    def accepted(self, image: Image) -> Face:
        face = self.face(image, state=FaceState.ACCEPTED, age_n=3)
        truth = self.truth[face.pk]
        face.age_mean = truth.age
        face.current = Revision.objects.create(
            face=face, kind=RevisionKind.ANNOTATE, policy=self.dataset.policy, **Revision.columns_of(truth)
        )
        face.save(update_fields=["current", "age_mean"])
        return face

    def work(self, person: str, user: User) -> Iterator[bool]:
        """Batches of five; whether gold was among each, until there is no more for this person."""
        while ids := items_claim(dataset=self.dataset, user=user, role=Role.ANNOTATOR, count=5):
            items = WorkItem.objects.select_related("gold").in_bulk(ids)
            for shown in item_list(ids=ids, user=user, dataset=self.dataset):
                if shown["kind"] == PassKind.SWEEP:
                    self.sweep(person, user, items[shown["id"]], shown)
                else:
                    self.answer(person, user, items[shown["id"]], shown)
            yield any(item.gold_id for item in items.values())

    def answer(self, person: str, user: User, item: WorkItem, shown: dict[str, Any]) -> None:
        base = FaceLabels.from_json(shown["face"]["labels"])
        accepts = item.kind == PassKind.CHECK and self.random.random() < WAVES_THROUGH[person]
        labels = said(person, self.truth[shown["face"]["id"]], self.random)
        if accepts or person == "careless":
            labels = replace(base, age=CARELESS_AGE if person == "careless" else labels.age)
        face_submit(
            item=item,
            user=user,
            role=Role.ANNOTATOR,
            submission=FaceSubmission(
                submission_id=uuid.uuid4(),
                token=shown["lease"]["token"],
                base_revision=shown["face"]["base_revision"],
                verdict="accept" if accepts else "save",
                labels=labels,
                active_ms=15_000,
            ),
        )

    def sweep(self, person: str, user: User, item: WorkItem, shown: dict[str, Any]) -> None:
        box = self.missed.get(item.image_id)
        finds = box is not None and self.random.random() < FINDS[person]
        sent = SweepSubmission(uuid.uuid4(), shown["lease"]["token"], added=[box] if box and finds else [])
        sweep_submit(item=item, user=user, submission=sent)


@pytest.fixture
def world(image_factory: ImageFactory, face_factory: FaceFactory) -> World:
    return World(image_factory, face_factory, seed=4)


def test_it_pauses_the_random_and_the_careless_and_measures_the_others(world: World) -> None:
    users = {person: make_member(world.dataset, person, Role.ANNOTATOR) for person in PEOPLE}
    at_work = {person: world.work(person, user) for person, user in users.items()}
    while at_work:
        for person in list(at_work):
            had_gold = next(at_work[person], None)
            if had_gold is None:
                del at_work[person]
            elif had_gold:
                person_judge(dataset=world.dataset, user_id=users[person].pk)
    paused = set(
        Membership.objects.filter(dataset=world.dataset, paused_at__isnull=False).values_list(
            "user__username", flat=True
        )
    )
    assert paused == {"random", "careless"}
    before = {person: Pass.objects.filter(user=users[person], is_gold=True).count() for person in paused}
    assert max(before.values()) < sum(GOLD.values())
    assert_measured(people_skill(dataset=world.dataset, policy=POLICY))
    assert_faces_untouched(world.dataset)


def assert_measured(people: list[PersonSkill]) -> None:
    """Age biases within three standard errors of about half a year, the jaw's shift within 1 % of the box side."""
    measured = {person.membership.user.username: person.skill for person in people}
    for person, bias in AGE_BIASES.items():
        found = measured[person].age_bias_years
        assert found.n >= 30, (person, found)
        assert found.value == pytest.approx(bias, abs=3 * 3.0 / math.sqrt(found.n)), person
        assert (measured[person].sweep_recall.value or 0) > 0.5
    jaw = measured["jaw"].offsets["jaw"]
    shift = np.array([jaw.x.value, jaw.y.value], dtype=np.float64)
    assert float(np.linalg.norm(shift - JAW_SHIFT)) < 0.01
    assert jaw.is_systematic
    assert not measured["exact"].offsets["jaw"].is_systematic


def assert_faces_untouched(dataset: Dataset) -> None:
    """No answer to gold is part of a face's chain, and every gold face is as it was."""
    assert not Face.objects.filter(dataset=dataset, current__kind=RevisionKind.PLANTED).exists()
    assert Face.objects.filter(gold__isnull=False).exclude(state=FaceState.ACCEPTED).count() == 0
