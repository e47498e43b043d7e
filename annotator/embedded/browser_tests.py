"""Browser tests: a real Chromium against a real server of their own, with its own data and port."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from annotator.embedded.launch_settings import LaunchError, LaunchSettings, read_settings
from annotator.embedded.logins import LOGINS_FILE
from annotator.embedded.redis import free_port
from annotator.embedded.services import platform_environment
from annotator.embedded.spawn import spawn, stop, wait_until
from annotator.embedded.status import database_url_of, redis_url_of
from annotator.embedded.streaming import stream

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_START_PATIENCE = 180.0
_PRELABEL_PATIENCE = 240.0
_SEEDS = ("tests.browser.seed_loop", "tests.browser.seed_team")


def find_chromium() -> Path | None:
    """The browser named by CHROMIUM_PATH, or the first of the usual names on the PATH."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        if not os.access(named, os.X_OK):
            raise LaunchError(f"CHROMIUM_PATH={named} is no program: name a Chromium, or unset it.")
        return Path(named)
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def chromium_or_install() -> Path:
    """A Chromium; installed from the system's packages where this user may. Raises `LaunchError` when none."""
    found = find_chromium()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("There is no Chromium here; installing the system's package ...", flush=True)
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
            subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
        found = find_chromium()
    if found is None:
        raise LaunchError(
            "The browser tests need a Chromium and there is none: install the package chromium, or name one with "
            "CHROMIUM_PATH=/path/to/chrome."
        )
    return found


def _status(environment: dict[str, str], root: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "annotator.embedded", "status"],
        capture_output=True,
        check=False,
        cwd=root,
        env=environment,
    )
    answer = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
    return answer if isinstance(answer, dict) else {}


def run_browser_tests(settings: LaunchSettings, *, screenshots: Path | None = None) -> tuple[int, str]:
    """Start a server on a free port, run `npm run e2e` against it, stop it.

    The tests find `E2E_BASE_URL`, `E2E_LOGINS` (a JSON file: [{username, password, role}]) and
    `CHROMIUM_PATH` in their environment, and `E2E_SCREENSHOTS`, a folder, when pictures are wanted.
    Returns npm's exit status and its output. Raises `LaunchError` without a browser, or when the server does
    not come up.
    """
    chromium = chromium_or_install()
    folder = Path(tempfile.mkdtemp(prefix="jfa-browser-"))
    data = folder / "data"
    port = free_port()
    environment = {
        **{
            key: value
            for key, value in os.environ.items()
            if key not in {"DATABASE_URL", "REDIS_URL", "IMAGES"}
        },
        "DATA": os.fspath(data),
        "PORT": str(port),
        "JFA_SKIP_TORCH": "1",
    }
    log = folder / "server.log"
    with log.open("wb") as sink:
        server = spawn(
            [sys.executable, "-m", "annotator.embedded", "run"], log=sink, cwd=settings.root, env=environment
        )
    try:
        _wait_for_demo(server, data, log, environment, settings.root)
        for seed in _SEEDS:
            _seed(seed, environment, settings.root)
        return stream(
            ["npm", "run", "e2e"],
            cwd=settings.frontend,
            env={
                **os.environ,
                "CHROMIUM_PATH": os.fspath(chromium),
                "E2E_BASE_URL": f"http://127.0.0.1:{port}",
                "E2E_LOGINS": os.fspath(data / "run" / LOGINS_FILE),
                **({"E2E_SCREENSHOTS": os.fspath(screenshots)} if screenshots else {}),
            },
        )
    finally:
        stop(server, patience=40.0)
        shutil.rmtree(folder, ignore_errors=True)


def _seed(module: str, environment: dict[str, str], root: Path) -> None:
    """Rows that no browser test has the hours to make: a learning loop that has gone round, a team tested with gold."""
    settings = read_settings(environment, root=root)
    database, redis = database_url_of(settings), redis_url_of(settings)
    if database is None or redis is None:
        raise LaunchError("The server for the browser tests keeps its database or its queue elsewhere.")
    done = subprocess.run(
        [sys.executable, "-m", module],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**environment, **platform_environment(settings, database_url=database, redis_url=redis)},
    )
    if done.returncode != 0:
        raise LaunchError(f"The rows of the browser tests could not be made:\n{done.stdout}{done.stderr}")


def _wait_for_demo(
    server: "subprocess.Popen[bytes]", data: Path, log: Path, environment: dict[str, str], root: Path
) -> None:
    """Until the log-ins are known and each demo image has its pre-labels."""
    if not wait_until((data / "run" / LOGINS_FILE).exists, patience=_START_PATIENCE, process=server):
        raise LaunchError(
            f"The server for the browser tests did not start:\n{log.read_text(errors='replace')}"
        )

    def is_prelabelled() -> bool:
        found = _status(environment, root)
        images, prelabelled = found.get("images"), found.get("prelabelled")
        return isinstance(images, int) and images > 0 and images == prelabelled

    if not wait_until(is_prelabelled, patience=_PRELABEL_PATIENCE, process=server, interval=1.0):
        raise LaunchError(f"The demo was not pre-labelled:\n{_status(environment, root)}\n{log.read_text()}")
