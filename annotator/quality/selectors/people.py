"""What each member did: counts by pass, pace, how often others corrected it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Membership, Role
from annotator.work.models import ItemState, Pass, PassKind, WorkItem

MS_PER_HOUR: Final = 3_600_000

NEWEST: Final = 20_000
"""Annotated faces of the dataset, newest first, that the share of corrected ones is taken over."""

CORRECTED: Final = """
SELECT a.user_id, count(*), count(*) FILTER (WHERE later.differs)
FROM (
    SELECT user_id, face_id, round, revision_id FROM work_pass
    WHERE dataset_id = %s AND kind = 'annotate' AND counted AND NOT is_gold ORDER BY id DESC LIMIT %s
) a
JOIN faces_revision mine ON mine.id = a.revision_id
CROSS JOIN LATERAL (
    SELECT bool_or(
        (theirs.x1, theirs.y1, theirs.x2, theirs.y2, theirs.landmarks, theirs.visibility,
         theirs.gender, theirs.ethnicity, theirs.flags)
        IS DISTINCT FROM
        (mine.x1, mine.y1, mine.x2, mine.y2, mine.landmarks, mine.visibility,
         mine.gender, mine.ethnicity, mine.flags)
    ) AS differs
    FROM work_pass b JOIN faces_revision theirs ON theirs.id = b.revision_id
    WHERE b.face_id = a.face_id AND b.round = a.round AND b.counted AND NOT b.is_gold
      AND b.kind IN ('check', 'adjudicate')
) later
WHERE later.differs IS NOT NULL
GROUP BY a.user_id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A member with their figures in this dataset.

    corrected_by_others_share: of the faces they annotated (among the NEWEST) and somebody checked, the share on
    which a checker or adjudicator changed anything but the age.
    faces_per_active_hour: over passes whose page reported its time, gold among them; counts leave gold out.
    """

    membership: Membership
    last_seen_at: datetime | None
    counts: dict[str, int]
    leased: int
    corrected_by_others_share: float | None
    faces_per_active_hour: float | None


def member_access(*, user: User | AnonymousUser, membership_id: int) -> Membership:
    """The membership, if the person is an admin of its dataset. Raises NotFound or NotAllowed."""
    membership = Membership.objects.select_related("user", "dataset").filter(pk=membership_id).first()
    if membership is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=membership.dataset_id, roles=(Role.ADMIN,))
    return membership


def people(*, dataset: Dataset, membership: Membership | None = None) -> list[Person]:
    """Every member (or the one given), active first, by name. Four queries, however many people."""
    members = Membership.objects.filter(dataset=dataset).select_related("user")
    if membership is not None:
        members = members.filter(pk=membership.pk)
    passes = {
        row["user"]: dict(row)
        for row in Pass.objects.filter(dataset=dataset, counted=True)
        .values("user")
        .annotate(
            **{kind: Count("pk", filter=Q(kind=kind, is_gold=False)) for kind in PassKind.values},
            last=Max("created_at"),
            timed=Count("pk", filter=Q(face__isnull=False, active_ms__gt=0)),
            active_ms=Sum("active_ms", filter=Q(face__isnull=False, active_ms__gt=0)),
        )
    }
    leases = dict(
        WorkItem.objects.filter(dataset=dataset, state=ItemState.OPEN, leased_until__gt=timezone.now())
        .values_list("leased_to")
        .annotate(items=Count("pk"))
    )
    corrected = _corrected_shares(dataset)
    return [
        _person(member, passes.get(member.user_id, {}), leases, corrected)
        for member in members.order_by("-is_active", "user__username")
    ]


def _corrected_shares(dataset: Dataset) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(CORRECTED, [dataset.pk, NEWEST])
        return {user: differing / checked for user, checked, differing in cursor.fetchall()}


def _person(
    member: Membership, row: dict[str, Any], leases: dict[Any, int], corrected: dict[int, float]
) -> Person:
    seen = [at for at in (member.user.last_login, row.get("last")) if at is not None]
    active_ms = row.get("active_ms") or 0
    return Person(
        membership=member,
        last_seen_at=max(seen, default=None),
        counts={kind: row.get(kind, 0) for kind in PassKind.values},
        leased=leases.get(member.user_id, 0),
        corrected_by_others_share=corrected.get(member.user_id),
        faces_per_active_hour=row["timed"] * MS_PER_HOUR / active_ms if active_ms else None,
    )
