"""Worker nodes say that they are alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from annotator.learning.models import WorkerNode

FORGOTTEN_AFTER: Final = timedelta(days=1)


@transaction.atomic
def node_seen(
    *, name: str, queues: Sequence[str], pid: int, started_at: datetime, capabilities: Mapping[str, Any]
) -> WorkerNode:
    """Write that the node is alive now; forget nodes that nobody has heard of for a day. One row per name."""
    now = timezone.now()
    node, _ = WorkerNode.objects.update_or_create(
        name=name,
        defaults={
            "queues": ",".join(queues),
            "pid": pid,
            "capabilities": dict(capabilities),
            "started_at": started_at,
            "last_seen": now,
        },
    )
    WorkerNode.objects.filter(last_seen__lt=now - FORGOTTEN_AFTER).delete()
    return node


def node_gone(*, name: str, pid: int) -> None:
    """The node ends on purpose. A successor of the same name that already wrote its pid stays."""
    WorkerNode.objects.filter(name=name, pid=pid).delete()
