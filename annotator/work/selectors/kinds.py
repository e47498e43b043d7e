"""Which kinds of work a role may be handed."""

from __future__ import annotations

from typing import Final

from annotator.datasets.models import Role
from annotator.work.models import PassKind

KINDS_IN_ORDER: Final = (PassKind.ADJUDICATE, PassKind.CHECK, PassKind.ANNOTATE, PassKind.SWEEP)
"""What is nearest to being finished is handed out first, so that faces leave the queue before others enter it."""


def kinds_for(role: Role) -> tuple[PassKind, ...]:
    """Kinds that a labelling role may be handed: disputes go to adjudicators and admins."""
    if role in (Role.ADMIN, Role.ADJUDICATOR):
        return KINDS_IN_ORDER
    return tuple(kind for kind in KINDS_IN_ORDER if kind != PassKind.ADJUDICATE)
