"""Torch is installed last, while the platform already runs; what becomes of it is told in a small JSON file."""

import importlib.metadata
import json
import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Literal

from annotator.embedded.launch_settings import LaunchSettings

State = Literal["installing", "ready", "failed", "skipped"]
STATE_FILE = "learning.json"
_PACKAGES = ("torch", "torchvision")
# The default Linux build comes with the CUDA libraries; unpacked beside its download it needs this much room.
_BYTES_NEEDED = 10 * 10**9
_BYTES_NEEDED_OTHER_INDEX = 4 * 10**9


def write_state(run: Path, state: State, message: str) -> None:
    """Tell the web pages (settings.JFA_RUN_DIR / learning.json) how the learning worker's packages stand."""
    fresh = run / f"{STATE_FILE}.new"
    fresh.write_text(json.dumps({"state": state, "message": message}))
    fresh.replace(run / STATE_FILE)


def packages_are_there() -> bool:
    """Whether torch and torchvision are installed, completely, in this environment."""
    importlib.invalidate_caches()
    for name in _PACKAGES:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return False
        if found.read_text("INSTALLER") is None:
            return False
    return True


def room_problem(settings: LaunchSettings) -> str | None:
    """Why torch is not even tried: too little room on the disk. A full disk would take the database down."""
    needed = _BYTES_NEEDED_OTHER_INDEX if settings.torch_index_url else _BYTES_NEEDED
    free = shutil.disk_usage(sysconfig.get_path("purelib")).free
    if free >= needed:
        return None
    return (
        f"Torch needs {needed / 1e9:.0f} GB of room and the disk has {free / 1e9:.1f} GB: labelling works, learning "
        "does not. Free some room and start again, or point TORCH_INDEX_URL at a smaller CPU build."
    )


def install_command(settings: LaunchSettings) -> list[str]:
    """pip adds the worker group's packages; the constraints keep every package that is already in use as it is."""
    command = [sys.executable, "-m", "pip", "install", "--no-input", "-c", "constraints.txt", *_PACKAGES]
    if settings.torch_index_url:
        command += ["--index-url", settings.torch_index_url]
    nice = shutil.which("nice")
    return [nice, "-n", "10", *command] if nice else command


def gpu_count() -> int:
    """How many NVIDIA GPUs the system has, told from its device files: no torch call in this process."""
    return sum(1 for name in os.listdir("/dev") if name.startswith("nvidia") and name[6:].isdecimal())
