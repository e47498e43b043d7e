"""Writes that reach across memberships and the work queue."""

from __future__ import annotations

from django.db import transaction

from annotator.accounts.models import User
from annotator.datasets.access import LABELLERS
from annotator.datasets.models import Membership, Role
from annotator.datasets.services import membership_update
from annotator.work.services.leases import leases_return
from annotator.work.services.people import member_deactivate


@transaction.atomic
def member_change(
    *, membership: Membership, role: Role | None = None, is_active: bool | None = None, actor: User
) -> Membership:
    """Change a member's role or access, all or nothing.

    Who loses access, or gets a role that does not label, gives leases and drafts back in the same
    transaction. Raises what ``membership_update`` raises.
    """
    changed = membership
    if role is not None or is_active:
        changed = membership_update(
            membership=membership, role=role, is_active=True if is_active else None, actor=actor
        )
    if is_active is False:
        member_deactivate(membership=changed, actor=actor)
        changed.refresh_from_db()
    elif changed.role not in LABELLERS:
        leases_return(user=changed.user, dataset=changed.dataset)
    return changed
