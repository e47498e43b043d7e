"""The launcher's commands. `setup`, `up` and `status` start on the system's Python; the others need the environment."""

import importlib.util
import json
import os
import sys

from annotator.embedded import environment, prerequisites
from annotator.embedded.console import say, start_clock
from annotator.embedded.launch_settings import LaunchError, LaunchSettings, read_settings
from annotator.embedded.lock import hold_lock, pass_on
from annotator.embedded.stopping import SignalWatch, StopRequested


def _check_port(settings: LaunchSettings) -> None:
    problem = prerequisites.port_problem(settings.host, settings.port)
    if problem:
        raise LaunchError(problem)


def setup() -> int:
    """Environment with the development tools and torch, and the front end."""
    environment.prepare(read_settings(), SignalWatch(), group="dev")
    return 0


def up() -> int:
    """Everything from nothing: this process makes the environment, then becomes `run` in it."""
    settings = read_settings()
    watch = SignalWatch()
    lock = hold_lock(settings.data)
    _check_port(settings)
    environment.prepare(settings, watch, group="web")
    watch.check()
    pass_on(lock)
    python = os.fspath(settings.venv / "bin" / "python")
    os.execv(python, [python, "-m", "annotator.embedded", "run"])  # noqa: S606 - no shell is wanted


def run() -> int:
    """Start the platform in an environment that is already there."""
    from annotator.embedded.up import Start  # its modules need the environment's packages

    settings = read_settings()
    watch = SignalWatch()
    hold_lock(settings.data)
    _check_port(settings)
    return Start(settings, watch).run()


def status() -> int:
    """One JSON line; exit status 1 while database or queue is down."""
    if importlib.util.find_spec("psycopg2") is None:
        reason = "down: not installed yet, run make up"
        counts = dict.fromkeys(("workers", "images", "faces", "prelabelled"), 0)
        print(json.dumps({"database": reason, "redis": reason, **counts}))
        return 1
    from annotator.embedded.status import is_up, read_status  # needs the environment's packages

    found = read_status(read_settings())
    print(json.dumps(found))
    return 0 if is_up(found) else 1


def database_url() -> int:
    """The embedded database's address, for `psql`, `pg_dump` and the like; it holds the password."""
    from annotator.embedded.up import embedded_postgres  # as above

    settings = read_settings()
    print(settings.database_url or embedded_postgres(settings).url())
    return 0


def verify() -> int:
    from annotator.embedded.verify import run_checks  # as above

    return run_checks(read_settings())


def e2e() -> int:
    from annotator.embedded.browser_tests import run_browser_tests  # as above

    return run_browser_tests(read_settings())[0]


def screenshots() -> int:
    from annotator.embedded.browser_tests import run_browser_tests  # as above

    settings = read_settings()
    return run_browser_tests(settings, screenshots=settings.root / "docs" / "screenshots")[0]


_COMMANDS = {
    "setup": setup,
    "up": up,
    "run": run,
    "status": status,
    "database-url": database_url,
    "verify": verify,
    "e2e": e2e,
    "screenshots": screenshots,
}


def main(arguments: list[str]) -> int:
    """Run one command; a `LaunchError` is printed as its sentence, without a traceback."""
    if len(arguments) != 1 or arguments[0] not in _COMMANDS:
        print(f"usage: python -m annotator.embedded ({' | '.join(_COMMANDS)})", file=sys.stderr)
        return 2
    start_clock()
    try:
        return _COMMANDS[arguments[0]]()
    except StopRequested:
        say("Stopped.")
        return 0
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
