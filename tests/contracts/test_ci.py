"""Continuous integration runs `make test` and nothing more clever; `make help` is the list of commands."""

import os
import re
import subprocess

from annotator.embedded.launch_settings import ROOT


def test_it_calls_exactly_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [
        line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make test"]


def test_it_lists_every_target_in_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^  make (\S+)", shown, re.MULTILINE)) == set(phony.group(1).split())


def test_it_keeps_registry_hosts_out_of_the_lock_file() -> None:
    lock = ROOT / "frontend" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "frontend" / ".npmrc").read_text()
