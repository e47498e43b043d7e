"""Reads about datasets and memberships; the person is always passed in."""

from __future__ import annotations

from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, PolicyVersion, Role


def dataset_roles(*, user: User) -> list[tuple[Dataset, Role]]:
    """Every dataset the person may enter with the role there, by name; one query. A superuser is admin of all."""
    if user.is_superuser:
        datasets = Dataset.objects.select_related("policy").order_by("name", "id")
        return [(dataset, Role.ADMIN) for dataset in datasets]
    members = (
        Membership.objects.filter(user=user, is_active=True)
        .select_related("dataset__policy")
        .order_by("dataset__name", "dataset_id")
    )
    return [(member.dataset, Role(member.role)) for member in members]


def policy_version_list(*, dataset: Dataset) -> QuerySet[PolicyVersion]:
    """Every version of the policy, newest first."""
    return PolicyVersion.objects.filter(dataset=dataset).select_related("created_by").order_by("-version")
