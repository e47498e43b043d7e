"""One copy at a time on a data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotator.embedded.launch_settings import ROOT, LaunchError
from annotator.embedded.lock import hold_lock


def test_it_refuses_a_second_copy_and_names_the_first(tmp_path: Path) -> None:
    handle = hold_lock(tmp_path)
    try:
        with pytest.raises(LaunchError, match=rf"already running on .* \(process {os.getpid()}\)"):
            hold_lock(tmp_path)
    finally:
        os.close(handle)
    os.close(hold_lock(tmp_path))


def test_it_ends_a_second_start_with_one_sentence(tmp_path: Path) -> None:
    handle = hold_lock(tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "annotator.embedded", "up"],
            cwd=ROOT,
            env={**os.environ, "DATA": os.fspath(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    finally:
        os.close(handle)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "already running" in done.stderr
    assert "DATA=" in done.stderr


def test_it_does_not_keep_the_lock_of_a_killed_copy(tmp_path: Path) -> None:
    code = "import sys, pathlib; from annotator.embedded.lock import hold_lock; "
    code += "hold_lock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    copy = subprocess.Popen(
        [sys.executable, "-c", code, os.fspath(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert copy.stdout is not None
    assert copy.stdout.readline() == b"held\n"
    copy.kill()
    copy.communicate()
    os.close(hold_lock(tmp_path))
