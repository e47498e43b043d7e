"""A Celery worker's main process reports to the database every few seconds that it is alive.

The children fork from this process, so it opens a database connection for each report and closes it again.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import datetime
from typing import Any, Final

import cv2
from celery.signals import worker_process_init, worker_ready, worker_shutdown
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from annotator.learning.services.nodes import node_gone, node_seen

logger = logging.getLogger(__name__)

REPORT_SECONDS: Final = 5.0


class Presence:
    """The reports of one worker. ``queues``: the queues that it serves."""

    def __init__(self, name: str, queues: list[str]) -> None:
        self.name = name
        self.queues = queues
        self.started_at: datetime = timezone.now()
        self.capabilities: dict[str, Any] = {"cpus": os.cpu_count(), "provider": settings.JFA_COARSE_PROVIDER}
        self._probe: subprocess.Popen[str] | None = None
        if "gpu" in queues:
            command = [sys.executable, "-m", "annotator.learning.engine"]
            self._probe = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=settings.BASE_DIR
            )

    def report(self) -> None:
        """Write one report. An unreachable database costs this report, not the worker."""
        self._read_probe()
        try:
            node_seen(
                name=self.name,
                queues=self.queues,
                pid=os.getpid(),
                started_at=self.started_at,
                capabilities=self.capabilities,
            )
        except DatabaseError as error:
            logger.warning("The database did not take this worker's report: %s", str(error).strip())
        finally:
            connection.close()

    def leave(self) -> None:
        """Take the node off the list, because it ends on purpose."""
        try:
            node_gone(name=self.name, pid=os.getpid())
        except DatabaseError as error:
            logger.warning("The database did not take this worker's farewell: %s", str(error).strip())
        finally:
            connection.close()
        if self._probe is not None:
            self._probe.kill()
            self._probe.wait()

    def _read_probe(self) -> None:
        if self._probe is None or self._probe.poll() is None:
            return
        out, errors = self._probe.communicate()
        if self._probe.returncode == 0:
            self.capabilities |= json.loads(out)
        else:
            last = (errors.strip().splitlines() or [f"the probe ended with status {self._probe.returncode}"])[
                -1
            ]
            self.capabilities["error"] = last
        self._probe = None


_presences: list[Presence] = []


@worker_ready.connect
def _begin(sender: Any, **_: Any) -> None:
    """``sender`` is Celery's consumer. It gets ready again after each reconnection to Redis: begin only once."""
    if _presences:
        return
    queues = sorted(sender.app.amqp.queues.consume_from)
    presence = Presence(sender.hostname, queues)
    _presences.append(presence)
    presence.report()
    sender.timer.call_repeatedly(REPORT_SECONDS, presence.report)


@worker_shutdown.connect
def _end(**_: Any) -> None:
    while _presences:
        _presences.pop().leave()


@worker_process_init.connect
def _one_thread_each(**_: Any) -> None:
    """There is one child per core: OpenCV's own threads would only get in each other's way."""
    cv2.setNumThreads(1)
