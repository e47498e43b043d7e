"""Several processes under ``torchrun``: who am I, and gradients averaged over all of us (Part 8 on T18)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import distributed, nn


class Place(NamedTuple):
    """This process among ``world``; rank 0 writes files and events."""

    rank: int
    world: int


ALONE = Place(0, 1)


@contextmanager
def joined_processes() -> Iterator[Place]:
    """The process group that torchrun's environment describes; ALONE without one."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Place(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def average_gradients(parameters: list[nn.Parameter], place: Place) -> None:
    """Replace each gradient by its mean over the processes; a parameter unused in one process counts zero there."""
    if place.world == 1:
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    flat = torch.cat([parameter.grad.flatten() for parameter in parameters if parameter.grad is not None])
    distributed.all_reduce(flat)
    flat /= place.world
    start = 0
    for parameter in parameters:
        if parameter.grad is not None:
            count = parameter.grad.numel()
            parameter.grad.copy_(flat[start : start + count].view_as(parameter.grad))
            start += count


def any_process(flag: bool, place: Place, device: torch.device) -> bool:
    """True everywhere if ``flag`` is True in any process, so that all of them stop together."""
    if place.world == 1:
        return flag
    value = torch.tensor([float(flag)], device=device)
    distributed.all_reduce(value)
    return bool(value.item() > 0)


def wait_for_all(place: Place) -> None:
    """Return when every process has come here."""
    if place.world > 1:
        distributed.barrier()
