"""`make test`: every check, one after another, all of them even when one fails, and one closing line."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotator.embedded.browser_tests import run_browser_tests
from annotator.embedded.launch_settings import LaunchError, LaunchSettings
from annotator.embedded.streaming import stream

_PY_PATHS = ("annotator", "jfa_pipeline", "tfn", "benchmarks", "tests")
_OFFLINE = {
    "JFA_SECRET_KEY": "unused",
    "DATABASE_URL": "postgresql:///unused",
    "REDIS_URL": "redis://127.0.0.1/0",
}
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass
class Tally:
    """How many checks passed, failed and were skipped; a tool that counts nothing is one check."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, name: str, status: int, output: str) -> None:
        """Count one tool's run by its exit status and the counts in its closing lines."""
        passed, failed, skipped = counts_in(output)
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if status != 0:
            self.broken.append(name)
            self.failed += 0 if failed else 1
        elif passed == 0:
            self.passed += 1

    @property
    def line(self) -> str:
        tail = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{tail}"


def counts_in(output: str) -> tuple[int, int, int]:
    """Tests passed, failed and skipped according to the last summary of pytest, Vitest or Playwright; else zeros.

    pytest: `3 failed, 40 passed, 2 skipped in 9.1s` (errors count as failed). Vitest: a line that begins with
    `Tests`. Playwright: one line for each count, at the very end.
    """
    lines = [_COLOUR.sub("", line).strip() for line in output.splitlines()]
    summary = [
        line for line in lines if re.search(r"\b(passed|failed|errors?|skipped)\b.* in [\d.:]+ ?m?s", line)
    ][-1:]
    if not summary:
        summary = [line for line in lines if re.match(r"Tests\s+\d+ ", line)][-1:]
    if not summary:
        summary = [line for line in lines[-12:] if re.match(r"\d+ (passed|failed|skipped|flaky)\b", line)]
    text = "\n".join(summary)

    def count(words: str) -> int:
        return sum(int(number) for number in re.findall(rf"(\d+) (?:{words})\b", text))

    return count("passed|flaky"), count("failed|errors?"), count("skipped")


def run_checks(settings: LaunchSettings) -> int:
    """Run all checks. Returns 0 when each passed."""
    tools = settings.venv / "bin"
    offline = {**os.environ, **_OFFLINE}
    root, frontend = settings.root, settings.frontend
    checks: list[tuple[str, list[str], Path, Mapping[str, str]]] = [
        ("ruff check", [os.fspath(tools / "ruff"), "check", *_PY_PATHS], root, os.environ),
        ("ruff format", [os.fspath(tools / "ruff"), "format", "--check", *_PY_PATHS], root, os.environ),
        ("import contracts", [os.fspath(tools / "lint-imports")], root, offline),
        ("mypy", [os.fspath(tools / "mypy")], root, offline),
        ("front-end lint", ["npm", "run", "lint"], frontend, os.environ),
        ("front-end types", ["npm", "run", "check"], frontend, os.environ),
        ("front-end tests", ["npm", "test"], frontend, os.environ),
        ("pytest", [os.fspath(tools / "python"), "-m", "pytest"], root, os.environ),
    ]
    tally = Tally()
    for name, command, folder, env in checks:
        begun = _announce(name)
        status, output = stream(command, cwd=folder, env=env)
        tally.add(name, status, output)
        print(
            f"-- {name}: {'passed' if status == 0 else 'FAILED'} after {time.monotonic() - begun:.0f} s",
            flush=True,
        )
    begun = _announce("browser tests")
    try:
        status, output = run_browser_tests(settings)
    except LaunchError as error:
        print(error, flush=True)
        status, output = 1, ""
    tally.add("browser tests", status, output)
    print(f"-- browser tests: {'passed' if status == 0 else 'FAILED'} after {time.monotonic() - begun:.0f} s")
    if tally.broken:
        print(f"\nFailed: {', '.join(tally.broken)}")
    print(tally.line, flush=True)
    return 1 if tally.broken or tally.failed else 0


def _announce(name: str) -> float:
    print(f"\n== {name}", flush=True)
    return time.monotonic()
