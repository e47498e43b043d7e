"""Which package may import which (pyproject.toml, [tool.importlinter])."""

import os
import subprocess
import sys
from pathlib import Path

from annotator.embedded.launch_settings import ROOT


def test_it_keeps_every_import_contract() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [os.fspath(tool)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_it_runs_the_launcher_before_anything_is_installed() -> None:
    """What `make up` and `make status` import first must work without a single package."""
    code = "import annotator.embedded.commands, sys; print(sorted(m for m in sys.modules if 'psycopg2' in m))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
