"""Who may see and do what. Every view that touches a dataset starts here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser

from annotator.accounts.models import User
from annotator.common.errors import NotAllowed, NotFound
from annotator.common.parsers import LARGEST_INTEGER
from annotator.common.rows import Rows
from annotator.common.statements import Statement
from annotator.datasets.models import Dataset, Membership, PolicyVersion, Role, policy_read

EVERYONE = tuple(Role)
STAFF = (Role.ADMIN, Role.ADJUDICATOR, Role.RESEARCHER)
LABELLERS = (Role.ADMIN, Role.ADJUDICATOR, Role.ANNOTATOR)

DATASETS: Final = Rows(Dataset)
VERSIONS: Final = Rows(PolicyVersion, only=["id", "dataset_id", "version"])

ACCESS_COLUMNS: Final = f"m.role, {DATASETS.columns('d')}, p.data::text, {VERSIONS.columns('p')}"
ACCESS_WIDTH: Final = 1 + DATASETS.width + 1 + VERSIONS.width
ACCESS_JOINS: Final = """
LEFT JOIN datasets_policyversion p ON p.id = d.policy_id
LEFT JOIN datasets_membership m ON m.dataset_id = d.id AND m.user_id = %(user)s AND m.is_active
"""
"""What a statement reads beside a dataset ``d`` for ``access_of``."""

ACCESS: Final = Statement(
    "datasets_access",
    f"SELECT {ACCESS_COLUMNS} FROM datasets_dataset d {ACCESS_JOINS} WHERE d.id = %(dataset)s",  # noqa: S608
    dataset="bigint",
    user="bigint",
)


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
    """The dataset, with its policy loaded, and the person's role in it; one query.

    Raises NotFound for a dataset that is missing or not theirs (the answer does not tell which), NotAllowed for
    a member whose role is not among ``roles``.
    """
    found = ACCESS.row(dataset=dataset_id, user=user.pk) if dataset_id <= LARGEST_INTEGER else None
    return access_of(user=user, row=found, roles=roles)


def access_of(
    *, user: User | AnonymousUser, row: Sequence[Any] | None, roles: tuple[Role, ...] = EVERYONE
) -> tuple[Dataset, Role]:
    """``dataset_access`` from a row of ACCESS_COLUMNS, or None where there is no such dataset."""
    if row is None or not isinstance(user, User) or not user.is_active:
        raise NotFound()
    given, *columns = row
    if not given and not user.is_superuser:
        raise NotFound()
    role = Role.ADMIN if user.is_superuser else Role(given)
    if role not in roles:
        needed = ", ".join(roles)
        raise NotAllowed(
            "role", f"Your role here is {role}; this needs one of: {needed}. Ask an admin of the dataset."
        )
    return _dataset(columns), role


def _dataset(row: Sequence[Any]) -> Dataset:
    """The columns behind the role."""
    dataset = DATASETS.instance(row[: DATASETS.width])
    data, *version = row[DATASETS.width :]
    dataset.policy = None
    if data is not None:
        dataset.policy = VERSIONS.instance(version)
        dataset.policy.known = policy_read(data)
    return dataset
