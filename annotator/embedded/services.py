"""The platform's processes: their commands and their environment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from annotator.embedded.folders import kept_secret
from annotator.embedded.launch_settings import LaunchSettings
from annotator.embedded.learning import gpu_count
from annotator.embedded.service import Service
from annotator.embedded.spawn import spawn

# What `Supervisor.shut_down` ends, in this order; the database last, by its fast shutdown.
STOP_ORDER = (("web",), ("worker-cpu", "worker-gpu", "worker-control", "beat"), ("redis",), ("postgres",))
_WEB_STOP = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0))
# Celery: TERM waits for running tasks, QUIT gives them up (their jobs are taken up again at the next start).
_WORKER_STOP = ((signal.SIGTERM, 3.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 2.0))
_REDIS_STOP = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0))
_POSTGRES_STOP = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0))


def platform_environment(settings: LaunchSettings, *, database_url: str, redis_url: str) -> dict[str, str]:
    """Environment variables of every process of the platform (docs/operations/variables.md)."""
    own = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "JFA_DATA_DIR": os.fspath(settings.data),
        "JFA_RUN_DIR": os.fspath(settings.run),
        "JFA_FRONTEND_DIST": os.fspath(settings.frontend / "dist"),
        "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    if "JFA_SECRET_KEY" not in os.environ:
        own["JFA_SECRET_KEY"] = kept_secret(settings.data / "secret", size=50)
    return {**os.environ, **own}


class Platform:
    """Makes the services and chores of one start; each writes its own log in `settings.logs`."""

    def __init__(self, settings: LaunchSettings, environment: Mapping[str, str]) -> None:
        self.settings = settings
        self.environment = dict(environment)

    def log_of(self, name: str) -> Path:
        return self.settings.logs / f"{name}.log"

    def launch(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        """Start one process of the platform, its output appended to its log."""
        with self.log_of(name).open("ab") as log:
            return spawn(command, log=log, cwd=self.settings.root, env=self.environment)

    def manage(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `manage.py` with a fresh log."""
        self.log_of(name).write_bytes(b"")
        return self.launch(name, [sys.executable, os.fspath(self.settings.root / "manage.py"), *arguments])

    def web(self) -> Service:
        workers = max(1, min(4, os.cpu_count() or 1))
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", self.settings.host, "--port", str(self.settings.port)),
            *("--workers", str(workers), "--blocking-threads", "2", "--backlog", "512"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "3", "--log-level", "info"),
            "annotator.config.wsgi:application",
        ]
        return Service("web", self._starter("web", command), _WEB_STOP)

    def cpu_worker(self) -> Service:
        processes = max(1, min(8, os.cpu_count() or 1))
        return self._worker("worker-cpu", "cpu", processes)

    def gpu_worker(self) -> Service:
        return self._worker("worker-gpu", "gpu", max(1, gpu_count()))

    def control_worker(self) -> Service:
        """It does the same few things every five seconds: only trouble is worth a line in its log."""
        return self._worker("worker-control", "control", 1, log_level="WARNING")

    def beat(self) -> Service:
        schedule = os.fspath(self.settings.run / "beat-schedule")
        command = [*_CELERY, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "WARNING"]
        return Service("beat", self._starter("beat", command), _WORKER_STOP)

    def _worker(self, name: str, queue: str, processes: int, *, log_level: str = "INFO") -> Service:
        command = [
            *_CELERY,
            *("worker", "--queues", queue, "--hostname", f"{name}@%h", "--concurrency", str(processes)),
            *("--pool", "prefork", "--loglevel", log_level, "--without-gossip", "--without-mingle"),
        ]
        return Service(name, self._starter(name, command), _WORKER_STOP)

    def _starter(self, name: str, command: list[str]) -> Callable[[], subprocess.Popen[bytes]]:
        return lambda: self.launch(name, command)


_CELERY = [sys.executable, "-m", "celery", "-A", "annotator.config.celery:app"]


def database_service(start: Callable[[], subprocess.Popen[bytes]]) -> Service:
    return Service("postgres", start, _POSTGRES_STOP)


def redis_service(start: Callable[[], subprocess.Popen[bytes]]) -> Service:
    return Service("redis", start, _REDIS_STOP)
