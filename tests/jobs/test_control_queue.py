"""Housekeeping has a queue and a worker of its own: hours of import on `cpu` must not hold it up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import current_app
from django.conf import settings

from annotator.embedded.launch_settings import ROOT, read_settings
from annotator.embedded.services import STOP_ORDER, Platform
from annotator.jobs.services import message_send

BEATS = settings.CELERY_BEAT_SCHEDULE


@pytest.mark.parametrize("name", BEATS)
def test_it_sends_every_beat_to_the_control_queue(name: str) -> None:
    routed = current_app.amqp.router.route({}, BEATS[name]["task"])
    assert routed["queue"].name == "control"


@pytest.mark.parametrize("name", BEATS)
def test_it_lets_beats_that_nobody_took_expire(name: str) -> None:
    assert BEATS[name]["options"]["expires"] > BEATS[name]["schedule"]


def test_it_keeps_jobs_where_they_were() -> None:
    assert current_app.amqp.router.route({}, "images.run_import")["queue"].name == "cpu"


def test_it_wakes_pre_labelling_through_the_control_queue() -> None:
    with current_app.connection_for_write() as connection:
        client: Any = connection.default_channel.client  # type: ignore[attr-defined]  # Redis transport only
        client.delete("control", "cpu")
        assert message_send(task="learning.prelabel_waiting")
        assert (client.llen("control"), client.llen("cpu")) == (1, 0)
        client.delete("control")


def test_it_starts_a_worker_for_it_with_make_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform(read_settings({"DATA": str(tmp_path)}), {})
    started: list[list[str]] = []
    monkeypatch.setattr(platform, "launch", lambda _name, command: started.append(command))
    worker = platform.control_worker()
    worker.start()
    assert started[0][started[0].index("--queues") + 1] == "control"
    assert any(worker.name in group for group in STOP_ORDER)


def test_it_starts_a_worker_for_it_with_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    served = [
        part.removeprefix("--queues=")
        for service in compose["services"].values()
        for part in service.get("command", [])
        if part.startswith("--queues=")
    ]
    assert sorted(served) == ["control", "cpu", "gpu"]
