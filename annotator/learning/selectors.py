"""Reads: images that wait for coarse labels, worker nodes, how learning stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Verdict
from annotator.jobs.models import LIVE, Job, JobKind
from annotator.learning.models import WorkerNode

LearningState = Literal["absent", "installing", "ready", "failed", "skipped"]

ALIVE_WITHIN: Final = timedelta(seconds=30)
"""A node writes every few seconds; one that was silent for longer than this counts as gone."""


def images_waiting(*, dataset: Dataset) -> QuerySet[Image]:
    """Images of the dataset that no provider has labelled yet, and that none has failed on."""
    return _waiting().filter(dataset=dataset)


def images_failed(*, dataset: Dataset) -> QuerySet[Image]:
    """Images that could not be labelled; ``prelabel_error`` says why."""
    return Image.objects.filter(dataset=dataset, prelabelled_at=None).exclude(prelabel_error="")


def images_waiting_after(*, dataset: Dataset, after: int, limit: int) -> list[int]:
    """Ids of the next waiting images in id order (keyset)."""
    waiting = images_waiting(dataset=dataset).filter(pk__gt=after).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:limit])


def datasets_to_prelabel() -> QuerySet[Dataset]:
    """Datasets with waiting images and no pre-label job that is queued or running."""
    waiting = _waiting().filter(dataset=OuterRef("pk"))
    live = Job.objects.filter(dataset=OuterRef("pk"), kind=JobKind.PRELABEL, state__in=LIVE)
    return Dataset.objects.filter(Exists(waiting), ~Exists(live)).order_by("pk")


def prelabel_jobs_latest(*, dataset: Dataset, limit: int) -> list[Job]:
    """The newest pre-label jobs of the dataset, newest first."""
    return list(Job.objects.filter(dataset=dataset, kind=JobKind.PRELABEL).order_by("-pk")[:limit])


def _waiting() -> QuerySet[Image]:
    return Image.objects.filter(prelabelled_at=None, verdict=Verdict.NONE, prelabel_error="")


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
