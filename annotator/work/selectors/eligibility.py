"""Which work a person may be handed: the kinds of their role, and no face that they touched in its round."""

from __future__ import annotations

from typing import Final

from annotator.datasets.models import Role
from annotator.work.models import PassKind

KINDS_IN_ORDER: Final = (PassKind.ADJUDICATE, PassKind.CHECK, PassKind.ANNOTATE, PassKind.SWEEP)
"""What is nearest to being finished is handed out first, so that faces leave the queue before others enter it."""

# A person may not take what is reserved for somebody else, nor what they touched: a counted pass on the same face
# (or sweep of the image) in the same round, or a skip. OFFSET 0 keeps each test a probe of a unique index for one
# candidate; without it the planner may read the person's whole history first.
MAY_TAKE: Final = """
    (i.reserved_for_id IS NULL OR i.reserved_for_id = %(user)s)
    AND NOT EXISTS (SELECT 1 FROM work_pass p WHERE p.face_id = i.face_id AND p.round = i.round
                AND p.user_id = %(user)s AND p.face_id IS NOT NULL AND p.counted AND NOT p.is_gold OFFSET 0)
    AND (i.kind <> 'sweep' OR NOT EXISTS (
        SELECT 1 FROM work_pass p WHERE p.image_id = i.image_id AND p.round = i.round
        AND p.user_id = %(user)s AND p.kind = 'sweep' AND p.counted AND NOT p.is_gold OFFSET 0))
    AND NOT EXISTS (SELECT 1 FROM work_skip s WHERE s.item_id = i.id AND s.user_id = %(user)s OFFSET 0)
    AND EXISTS (SELECT 1 FROM images_image g WHERE g.id = i.image_id AND g.verdict = '' OFFSET 0)
"""


def kinds_for(role: Role) -> tuple[PassKind, ...]:
    """Kinds that a labelling role may be handed: disputes go to adjudicators and admins."""
    if role in (Role.ADMIN, Role.ADJUDICATOR):
        return KINDS_IN_ORDER
    return tuple(kind for kind in KINDS_IN_ORDER if kind != PassKind.ADJUDICATE)
