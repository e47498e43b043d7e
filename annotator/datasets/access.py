"""Who may see and do what. Every view that touches a dataset starts here."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from annotator.accounts.models import User
from annotator.common.errors import NotAllowed, NotFound
from annotator.datasets.models import Dataset, Membership, Role

EVERYONE = tuple(Role)
STAFF = (Role.ADMIN, Role.ADJUDICATOR, Role.RESEARCHER)
LABELLERS = (Role.ADMIN, Role.ADJUDICATOR, Role.ANNOTATOR)


def role_in(*, user: User | AnonymousUser, dataset: Dataset) -> Role | None:
    """The person's role in the dataset, or None for an outsider. A superuser is admin everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMIN
    role = (
        Membership.objects.filter(dataset=dataset, user=user, is_active=True)
        .values_list("role", flat=True)
        .first()
    )
    return None if role is None else Role(role)


def dataset_access(
    *, user: User | AnonymousUser, dataset_id: int, roles: tuple[Role, ...] = EVERYONE
) -> tuple[Dataset, Role]:
    """The dataset and the person's role in it.

    Raises NotFound for a dataset that is missing or not theirs (the answer does not tell which), NotAllowed for
    a member whose role is not among ``roles``.
    """
    dataset = Dataset.objects.select_related("policy").filter(pk=dataset_id).first()
    role = None if dataset is None else role_in(user=user, dataset=dataset)
    if dataset is None or role is None:
        raise NotFound()
    if role not in roles:
        needed = ", ".join(roles)
        raise NotAllowed(
            "role", f"Your role here is {role}; this needs one of: {needed}. Ask an admin of the dataset."
        )
    return dataset, role
