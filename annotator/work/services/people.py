"""Changing what a member may do, or pausing them, together with what they hold."""

from __future__ import annotations

from django.db import transaction

from annotator.accounts.models import User
from annotator.datasets.access import LABELLERS
from annotator.datasets.models import Membership, Role
from annotator.datasets.services import member_pause, membership_update
from annotator.work.models import PassKind
from annotator.work.selectors.eligibility import kinds_for
from annotator.work.services.leases import items_return, leases_return


@transaction.atomic
def member_update(
    *,
    membership: Membership,
    role: Role | None = None,
    is_active: bool | None = None,
    daily_goal: int | None = None,
    actor: User,
) -> Membership:
    """Change a member's role, activity or daily goal; what they may no longer work on goes back at once.

    The membership row is changed first: a claim holds a share lock on it, so no claim of theirs is under way
    when the leases are collected, and none that comes later finds an active member. Raises what
    ``membership_update`` raises.
    """
    changed = membership_update(
        membership=membership, role=role, is_active=is_active, daily_goal=daily_goal, actor=actor
    )
    if not changed.is_active or changed.role not in LABELLERS:
        leases_return(user=changed.user, dataset=changed.dataset)
    elif PassKind.ADJUDICATE not in kinds_for(Role(changed.role)):
        items_return(user=changed.user, dataset=changed.dataset, kind=PassKind.ADJUDICATE)
    return changed


@transaction.atomic
def person_pause(*, membership: Membership, reason: str, actor: User | None, **details: object) -> Membership:
    """Pause a member: what they hold goes back at once, their drafts stay for when they come back.

    Work that is already on its way counts, as it would after a lease that ran out. Raises what ``member_pause``
    raises.
    """
    paused = member_pause(membership=membership, reason=reason, actor=actor, **details)
    items_return(user=paused.user, dataset=paused.dataset)
    return paused
