"""`make status` answers while the platform is down."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from annotator.embedded.launch_settings import ROOT


def test_it_prints_one_json_line_and_fails_while_everything_is_down(tmp_path: Path) -> None:
    environment = {
        key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}
    }
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "annotator.embedded", "status"],
        cwd=ROOT,
        env={**environment, "DATA": os.fspath(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    found = json.loads(done.stdout)
    assert set(found) == {"database", "redis", "workers", "images", "faces", "prelabelled"}
    assert found["database"].startswith("down: ")
    assert found["redis"].startswith("down: ")
    assert [found[key] for key in ("workers", "images", "faces", "prelabelled")] == [0, 0, 0, 0]
    assert time.monotonic() - begun < 10


def test_it_says_so_while_a_named_server_does_not_answer() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "annotator.embedded", "status"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": "postgresql://jfa@127.0.0.1:1/jfa",
            "REDIS_URL": "redis://127.0.0.1:1/0",
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert "refused" in found["database"]
    assert "refused" in found["redis"]
