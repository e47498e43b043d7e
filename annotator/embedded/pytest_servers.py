"""pytest plugin: a real PostgreSQL and Valkey for the tests, up before Django reads its settings.

Loaded by `-p annotator.embedded.pytest_servers` (pyproject.toml). Each pytest process has its own servers in
its own temporary folder, so several may run beside each other. `DATABASE_URL` or `REDIS_URL` that are
already set are used as they are.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from annotator.embedded.postgres import PostgresServer
from annotator.embedded.redis import RedisServer

_started: list[PostgresServer | RedisServer] = []
_folders: list[Path] = []


def _prepare() -> None:
    """A secret, a data folder and servers, each only where the environment names none."""
    folder = Path(tempfile.mkdtemp(prefix="jfa-test-", dir="/tmp"))
    _folders.append(folder)
    os.environ.setdefault("JFA_SECRET_KEY", secrets.token_urlsafe(50))
    os.environ.setdefault("JFA_DATA_DIR", os.fspath(folder / "var"))
    if "DATABASE_URL" not in os.environ:
        sockets = folder / "s"
        sockets.mkdir(mode=0o700)
        postgres = PostgresServer(folder / "pg", sockets=sockets, log=folder / "pg.log", durable=False)
        _started.append(postgres)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url()
    if "REDIS_URL" not in os.environ:
        redis = RedisServer(folder / "valkey", log=folder / "valkey.log")
        _started.append(redis)
        redis.start()
        os.environ["REDIS_URL"] = redis.url()


def _stop_servers() -> None:
    while _started:
        _started.pop().stop()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Runs around pytest-django's own hook of this name, which loads the settings."""
    try:
        _prepare()
        return (yield)
    except BaseException:
        _stop_servers()
        raise


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """The end of the run, after Ctrl-C too."""
    _stop_servers()
