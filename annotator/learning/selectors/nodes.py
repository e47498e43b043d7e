"""Reads: worker nodes, and how learning stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from django.conf import settings
from django.utils import timezone

from annotator.learning.models import WorkerNode

LearningState = Literal["absent", "installing", "ready", "failed", "skipped"]

ALIVE_WITHIN: Final = timedelta(seconds=30)
"""A node writes every few seconds; one that was silent for longer than this counts as gone."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One worker node as the page shows it."""

    name: str
    queues: list[str]
    last_seen: datetime
    alive: bool
    capabilities: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LearningStatus:
    """How learning stands, with a sentence for people."""

    state: LearningState
    message: str


def nodes_list() -> list[NodeStatus]:
    """Every worker node heard of in the last day, those alive first."""
    now = timezone.now()
    rows = WorkerNode.objects.filter(last_seen__gt=now - timedelta(days=1))
    nodes = [
        NodeStatus(
            row.name,
            row.queues.split(","),
            row.last_seen,
            now - row.last_seen < ALIVE_WITHIN,
            row.capabilities,
        )
        for row in rows
    ]
    return sorted(nodes, key=lambda node: (not node.alive, node.name))


def is_served(*, queue: str) -> bool:
    """Whether a worker that reported lately takes work from this queue."""
    return any(node.alive and queue in node.queues for node in nodes_list())


def learning_status(*, nodes: Sequence[NodeStatus]) -> LearningStatus:
    """Learning is ready only while a live node serves the queue `gpu`; before, the launcher's file tells why not."""
    live = next((n for n in nodes if n.alive and "gpu" in n.queues), None)
    if live is not None:
        return _status_of_node(live)
    told = _told_by_launcher()
    if told is None:
        return LearningStatus(
            "absent", "No worker serves the queue 'gpu', so nothing is trained. Labelling works without it."
        )
    if told.state == "ready":
        return LearningStatus("installing", "Torch is installed; the learning worker has not reported yet.")
    return told


def _status_of_node(node: NodeStatus) -> LearningStatus:
    if problem := node.capabilities.get("error"):
        return LearningStatus("failed", f"{node.name} cannot use torch: {problem}")
    if "torch" not in node.capabilities:
        return LearningStatus("installing", f"{node.name} is running and is looking for torch and a GPU.")
    devices = ", ".join(node.capabilities.get("devices", []))
    return LearningStatus("ready", f"{node.name} is ready: torch {node.capabilities['torch']} on {devices}.")


def _told_by_launcher() -> LearningStatus | None:
    """What `make up` wrote beside its process ids; None where another launcher is used (docker-compose)."""
    try:
        told = json.loads((settings.JFA_RUN_DIR / "learning.json").read_text())
        state, message = told["state"], str(told["message"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return LearningStatus(state, message) if state in get_args(LearningState) else None
