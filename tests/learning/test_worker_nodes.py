"""Worker nodes report that they are alive; the page tells whether learning is ready, or why not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotator.learning.models import WorkerNode
from annotator.learning.selectors.nodes import learning_status, nodes_list
from annotator.learning.services.nodes import node_gone, node_seen

pytestmark = pytest.mark.django_db


def seen(name: str, *queues: str, ago: float = 0, **capabilities: Any) -> None:
    node_seen(name=name, queues=queues, pid=17, started_at=timezone.now(), capabilities=capabilities)
    WorkerNode.objects.filter(name=name).update(last_seen=timezone.now() - timedelta(seconds=ago))


def state() -> str:
    return learning_status(nodes=nodes_list()).state


@pytest.fixture(autouse=True)
def run_folder(settings: Any, tmp_path: Path) -> Path:
    settings.JFA_RUN_DIR = tmp_path
    return tmp_path


def told(folder: Path, state: str, message: str = "A sentence.") -> None:
    (folder / "learning.json").write_text(json.dumps({"state": state, "message": message}))


def test_it_keeps_one_row_a_node() -> None:
    seen("worker-cpu@one", "cpu")
    seen("worker-cpu@one", "cpu", cpus=2)
    assert [(n.name, n.queues, n.alive, n.capabilities) for n in nodes_list()] == [
        ("worker-cpu@one", ["cpu"], True, {"cpus": 2})
    ]


def test_it_lists_a_silent_node_as_gone_and_after_the_living() -> None:
    seen("a@one", "cpu", ago=31)
    seen("b@one", "cpu", ago=29)
    assert [(n.name, n.alive) for n in nodes_list()] == [("b@one", True), ("a@one", False)]


def test_it_forgets_a_node_after_a_day() -> None:
    seen("old@one", "cpu", ago=24 * 3600 + 1)
    seen("new@one", "cpu")
    assert list(WorkerNode.objects.values_list("name", flat=True)) == ["new@one"]


def test_it_takes_a_node_off_the_list_but_not_its_successor() -> None:
    seen("a@one", "cpu")
    node_gone(name="a@one", pid=16)
    assert len(nodes_list()) == 1
    node_gone(name="a@one", pid=17)
    assert nodes_list() == []


def test_it_says_that_learning_is_absent_where_no_worker_serves_gpu() -> None:
    seen("a@one", "cpu")
    assert state() == "absent"


@pytest.mark.parametrize("word", ["installing", "failed", "skipped"])
def test_it_repeats_what_the_launcher_says(run_folder: Path, word: str) -> None:
    told(run_folder, word, "Torch needs 12 GB of room.")
    status = learning_status(nodes=nodes_list())
    assert (status.state, status.message) == (word, "Torch needs 12 GB of room.")


def test_it_is_not_ready_before_the_worker_reports(run_folder: Path) -> None:
    told(run_folder, "ready")
    assert state() == "installing"
    seen("gpu@one", "gpu")
    assert state() == "installing"
    seen("gpu@one", "gpu", torch="2.14.1", cuda=False, devices=["cpu"])
    assert state() == "ready"


def test_it_is_not_ready_any_more_when_the_worker_went_silent(run_folder: Path) -> None:
    told(run_folder, "ready")
    seen("gpu@one", "gpu", ago=60, torch="2.14.1")
    assert state() == "installing"


def test_it_shows_why_a_worker_cannot_use_torch() -> None:
    seen("gpu@one", "gpu", error="ImportError: libcudart.so.13")
    status = learning_status(nodes=nodes_list())
    assert status.state == "failed"
    assert "libcudart" in status.message


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"state": "dancing", "message": "x"}', '{"state": "ready"}']
)
def test_it_ignores_a_state_file_that_makes_no_sense(run_folder: Path, content: str) -> None:
    (run_folder / "learning.json").write_text(content)
    assert state() == "absent"
