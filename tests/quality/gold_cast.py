"""Faces that are gold, and people who meet them: shared by the tests of gold."""

from __future__ import annotations

from typing import Any

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.quality.services.gold import gold_create
from annotator.work.models import Gold, ItemState, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desk

BOX = (100, 100, 300, 340)


def policy_set(dataset: Dataset, **changes: Any) -> None:
    """Change the policy in force without publishing a version."""
    assert dataset.policy is not None
    PolicyVersion.objects.filter(pk=dataset.policy.pk).update(data={**dataset.policy.data, **changes})
    dataset.policy.refresh_from_db()


def accepted_face(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    *,
    truth: FaceLabels | None = None,
    box: tuple[float, float, float, float] = BOX,
    age_mean: float = 30.0,
    **columns: Any,
) -> Face:
    """A face that three people agreed on, on an image of its own; its pre-label differs from its accepted labels."""
    image = columns.pop("image", None) or image_factory(dataset)
    face = face_factory(
        image, box, state=FaceState.ACCEPTED, age_mean=age_mean, age_sd=1.0, age_n=3, **columns
    )
    face.current = Revision.objects.create(
        face=face,
        parent=face.prelabel,
        kind=RevisionKind.ANNOTATE,
        policy=dataset.policy,
        **Revision.columns_of(truth or face_labels(box)),
    )
    face.save(update_fields=["current"])
    return face


def make_gold(face: Face, kind: PassKind, actor: User, *faults: str) -> Gold:
    made = gold_create(
        dataset=face.dataset, face_ids=[face.pk], kind=kind, actor=actor, faults=faults, seed=face.pk
    )
    assert not made.refused, made.refused
    return made.made[0]


def to_check(face: Face, author: User) -> None:
    """Put an ordinary waiting face before its first check."""
    WorkItem.objects.filter(face=face).update(state=ItemState.DONE)
    face.current = Revision.objects.create(
        face=face,
        kind=RevisionKind.ANNOTATE,
        author=author,
        policy=face.dataset.policy,
        **Revision.columns_of(face_labels(BOX)),
    )
    face.state = FaceState.CHECKING
    face.save(update_fields=["current", "state"])
    WorkItem.objects.create(
        dataset=face.dataset, image=face.image, face=face, kind=PassKind.CHECK, pass_number=1
    )


def both(desk: Desk, dataset: Dataset, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ordinary item of a kind, given back, and the gold one that comes in its place."""
    ordinary = desk.next(kinds=[kind])
    assert desk.post(f"/work/{ordinary['id']}/release", {"token": ordinary["lease"]["token"]})[0] == 204
    policy_set(dataset, gold_share=0.5)
    gold = desk.next(kinds=[kind])
    assert WorkItem.objects.get(pk=gold["id"]).gold is not None
    return ordinary, gold
