"""A worker of the queue `gpu` asks in a process of its own what torch can do, and reports it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from annotator.learning.models import WorkerNode
from annotator.learning.presence import Presence

TORCH_WITH_TWO_GPUS = """
__version__ = "9.9.0"
class cuda:
    is_available = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 2)
    get_device_name = staticmethod(lambda i: f"GPU {i}")
"""
TORCH_WITHOUT_GPU = TORCH_WITH_TWO_GPUS.replace("lambda: True", "lambda: False")
BROKEN_TORCH = "raise ImportError('libcudart.so.13: cannot open shared object file')"


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Put a module named torch before the real one, if there is a real one."""
    (folder / "torch.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def reported(presence: Presence) -> dict[str, Any]:
    """What the node reports once its probe has ended."""
    deadline = time.monotonic() + 30
    while presence._probe is not None:
        assert time.monotonic() < deadline, "the probe did not end"
        presence.report()
    presence.report()
    capabilities: dict[str, Any] = WorkerNode.objects.get().capabilities
    return capabilities


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TORCH_WITH_TWO_GPUS, {"torch": "9.9.0", "cuda": True, "devices": ["GPU 0", "GPU 1"]}),
        (TORCH_WITHOUT_GPU, {"torch": "9.9.0", "cuda": False, "devices": ["cpu"]}),
        (BROKEN_TORCH, {"error": "ImportError: libcudart.so.13: cannot open shared object file"}),
    ],
)
def test_it_reports_what_torch_can_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, expected: dict[str, Any]
) -> None:
    install(tmp_path, monkeypatch, source)
    presence = Presence("gpu@one", ["gpu"])
    capabilities = reported(presence)
    assert expected.items() <= capabilities.items()
    presence.leave()
    assert not WorkerNode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_does_not_touch_torch_in_a_cpu_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, f"open({str(tmp_path / 'touched')!r}, 'w')")
    assert "torch" not in reported(Presence("cpu@one", ["cpu"]))
    assert not (tmp_path / "touched").exists()


def test_it_loads_no_torch_with_the_tasks_of_a_worker() -> None:
    """Celery forks its children from a process that has loaded every task."""
    code = (
        "import sys; from annotator.config.celery import app; app.loader.import_default_modules(); "
        "assert 'learning.run_prelabel' in app.tasks; sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
