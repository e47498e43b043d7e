"""What a person needs to see to work on an item. No other person's age, and no model's, ever leaves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import Q

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.common.parsers import LARGEST_INTEGER
from annotator.common.rows import Rows
from annotator.common.statements import Statement
from annotator.datasets.access import ACCESS_COLUMNS, ACCESS_JOINS, ACCESS_WIDTH, LABELLERS, access_of
from annotator.datasets.models import Dataset, Role
from annotator.faces.blind_text import without_ages
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.faces.rows import FACES, IMAGES, REVISIONS
from annotator.images.models import Image
from annotator.work.models import Draft, Gold, PassKind, WorkItem
from annotator.work.rows import ITEMS
from annotator.work.selectors.gold import face_shown, gold_of_items
from annotator.work.selectors.sweeps import OnImage, on_images, sweep_json
from annotator.work.selectors.withdrawn import not_taken_back
from jfa_pipeline.aggregate.blind import shown_to_checker
from jfa_pipeline.coarse.uncertainty import uncertain_points
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import roll_degrees
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy

CROP_GROWTH: Final = 1.8
"""The square crop is this many times as wide as the longer side of the box."""

CROP_PIXELS: Final = 1024
IMAGE_SIDE: Final = 1024
VERSIONS_OF_A_DISPUTE: Final = (
    RevisionKind.ANNOTATE,
    RevisionKind.CHECK,
    RevisionKind.SIDE,
    RevisionKind.IMPORT,
)

ITEM: Final = Statement(
    "work_item",
    f"""
SELECT {ACCESS_COLUMNS}, {ITEMS.columns("i")}
FROM work_workitem i JOIN datasets_dataset d ON d.id = i.dataset_id {ACCESS_JOINS}
WHERE i.id = %(item)s
""",  # noqa: S608  # names of columns
    item="bigint",
    user="bigint",
)

DRAFTS: Final = Rows(Draft)
_SHOWN_ROWS: Final = (
    (ITEMS, "i"),
    (IMAGES, "g"),
    (FACES, "f"),
    (REVISIONS, "c"),
    (REVISIONS, "p"),
    (DRAFTS, "d"),
)
# A face that nobody changed yet has its pre-label for its current version: that is read once.
SHOWN: Final = Statement(
    "work_items_shown",
    f"""
SELECT {", ".join(rows.columns(name) for rows, name in _SHOWN_ROWS)}
FROM work_workitem i
JOIN images_image g ON g.id = i.image_id
LEFT JOIN faces_face f ON f.id = i.face_id
LEFT JOIN faces_revision c ON c.id = f.current_id
LEFT JOIN faces_revision p ON p.id = f.prelabel_id AND p.id IS DISTINCT FROM f.current_id
LEFT JOIN work_draft d ON d.item_id = i.id AND d.user_id = %(user)s
WHERE i.id = ANY(%(items)s)
""",  # noqa: S608  # names of columns
    items="bigint[]",
    user="bigint",
)


def item_access(*, user: User, item_id: int) -> tuple[WorkItem, Role]:
    """The item and the person's role in its dataset; raises NotFound or NotAllowed like ``dataset_access``."""
    found = ITEM.row(item=item_id, user=user.pk) if item_id <= LARGEST_INTEGER else None
    if found is None:
        raise NotFound()
    dataset, role = access_of(user=user, row=found[:ACCESS_WIDTH], roles=LABELLERS)
    item = ITEMS.instance(found[ACCESS_WIDTH:])
    item.dataset = dataset
    return item, role


def item_list(*, ids: Sequence[int], user: User, dataset: Dataset) -> list[dict[str, Any]]:
    """Items of a dataset as the page needs them, in the order of ``ids``; at most four queries, however many items, and
    one more with sweeps.

    ``dataset`` has its policy loaded.
    """
    items: dict[int, WorkItem] = {}
    drafts: dict[int, Draft | None] = {}
    for row in SHOWN.rows(items=list(ids), user=user.pk) if ids else ():
        item, draft = _shown(row, dataset)
        items[item.pk], drafts[item.pk] = item, draft
    golds = gold_of_items(items.values())
    versions = _versions(item.face for item in items.values() if item.kind == PassKind.ADJUDICATE)
    swept = on_images([item.image_id for item in items.values() if item.kind == PassKind.SWEEP])
    return [
        _item_json(
            item=items[pk],
            draft=drafts.get(pk),
            versions=versions.get(items[pk].face_id or 0, []),
            swept=swept.get(items[pk].image_id, OnImage()),
            gold=golds.get(pk),
        )
        for pk in ids
        if pk in items
    ]


def _shown(row: tuple[Any, ...], dataset: Dataset) -> tuple[WorkItem, Draft | None]:
    """A row of SHOWN: the item with everything that it shows loaded, and the person's draft of it."""
    parts: list[Any] = []
    at = 0
    for rows, _ in _SHOWN_ROWS:
        values = row[at : at + rows.width]
        parts.append(None if values[0] is None else rows.instance(values))
        at += rows.width
    item, item.image, item.face, current, prelabel, draft = parts
    item.dataset = dataset
    if item.face is not None:
        item.face.image = item.image
        item.face.current = current
        item.face.prelabel = current if item.face.prelabel_id == item.face.current_id else prelabel
    return item, draft


def crop_region(box: Box) -> tuple[int, int, int]:
    """Left, top and side in pixels of a square of the upright image around a box; may reach outside it."""
    side = max(1, math.ceil(max(box.width, box.height) * CROP_GROWTH))
    x, y = box.centre
    return math.floor(x - side / 2), math.floor(y - side / 2), side


def crop_json(*, image_id: int, box: Box) -> dict[str, Any]:
    """Where the crop is in the upright image, and its address; ``pixels`` is the side of the square JPEG."""
    x, y, side = crop_region(box)
    pixels = min(CROP_PIXELS, side)
    return {
        "url": f"/api/v1/images/{image_id}/crop?x={x}&y={y}&w={side}&h={side}&pixels={pixels}",
        "x": x,
        "y": y,
        "width": side,
        "height": side,
        "pixels": pixels,
    }


def roll_of(labels: FaceLabels) -> float:
    """In-plane rotation in degrees, clockwise positive; 0 where the eyes have no points."""
    if labels.landmarks is None or labels.visibility is None or (labels.visibility[36:48] == MISSING).any():
        return 0.0
    return round(roll_degrees(labels.landmarks), 2)


def _item_json(
    *, item: WorkItem, draft: Draft | None, versions: list[Revision], swept: OnImage, gold: Gold | None
) -> dict[str, Any]:
    assert item.dataset.policy is not None  # noqa: S101  # made together with the dataset
    policy = item.dataset.policy.policy
    total = max(1 + policy.checks, _pass_number(item, 0))
    is_sweep = item.kind == PassKind.SWEEP
    face = item.face
    if gold is not None:
        face = None if is_sweep else face_shown(gold, round_number=item.round)
    return {
        "id": item.pk,
        "kind": item.kind,
        "pass_number": _pass_number(item, total),
        "passes_total": 1 if is_sweep else total,
        "round": item.round,
        "lease": {"token": item.lease_token, "until": item.leased_until},
        "dataset_id": item.dataset_id,
        "image": _image_json(item.image),
        "face": None
        if face is None or is_sweep
        else _face_json(item=item, face=face, versions=versions, policy=policy),
        "sweep": sweep_json(swept, gold) if is_sweep else None,
        "draft": None if draft is None else draft_json(draft),
    }


def _pass_number(item: WorkItem, total: int) -> int:
    """1 for the first labelling and for a sweep, 2 for the first check; a dispute is decided after them all."""
    if item.kind == PassKind.CHECK:
        return item.pass_number + 1
    return total if item.kind == PassKind.ADJUDICATE else 1


def _image_json(image: Image) -> dict[str, Any]:
    return {
        "id": image.pk,
        "width": image.width,
        "height": image.height,
        "url": f"/api/v1/images/{image.pk}/file?side={IMAGE_SIDE}",
    }


def _face_json(*, item: WorkItem, face: Face, versions: list[Revision], policy: Policy) -> dict[str, Any]:
    """A checker does not see what the policy asks blind: ``asked_blind`` names it, beside age."""
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    labels = face.labels_shown(face.current)
    prelabel = None if face.prelabel is None else face.labels_shown(face.prelabel)
    asked_blind: tuple[str, ...] = ()
    if item.kind == PassKind.CHECK and policy.blind_in_checks:
        asked_blind = policy.blind_in_checks
        labels = shown_to_checker(labels, prelabel, policy)
        prelabel = None if prelabel is None else shown_to_checker(prelabel, prelabel, policy)
    shown = {
        "id": face.pk,
        "base_revision": face.current.pk,
        "labels": labels.without_age().to_json(),
        "prelabel": None if prelabel is None else prelabel.without_age().to_json(),
        "blind": face.hides_prelabel,
        "asked_blind": list(asked_blind),
        "uncertain": _uncertain(item, face)
        if prelabel is not None and prelabel.landmarks is not None
        else [],
        "uncertainty": _uncertainty(item, face),
        "needs_person": face.needs_person
        or (without_ages(item.reason) if item.kind in (PassKind.ANNOTATE, PassKind.CHECK) else ""),
        "roll": roll_of(labels),
        "crop": crop_json(image_id=face.image_id, box=labels.box),
    }
    if item.kind == PassKind.ADJUDICATE:
        shown["versions"] = [
            {
                "revision": revision.pk,
                "author": _letter(place),
                "labels": revision.labels.without_age().to_json(),
                "comment": without_ages(revision.comment),
            }
            for place, revision in enumerate(versions)
        ]
        shown["dispute_reason"] = without_ages(item.reason)
    return shown


def draft_json(draft: Draft) -> dict[str, Any]:
    return {
        "sequence": draft.sequence,
        "writer": draft.writer,
        "data": draft.data,
        "updated_at": draft.updated_at,
    }


def _uncertain(item: WorkItem, face: Face) -> list[int]:
    """Points to look at first. A person who decides between versions is not told: that would weigh."""
    if item.kind == PassKind.ADJUDICATE or face.prelabel is None:
        return []
    return uncertain_points(face.prelabel.point_spread)


def _uncertainty(item: WorkItem, face: Face) -> float | None:
    """How unsure the model was of the pre-label that is shown; like ``_uncertain`` not told where versions compete."""
    if item.kind == PassKind.ADJUDICATE or face.prelabel is None or face.hides_prelabel:
        return None
    return face.uncertainty


def _letter(place: int) -> str:
    """A, B, ... Z, then A2, B2, ...: whose version it is must not weigh."""
    turn, letter = divmod(place, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")


def _versions(faces: Iterable[Face | None]) -> dict[int, list[Revision]]:
    """The different versions that people made of disputed faces in their present round, oldest first.

    A check that accepted what it saw made no version of its own.
    """
    disputed = [face for face in faces if face is not None]
    if not disputed:
        return {}
    this_round = Q(pk__in=[])
    for face in disputed:
        this_round |= Q(face_id=face.pk, round=face.round)
    found: dict[int, list[Revision]] = defaultdict(list)
    made = Revision.objects.filter(this_round, not_taken_back(), kind__in=VERSIONS_OF_A_DISPUTE)
    for revision in made.order_by("pk"):
        if not any(revision.labels.same_but_age(other.labels) for other in found[revision.face_id]):
            found[revision.face_id].append(revision)
    return found
