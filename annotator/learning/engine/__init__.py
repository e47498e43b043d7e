"""The only package of `annotator` that may import torch or tfn; nothing in a web process imports it.

Its modules know no Django: each is given plain values or one JSON order, and the long ones run as processes of
their own (`python -m annotator.learning.engine.train ORDER.json`), which a worker can kill.
"""

from __future__ import annotations

import os
from typing import TypedDict

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as in tfn, which modules here may import after torch


class Capabilities(TypedDict):
    """torch: its version. cuda: whether torch can use a GPU. devices: names of the GPUs, or ["cpu"]."""

    torch: str
    cuda: bool
    devices: list[str]


def learning_capabilities() -> Capabilities:
    """Raises ImportError while torch is not installed."""
    import torch  # heavy, and absent from web processes

    is_cuda = bool(torch.cuda.is_available())
    names = (
        [str(torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())] if is_cuda else ["cpu"]
    )
    return {"torch": str(torch.__version__), "cuda": is_cuda, "devices": names}
