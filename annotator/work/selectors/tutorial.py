"""Whether a person has to go through the tutorial before they are handed anything."""

from __future__ import annotations

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role

SENTENCE = (
    "This dataset asks everybody to do its tutorial first: a few faces with feedback, about ten minutes. "
    "You find it on your first page, at this dataset."
)


def tutorial_is_due(*, dataset: Dataset, user: User, role: Role) -> bool:
    """True if the policy asks for the tutorial, there is one, and this person has not finished it.

    Never for admins, who know its answers. No query where the policy does not ask for it, else two at most.
    """
    if dataset.policy is None or not dataset.policy.policy.tutorial_required or role == Role.ADMIN:
        return False
    if dataset.tutorial_runs.filter(user=user, finished_at__isnull=False).exists():
        return False
    offered = dataset.tutorial_faces.filter(is_active=True, face__state="accepted", face__image__verdict="")
    return offered.exists()


def tutorial_sentence(*, dataset: Dataset, user: User, role: Role) -> str | None:
    """What such a person is told instead of a face; None for everybody else."""
    return SENTENCE if tutorial_is_due(dataset=dataset, user=user, role=role) else None
