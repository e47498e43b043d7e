"""Which split an image is in: drawn when it arrives, together with everything else of its subject.

The test split is labelled blind (no model's labels are shown there), so an image can be drawn into it only
while no model has labelled it, and what a person has worked on stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet

from annotator.images.models import Image, NearDuplicate, PairDecision, Split
from annotator.images.selectors import subject_images, worked_on
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.steps.arrival_split import arrival_split


@dataclass(frozen=True, slots=True)
class SubjectSettled:
    """split: the one that all images of the subject are in now; None if they are in several and must stay so,
    because people have worked on them or a model's labels have been seen. moved: how many images changed."""

    split: Split | None
    moved: int = 0


def split_draw(
    *, dataset_id: int, policy: Policy | None, sha256: str, subject_key: str, told: Split | None = None
) -> Split:
    """The split of a new image: its subject's if the dataset has images of it, else the one that a release
    told, else drawn by the policy's test share from a hash of the subject key or, without one, of the file."""
    if subject_key:
        known = subject_images(dataset_id=dataset_id, subject_key=subject_key).order_by("pk")
        if (split := known.values_list("split", flat=True).first()) is not None:
            return Split(split)
    if told is not None:
        return told
    share = 0.0 if policy is None else policy.test_share
    return Split(arrival_split(subject_key or sha256, salt=f"dataset {dataset_id}", test_share=share))


@transaction.atomic
def subject_settle(*, dataset_id: int, subject_key: str) -> SubjectSettled:
    """Bring all images of a subject into one split, after two subjects became one.

    The others follow the earliest image; where that cannot be, the earliest follows them. An image follows
    only if no person has worked on it, and into the test split only if no model has labelled it. One that
    leaves the test split waits for pre-labelling again. Locks the subject's images.
    """
    images = subject_images(dataset_id=dataset_id, subject_key=subject_key)
    splits = list(images.select_for_update().order_by("pk").values_list("split", flat=True))
    wanted = list(dict.fromkeys(splits))  # the earliest image's split first
    if len(wanted) < 2:
        return SubjectSettled(Split(splits[0]) if splits else None)
    for split in map(Split, wanted):
        movers = images.exclude(split=split)
        if not movers.filter(_held(split)).exists():
            return SubjectSettled(split, _move(movers, split))
    return SubjectSettled(None)


@transaction.atomic
def near_duplicates_follow(*, image_ids: Sequence[int]) -> int:
    """Put each of these images into the split of the earlier image that it resembles most, before a person has
    decided about the pair: frames of one film would else be learnt from and tested on. The number moved.

    Images with a subject key stay with their subject, and what must not move (``subject_settle``) stays.
    """
    pairs = (
        NearDuplicate.objects.filter(later__in=image_ids, later__subject_key="", decision=PairDecision.OPEN)
        .exclude(later__split=F("earlier__split"))
        .order_by("later_id", "distance", "earlier_id")
        .distinct("later_id")
    )
    moved = 0
    for pair in pairs:
        split = Split(Image.objects.values_list("split", flat=True).get(pk=pair.earlier_id))
        later = Image.objects.filter(pk=pair.later_id).exclude(split=split)
        moved += _move(later.exclude(_held(split)), split)
    return moved


def _move(movers: QuerySet[Image], split: Split) -> int:
    """Change the split of these images; how many. What leaves the test split waits for pre-labelling again."""
    ids = list(movers.select_for_update(of=("self",)).order_by("pk").values_list("pk", "split"))
    left = [pk for pk, before in ids if before == Split.TEST]
    Image.objects.filter(pk__in=left).update(prelabelled_at=None, prelabelled_by="", prelabel_error="")
    return Image.objects.filter(pk__in=[pk for pk, _ in ids]).update(split=split)


def _held(split: Split) -> Q:
    """Images that must not move into this split."""
    held = worked_on()
    return held | Q(prelabelled_at__isnull=False) if split == Split.TEST else held
