"""What each member did: counts by pass, pace, how often others corrected it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Membership, Role
from annotator.quality.selectors.progress import lease_counts
from annotator.quality.selectors.tallies import DayWork, day_work
from annotator.work.models import PassKind

MS_PER_HOUR: Final = 3_600_000

NEWEST: Final = 4000
"""Annotated faces of the dataset, newest first, that the share of corrected ones is taken over."""

CORRECTED: Final = """
SELECT a.user_id, count(*), count(*) FILTER (WHERE later.differs)
FROM (
    SELECT user_id, face_id, round, revision_id FROM work_pass
    WHERE dataset_id = %s AND kind BETWEEN 'annotate' AND 'annotate' AND counted AND NOT is_gold
    ORDER BY kind, id DESC LIMIT %s
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

LAST_PASSES: Final = """
SELECT m.user_id, newest.created_at FROM datasets_membership m CROSS JOIN LATERAL (
    SELECT created_at FROM work_pass WHERE user_id = m.user_id AND dataset_id = m.dataset_id ORDER BY id DESC LIMIT 1
) newest
WHERE m.dataset_id = %s
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
    """Every member (or the one given), active first, by name. Five queries, however many people and faces."""
    members = Membership.objects.filter(dataset=dataset).select_related("user")
    if membership is not None:
        members = members.filter(pk=membership.pk)
    work: defaultdict[int, list[DayWork]] = defaultdict(list)
    for one in day_work(dataset=dataset, since=timezone.now().date()):
        work[one.user_id].append(one)
    last = _last_passes(dataset)
    leases: Counter[int] = Counter()
    for (user, _, _), n in lease_counts(dataset=dataset).items():
        leases[user] += n
    corrected = _corrected_shares(dataset)
    return [
        _person(member, work[member.user_id], last.get(member.user_id), leases, corrected)
        for member in members.order_by("-is_active", "user__username")
    ]


def _corrected_shares(dataset: Dataset) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(CORRECTED, [dataset.pk, NEWEST])
        return {user: differing / checked for user, checked, differing in cursor.fetchall()}


def _last_passes(dataset: Dataset) -> dict[int, datetime]:
    """When each member finished their newest pass here; a look into the index for each of them."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_PASSES, [dataset.pk])
        return dict(cursor.fetchall())


def _person(
    member: Membership,
    work: list[DayWork],
    last_pass: datetime | None,
    leases: Counter[int],
    corrected: dict[int, float],
) -> Person:
    seen = [at for at in (member.user.last_login, last_pass) if at is not None]
    counts: Counter[str] = Counter()
    for one in work:
        if not one.is_gold:
            counts[one.kind] += one.n
    on_faces = [one for one in work if one.kind != PassKind.SWEEP]
    active_ms = sum(one.active_ms for one in on_faces)
    timed = sum(one.timed for one in on_faces)
    return Person(
        membership=member,
        last_seen_at=max(seen, default=None),
        counts={kind: counts[kind] for kind in PassKind.values},
        leased=leases[member.user_id],
        corrected_by_others_share=corrected.get(member.user_id),
        faces_per_active_hour=timed * MS_PER_HOUR / active_ms if active_ms else None,
    )
