"""Run a tool with its output shown as it comes, and kept."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def stream(command: list[str], *, cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a tool, showing its output as it comes. Returns its exit status and its output."""
    kept: list[str] = []
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        if process.stdout is not None:
            for line in process.stdout:
                text = line.decode(errors="replace")
                kept.append(text)
                sys.stdout.write(text)
                sys.stdout.flush()
    return process.returncode, "".join(kept)
