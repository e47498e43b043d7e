"""PostgreSQL and Valkey from the wheels: private, password-protected, durable over kill -9."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest
import redis

from annotator.embedded import privilege
from annotator.embedded.folders import FolderError, kept_secret, make_private, socket_folder
from annotator.embedded.postgres import PostgresServer
from annotator.embedded.redis import RedisServer
from annotator.embedded.spawn import wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short private folder that a switched user may pass through."""
    with TemporaryDirectory(prefix="jfa-", dir="/tmp") as name:
        path = Path(name)
        path.chmod(0o711)
        (path / "s").mkdir(mode=0o700)
        yield path


@pytest.fixture
def postgres(folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(folder / "pg", sockets=folder / "s", log=folder / "pg.log")
    server.start()
    yield server
    server.stop()


def _query(url: str, query: str) -> object:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def test_it_listens_on_a_private_socket_only_and_asks_for_the_password(postgres: PostgresServer) -> None:
    assert _query(postgres.url(), "SHOW listen_addresses") == ("",)
    assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((postgres.folder / "password").stat().st_mode) == 0o600
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(postgres.url().replace(postgres.password, "wrong"))


def test_it_keeps_what_people_sent_out_of_its_log(postgres: PostgresServer) -> None:
    _query(postgres.url(), "CREATE TABLE people (name text UNIQUE)")
    _query(postgres.url(), "INSERT INTO people VALUES ('jane doe')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        _query(postgres.url(), "INSERT INTO people VALUES ('jane doe')")
    log = postgres.log.read_text()
    assert "people_name_key" in log
    assert "jane" not in log


def test_it_knows_more_letters_than_ascii(postgres: PostgresServer) -> None:
    assert _query(postgres.url(), "SELECT lower('ÅSA'), upper('zoë')") == ("åsa", "ZOË")


def test_it_keeps_what_was_committed_before_a_kill(postgres: PostgresServer) -> None:
    _query(postgres.url(), "CREATE TABLE kept (n int)")
    _query(postgres.url(), "INSERT INTO kept VALUES (42)")
    assert postgres.process is not None
    postgres.process.kill()
    postgres.process.wait()
    postgres.launch()
    assert wait_until(postgres.is_ready, patience=20, process=postgres.process)
    assert _query(postgres.url(), "SELECT n FROM kept") == (42,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_it_runs_as_another_user_where_namespaces_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same folder, first in a user namespace if there are any, then with a switched user, then back."""
    first = privilege.probe_mode()
    for mode in (first, "setpriv", first):
        monkeypatch.setattr(privilege, "probe_mode", lambda mode=mode: mode)
        server = PostgresServer(folder / "pg", sockets=folder / "s", log=folder / "pg.log", durable=False)
        server.start()
        try:
            assert (server.folder / "mode").read_text() == mode
            assert _query(server.url(), "SELECT 1") == (1,)
        finally:
            server.stop()


def test_it_asks_for_the_password_of_the_queue_and_keeps_its_port(folder: Path) -> None:
    for _start in range(2):
        server = RedisServer(folder / "redis", log=folder / "redis.log")
        server.start()
        try:
            assert redis.Redis.from_url(server.url()).ping()
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(host="127.0.0.1", port=server.port).ping()
            ports = {server.port, int((folder / "redis" / "port").read_text())}
        finally:
            server.stop()
    assert len(ports) == 1


def test_it_refuses_a_socket_path_that_is_too_long(folder: Path) -> None:
    server = PostgresServer(folder / "pg", sockets=folder / ("x" * 100), log=folder / "pg.log")
    with pytest.raises(FolderError, match="107 bytes"):
        server.start()


def test_it_names_the_socket_folder_short_and_the_same_each_time(folder: Path) -> None:
    found = socket_folder(folder / ("a" * 120))
    assert len(os.fspath(found)) < 30
    assert socket_folder(folder / ("a" * 120)) == found
    assert socket_folder(folder / "b") != found


def test_it_takes_no_socket_folder_that_others_can_look_into_or_made(folder: Path) -> None:
    (folder / "open").mkdir(mode=0o755)
    make_private(folder / "open")
    assert stat.S_IMODE((folder / "open").stat().st_mode) == 0o700
    (folder / "elsewhere").symlink_to(folder / "open")
    with pytest.raises(FolderError, match="somebody else"):
        make_private(folder / "elsewhere")


def test_it_keeps_a_secret_for_its_owner_only(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "new" / "secret")
    assert len(first) >= 32
    assert kept_secret(tmp_path / "new" / "secret") == first
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
