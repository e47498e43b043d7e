"""Images that look alike: found after each import, decided by a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict
from annotator.images.models import Image, NearDuplicate, PairDecision, Verdict
from annotator.images.services.splits import SubjectSettled, near_duplicates_follow, subject_settle
from annotator.images.services.verdicts import image_reject

DISTANCE: Final = 6
"""Bits of the perceptual hash in which near duplicates may differ (benchmarked: docs/howto/import.md)."""

NEAREST: Final = 20
"""Pairs recorded for one image at most: a burst of a thousand frames needs no million decisions."""

# Two hashes of 64 bits that differ in at most 7 agree in one of their four quarters up to one bit. So each
# quarter is looked up in its index with its 17 neighbours (migration 0002), and only those rows are counted.
_QUARTER: Final = """((o.phash >> {shift}) & 65535) = ANY(ARRAY(
    SELECT ((new.phash >> {shift}) & 65535) # flip FROM unnest(%(flips)s::bigint[]) flip))"""

FIND: Final = f"""
INSERT INTO images_nearduplicate (dataset_id, earlier_id, later_id, distance, decision)
SELECT new.dataset_id, LEAST(new.id, other.id), GREATEST(new.id, other.id), other.distance, ''
FROM images_image new
CROSS JOIN LATERAL (
    SELECT o.id, bit_count((o.phash # new.phash)::bit(64)) AS distance
    FROM images_image o
    WHERE o.dataset_id = new.dataset_id AND o.id <> new.id AND o.verdict <> 'rejected'
      AND o.phash IS NOT NULL AND ({" OR ".join(_QUARTER.format(shift=shift) for shift in (0, 16, 32, 48))})
      AND bit_count((o.phash # new.phash)::bit(64)) <= %(distance)s
    ORDER BY distance, o.id
    LIMIT %(nearest)s
) other
WHERE new.id = ANY(%(ids)s) AND new.phash IS NOT NULL
ON CONFLICT (earlier_id, later_id) DO NOTHING
"""  # noqa: S608  # put together from constants


def find_parameters(image_ids: Sequence[int]) -> dict[str, Any]:
    """What FIND is executed with."""
    flips = [0, *(1 << bit for bit in range(16))]
    return {"ids": list(image_ids), "distance": DISTANCE, "nearest": NEAREST, "flips": flips}


def near_duplicates_record(*, image_ids: Sequence[int]) -> int:
    """Record every pair of one of these images with any other of its dataset; the number of new pairs. The
    later one of a pair follows the earlier into its split while it still can.

    Call it after the images' own transactions: of two imports at once, whichever looks last sees both.
    """
    if not image_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FIND, find_parameters(image_ids))
        found = int(cursor.rowcount)
    if found:
        near_duplicates_follow(image_ids=image_ids)
    return found


@transaction.atomic
def near_duplicate_decide(*, pair: NearDuplicate, decision: PairDecision, actor: User) -> NearDuplicate:
    """Keep both, link both as pictures of one subject, or reject the later one. A decision may be changed,
    but an image once rejected stays so until somebody takes its verdict back.

    Linking gives both images one subject key: the one that either has, else a new one; and one split if that
    can still be (``subject_settle``). Locks the pair and both images. Raises Conflict ``subject_keys_differ``.
    """
    pair = NearDuplicate.objects.select_for_update().get(pk=pair.pk)
    images = {
        image.pk: image
        for image in Image.objects.select_for_update()
        .filter(pk__in=(pair.earlier_id, pair.later_id))
        .order_by("pk")
    }
    earlier, later = images[pair.earlier_id], images[pair.later_id]
    settled: dict[str, str | int | None] = {}
    if decision == PairDecision.LINK:
        together = _link(earlier, later)
        settled = {"split": together.split, "moved": together.moved}
    elif decision == PairDecision.REJECT and later.verdict != Verdict.REJECTED:
        image_reject(
            image=later, actor=actor, reason=f"Near duplicate of {earlier.name} (image {earlier.pk})"
        )
    pair.decision = decision
    pair.decided_by = actor
    pair.decided_at = timezone.now()
    pair.save(update_fields=["decision", "decided_by", "decided_at"])
    audit(
        actor=actor,
        verb="near_duplicate_decide",
        target=pair,
        dataset_id=pair.dataset_id,
        decision=decision,
        earlier=earlier.pk,
        later=later.pk,
        **settled,
    )
    return pair


def _link(earlier: Image, later: Image) -> SubjectSettled:
    keys = {image.subject_key for image in (earlier, later) if image.subject_key}
    if len(keys) > 1:
        raise Conflict(
            "subject_keys_differ",
            f"The images carry two subject keys ({', '.join(sorted(keys))}). Correct one of them first.",
        )
    key = keys.pop() if keys else f"near-{earlier.pk}"
    for image in (earlier, later):
        if image.subject_key != key:
            image.subject_key = key
            image.save(update_fields=["subject_key"])
    return subject_settle(dataset_id=earlier.dataset_id, subject_key=key)
