"""Many faces are reopened, prioritised and assigned while people claim and save: nothing waits for ever or is lost."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.faces.selectors import FaceFilter
from annotator.work.models import CHOSEN_LEVELS, ItemState, Pass, Priority, WorkItem
from annotator.work.selectors.bulk import Action, Order
from annotator.work.services import bulk
from tests.cast import FaceFactory, ImageFactory, make_member
from tests.concurrency.conftest import at_once
from tests.concurrency.test_queue_under_load import work_to_the_end
from tests.work.bulk_orders import carry_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_changes_many_faces_while_people_work_on_them(
    dataset: Dataset,
    admin: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 3)
    people = [make_member(dataset, f"person{n}", Role.ANNOTATOR) for n in range(5)]
    image = image_factory(dataset)
    waiting = [face_factory(image) for _ in range(14)]
    closed = [face_factory(image, state=FaceState.ACCEPTED) for _ in range(8)]
    give = partial(carry_out, dataset=dataset, actor=admin)
    everything = FaceFilter()

    def reopen() -> int:
        chosen = FaceFilter(ids=tuple(face.pk for face in closed))
        touched: int = give(order=Order(action=Action.REOPEN, faces=chosen, reason="Once more"))["touched"]
        return touched

    def prioritise() -> int:
        for level in (*CHOSEN_LEVELS, Priority.NORMAL) * 2:
            give(order=Order(action=Action.PRIORITISE, faces=everything, level=level))
        return 0

    def assign() -> int:
        for person in people[:2] * 2:
            give(order=Order(action=Action.ASSIGN, faces=everything, person=person.pk))
            give(order=Order(action=Action.RELEASE, faces=everything))
        return 0

    results = at_once(
        [
            *(partial(work_to_the_end, dataset, person, n) for n, person in enumerate(people)),
            reopen,
            reopen,
            prioritise,
            assign,
        ]
    )
    assert not [result for result in results if isinstance(result, Exception)]
    for n, person in enumerate(people):  # somebody may have stopped while everything was assigned to another
        work_to_the_end(dataset, person, 100 + n)
    assert {face.state for face in Face.objects.all()} == {FaceState.ACCEPTED}
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()
    rounds = dict(Face.objects.values_list("pk", "round"))
    assert {rounds[face.pk] for face in waiting} == {1}
    # The two orders may have met one after the other, with the face accepted again between them.
    assert {rounds[face.pk] for face in closed} <= {2, 3}
    made = Counter(Pass.objects.filter(counted=True).values_list("face_id", "round"))
    assert set(made.values()) == {3}
    assert sum(results[5:7]) == sum(rounds[face.pk] - 1 for face in closed)  # type: ignore[arg-type]  # no errors among them
