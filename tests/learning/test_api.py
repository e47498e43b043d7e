"""Worker nodes and pre-labelling over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job
from annotator.learning.services.nodes import node_seen
from tests.cast import Api, ImageFactory

pytestmark = pytest.mark.django_db


def test_it_shows_nodes_and_learning_to_anybody_with_a_log_in(
    api: Api, ann1: User, settings: Any, tmp_path: Path
) -> None:
    settings.JFA_RUN_DIR = tmp_path
    node_seen(name="cpu@one", queues=["cpu"], pid=1, started_at=timezone.now(), capabilities={"cpus": 2})
    answer = api(ann1).get("/api/v1/workers")
    assert answer.status_code == 200
    (node,) = answer.json()["nodes"]
    assert (node["name"], node["queues"], node["alive"], node["capabilities"]) == (
        "cpu@one",
        ["cpu"],
        True,
        {"cpus": 2},
    )
    assert answer.json()["learning"]["state"] == "absent"
    assert api().get("/api/v1/workers").status_code == 401


def test_it_starts_a_job_once(api: Api, admin: User, dataset: Dataset, image_factory: ImageFactory) -> None:
    image_factory(dataset, prelabelled=False)
    path = f"/api/v1/datasets/{dataset.pk}/prelabel"
    first, second = api(admin).post(path), api(admin).post(path)
    assert (first.status_code, first.json()["kind"], first.json()["state"]) == (201, "prelabel", "queued")
    assert second.json()["id"] == first.json()["id"] == Job.objects.get().pk
    assert AuditEntry.objects.get(verb="prelabel.started").actor == admin


def test_it_says_when_nothing_waits(api: Api, admin: User, dataset: Dataset) -> None:
    answer = api(admin).post(f"/api/v1/datasets/{dataset.pk}/prelabel")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_waiting")


def test_it_lets_only_admins_start(api: Api, ann1: User, outsider: User, dataset: Dataset) -> None:
    path = f"/api/v1/datasets/{dataset.pk}/prelabel"
    assert [api(user).post(path).status_code for user in (None, outsider, ann1)] == [401, 404, 403]
