"""`make up` once the environment is there: servers, migrations, web, workers, demo, and torch last of all."""

import http.client
import os
import subprocess

import psycopg2

from annotator.embedded import learning
from annotator.embedded.console import say
from annotator.embedded.environment import drop_half_installed
from annotator.embedded.folders import FolderError, socket_folder
from annotator.embedded.launch_settings import LaunchError, LaunchSettings
from annotator.embedded.logins import keep_logins, read_logins
from annotator.embedded.migration_state import migration_state
from annotator.embedded.postgres import PostgresError, PostgresServer
from annotator.embedded.privilege import PrivilegeError
from annotator.embedded.redis import RedisError, RedisServer
from annotator.embedded.services import (
    STOP_ORDER,
    Platform,
    database_service,
    platform_environment,
    redis_service,
)
from annotator.embedded.stopping import SignalWatch, StopRequested
from annotator.embedded.supervisor import Supervisor

PIDS_FILE = "pids.json"
_WEB_PATIENCE = 90.0
_FAILED_STARTS = 4


def embedded_postgres(settings: LaunchSettings) -> PostgresServer:
    """The server whose data is in `var/postgres`; its log in `var/log/postgres.log`."""
    return PostgresServer(
        settings.data / "postgres", sockets=socket_folder(settings.data), log=settings.logs / "postgres.log"
    )


def embedded_redis(settings: LaunchSettings) -> RedisServer:
    """The server whose configuration is in `var/redis`; its log in `var/log/redis.log`."""
    return RedisServer(settings.data / "redis", log=settings.logs / "redis.log")


class Start:
    """One start of the platform, from the database to the last worker."""

    def __init__(self, settings: LaunchSettings, watch: SignalWatch) -> None:
        self.settings = settings
        self.watch = watch
        # Photographs, log-ins and logs: for nobody else on this computer, even where they may enter the data folder.
        for folder in (settings.run, settings.logs, settings.data / "files", settings.data / "demo"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        (settings.run / "logins.json").unlink(missing_ok=True)
        self.supervisor = Supervisor(watch, pids_file=settings.run / PIDS_FILE)

    def run(self) -> int:
        """Start everything, keep it running, end it on request. Returns the exit status: 0 after Ctrl-C."""
        try:
            self._start()
            self.supervisor.tend_for_ever()
        except StopRequested:
            say("Stopping ...")
            return 0
        except (LaunchError, FolderError, PostgresError, RedisError, PrivilegeError) as error:
            say(str(error))
            return 1
        finally:
            self.supervisor.shut_down(STOP_ORDER)
            self._remove_socket_folder()
            say("Stopped.")
        return 0

    def _remove_socket_folder(self) -> None:
        folder = socket_folder(self.settings.data)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _start(self) -> None:
        database_url, redis_url = self._start_servers()
        environment = platform_environment(self.settings, database_url=database_url, redis_url=redis_url)
        self.platform = Platform(self.settings, environment)
        self._migrate(database_url)
        web = self.supervisor.add(self.platform.web())
        self.supervisor.add(self.platform.cpu_worker())
        self.supervisor.add(self.platform.control_worker())
        self.supervisor.add(self.platform.beat())

        def answers_or_keeps_failing() -> bool:
            return self._web_answers() or web.ends_in_a_row >= _FAILED_STARTS

        self.supervisor.tend_until(answers_or_keeps_failing, patience=_WEB_PATIENCE, interval=0.1)
        if not self._web_answers():
            raise LaunchError(f"The web server does not answer.\n{self._tail('web')}")
        say(f"JFA Studio is at {self.settings.address} (Ctrl-C stops it).")
        self._seed()

    def _start_servers(self) -> tuple[str, str]:
        """Start what the user did not bring; returns the addresses of database and queue."""
        database_url, redis_url = self.settings.database_url, self.settings.redis_url
        if database_url is None:
            postgres = embedded_postgres(self.settings)
            self._start_or_stop(postgres)
            self.supervisor.add(database_service(postgres.launch), running=postgres.process)
            database_url = postgres.url()
        else:
            self._wait_for_database(database_url)
        self.watch.check()
        if redis_url is None:
            redis = embedded_redis(self.settings)
            self._start_or_stop(redis)
            self.supervisor.add(redis_service(redis.launch), running=redis.process)
            redis_url = redis.url()
        return database_url, redis_url

    def _start_or_stop(self, server: PostgresServer | RedisServer) -> None:
        try:
            server.start()
        except BaseException:
            server.stop()
            raise

    def _wait_for_database(self, url: str) -> None:
        last: list[str] = []

        def takes_connections() -> bool:
            try:
                psycopg2.connect(url, connect_timeout=5).close()
            except psycopg2.OperationalError as error:
                last[:] = [str(error).strip()]
                return False
            return True

        if not self.supervisor.tend_until(takes_connections, patience=30.0, interval=0.5):
            raise LaunchError(f"The database that DATABASE_URL names does not answer: {last[-1]}")

    def _migrate(self, database_url: str) -> None:
        kept = self.settings.run / "migrated"
        if kept.exists() and kept.read_text() == migration_state(self.settings.root, database_url):
            return
        say("Preparing the database ...")
        self._to_end("migrate", self.platform.manage("migrate", "migrate", "--no-input"), patience=600.0)
        kept.write_text(migration_state(self.settings.root, database_url))

    def _to_end(self, name: str, process: subprocess.Popen[bytes], *, patience: float) -> None:
        statuses: list[int] = []
        self.supervisor.add_chore(name, process, statuses.append)
        self.supervisor.tend_until(lambda: bool(statuses), patience=patience)
        if statuses != [0]:
            raise LaunchError(f"manage.py {name} failed.\n{self._tail(name)}")

    def _web_answers(self) -> bool:
        link = http.client.HTTPConnection(self._reachable_host(), self.settings.port, timeout=10)
        try:
            link.request("GET", "/")
            return link.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _reachable_host(self) -> str:
        return "127.0.0.1" if self.settings.host in {"0.0.0.0", "::"} else self.settings.host  # noqa: S104

    def _seed(self) -> None:
        images = ("--images", os.fspath(self.settings.images)) if self.settings.images else ()
        say("Loading the demo dataset ..." if not images else f"Importing {self.settings.images} ...")
        process = self.platform.manage("seed", "seed_demo", "--json", *images)
        self.supervisor.add_chore("seed", process, self._after_seed)

    def _after_seed(self, status: int) -> None:
        if status == 0:
            logins = read_logins(self.platform.log_of("seed").read_text(errors="replace"))
            self.platform.log_of("seed").unlink()  # a log is no place for passwords
            keep_logins(self.settings.run, logins)
            say("Log-ins:")
            for login in logins:
                print(f"             {login.role:<12} {login.username:<14} {login.password}", flush=True)
        else:
            say(
                f"The demo dataset could not be loaded; the platform runs all the same.\n{self._tail('seed')}"
            )
        self._bring_learning()

    def _bring_learning(self) -> None:
        run = self.settings.run
        if not self.settings.install_torch:
            learning.write_state(run, "skipped", "Torch was left out of this start (JFA_SKIP_TORCH).")
            return
        if learning.packages_are_there():
            self._start_learning_worker()
            return
        problem = learning.room_problem(self.settings)
        if problem:
            learning.write_state(run, "failed", problem)
            say(problem)
            return
        learning.write_state(run, "installing", "The learning worker's packages are being installed.")
        say("Installing torch for the learning worker; everything else works meanwhile.")
        drop_half_installed(self.settings.venv)
        self.platform.log_of("torch").write_bytes(b"")
        process = self.platform.launch("torch", learning.install_command(self.settings))
        self.supervisor.add_chore("torch", process, self._after_torch)

    def _after_torch(self, status: int) -> None:
        if status == 0 and learning.packages_are_there():
            self._start_learning_worker()
            return
        log = self.platform.log_of("torch")
        problem = f"Torch could not be installed: labelling works, learning does not. The reason is in {log}."
        learning.write_state(self.settings.run, "failed", problem)
        say(problem)

    def _start_learning_worker(self) -> None:
        self.supervisor.add(self.platform.gpu_worker())
        learning.write_state(self.settings.run, "ready", "The learning worker runs.")
        say("The learning worker runs.")

    def _tail(self, name: str) -> str:
        log = self.platform.log_of(name)
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        return "\n".join([*lines, f"(the end of {log})"])
