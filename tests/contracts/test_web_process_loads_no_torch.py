"""A web process, with every URL and view loaded, has no torch and never asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WATCHED_WEB_PROCESS = """
import sys

HEAVY = ("torch", "torchvision", "tfn")
asked = []

class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in HEAVY:
            asked.append(name)
        return None

sys.meta_path.insert(0, Watcher())

from annotator.config.wsgi import application  # as granian loads it
from django.urls import get_resolver

def views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern.url_patterns)
        else:
            yield pattern.callback

seen = list(views(get_resolver().url_patterns))
assert application and len(seen) > 20, len(seen)
loaded = [name for name in sys.modules if name.split(".")[0] in HEAVY]
print("asked", asked, "loaded", loaded)
sys.exit(1 if asked or loaded else 0)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **nowhere, "JFA_SECRET_KEY": "for this test"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_loads_every_url_without_torch() -> None:
    done = run(WATCHED_WEB_PROCESS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_would_notice() -> None:
    done = run(WATCHED_WEB_PROCESS.replace("loaded = [", "import torch.nn\nloaded = ["))
    assert done.returncode != 0
