"""Tallies equal the rows that they count after any sequence of services and raw statements, folded at any moment."""

from __future__ import annotations

import contextlib
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.faces.models import Face, FaceState
from annotator.faces.services import faces_add, faces_prelabel
from annotator.images.models import Image, Verdict
from annotator.quality.models import DayTallyDelta, ImageTouch, TallyDelta
from annotator.quality.services.tallying import tallies_fold, tallies_repair
from annotator.work.models import Pass, PassKind, WorkItem
from annotator.work.services.opening import items_open_for_image
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import Box
from tests.cast import FaceFactory, ImageFactory, face_labels, make_dataset
from tests.quality.tally_truth import assert_true
from tests.work.test_any_order_of_events import Office

pytestmark = pytest.mark.django_db


class Registry(Office):
    """The office of people at their work, and what else befalls the rows: machines, admins, raw statements."""

    def do(self, what: str, who: int, which: int) -> None:
        """What the database refuses is undone, as in any request."""
        with contextlib.suppress(IntegrityError):
            super().do(what, who, which)

    def fold(self, who: int, which: int) -> None:
        tallies_fold()

    def prelabel(self, who: int, which: int) -> None:
        """Stores faces by COPY, before the revisions that they point to."""
        image = self.faces[0].image
        seen = [
            CoarseFace(labels=face_labels((10, 10, 60 + 40 * n, 300)), score=0.9, detector="d")
            for n in range(2)
        ]
        policy = self.dataset.policy
        assert policy is not None
        faces_prelabel(image=image, faces=seen, made_by=f"model {which % 2}", policy_version=policy)

    def draw(self, who: int, which: int) -> None:
        """People's faces on the second image, with their items."""
        policy = self.dataset.policy
        assert policy is not None
        image = self.faces[1].image
        boxes = [Box(5, 5, 45 + 60 * (which % 4), 200)]
        faces_add(image=image, boxes=boxes, author=self.people[who], policy_version=policy)
        items_open_for_image(image=image)

    def sweep(self, who: int, which: int) -> None:
        at = None if which == 0 else timezone.now()
        Image.objects.filter(pk=self.faces[which % 2].image_id).update(swept_at=at)

    def verdict(self, who: int, which: int) -> None:
        verdict = Verdict.REJECTED if which % 2 else Verdict.NONE
        Image.objects.filter(dataset=self.dataset).update(verdict=verdict)

    def reprelabel(self, who: int, which: int) -> None:
        image = Image.objects.filter(pk=self.faces[which % 2].image_id)
        image.update(prelabelled_at=None, prelabel_error="" if which < 5 else "The provider refused it.")

    def move_points(self, who: int, which: int) -> None:
        """Every face back to its first version, closed faces and all."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE faces_face f SET current_id = (SELECT min(r.id) FROM faces_revision r WHERE r.face_id = f.id)"
                " WHERE f.dataset_id = %s",
                [self.dataset.pk],
            )

    def finish(self, who: int, which: int) -> None:
        """All faces of an image are accepted in one statement, with an age."""
        Face.objects.filter(image_id=self.faces[which % 2].image_id).update(
            state=FaceState.ACCEPTED,
            accepted_policy=self.dataset.policy,
            closed_at=timezone.now(),
            age_mean=10.0 * which,
        )

    def back(self, who: int, which: int) -> None:
        Face.objects.filter(dataset=self.dataset, state=FaceState.ACCEPTED).update(state=FaceState.CHECKING)

    def discount(self, who: int, which: int) -> None:
        Pass.objects.filter(dataset=self.dataset, user=self.people[who]).update(counted=which % 2 == 0)

    def yesterday(self, who: int, which: int) -> None:
        earlier = timezone.now() - timedelta(days=which)
        Pass.objects.filter(dataset=self.dataset, user=self.people[who]).update(created_at=earlier)

    def renumber(self, who: int, which: int) -> None:
        WorkItem.objects.filter(dataset=self.dataset, kind=PassKind.CHECK).update(pass_number=1 + which % 3)

    def repair(self, who: int, which: int) -> None:
        assert tallies_repair() == 0


PEOPLE = ("save", "save", "accept", "other", "dispute", "claim", "lapse", "skip", "reopen")
MACHINES = (
    "fold", "fold", "prelabel", "draw", "sweep", "sweep", "verdict", "reprelabel", "move_points", "finish",
    "back", "discount", "yesterday", "renumber", "repair",
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(st.sampled_from(PEOPLE * 2 + MACHINES), st.integers(0, 4), st.integers(0, 9)),
    min_size=15,
    max_size=40,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=EVENTS)
def test_it_counts_what_is_there_after_any_events(
    db: None, image_factory: ImageFactory, face_factory: FaceFactory, events: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        dataset = make_dataset(f"Registry {uuid.uuid4().hex[:8]}")
        registry = Registry(dataset, [face_factory(image_factory(dataset)) for _ in range(2)])
        for what, who, which in events:
            registry.do(what, who, which)
            assert_true(dataset)
        while tallies_fold():
            assert_true(dataset)
        assert not any(model.objects.exists() for model in (TallyDelta, DayTallyDelta, ImageTouch))
        assert_true(dataset)
        transaction.set_rollback(True)


@pytest.mark.parametrize("what", sorted(set(MACHINES)))
def test_it_counts_what_is_there_after_each_kind_of_statement(
    what: str, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    dataset = make_dataset("Registry")
    registry = Registry(dataset, [face_factory(image_factory(dataset)) for _ in range(2)])
    registry.do("save", 0, 0)
    registry.do("accept", 1, 0)
    for which in range(2):
        getattr(registry, what)(2, which)
        assert_true(dataset)
