"""Which of the assigned boxes a step learns from (T20-T22), and jittered boxes for S3 and S4 (T26)."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import torch
from torch import Tensor

from tfn.assign import BACKGROUND, FACE, iou
from tfn.box_coding import centres_and_sides
from tfn.config import RpnConfig, SampleConfig


def sample_balanced(labels: Tensor, total: int, positive_share: float, generator: torch.Generator) -> Tensor:
    """Indices of at most ``total`` boxes: up to that share of faces, filled up with background (T20, T21)."""
    positive = torch.nonzero(labels == FACE).flatten()
    negative = torch.nonzero(labels == BACKGROUND).flatten()
    positive = _draw(positive, int(total * positive_share), generator)
    negative = _draw(negative, total - len(positive), generator)
    return torch.cat((positive, negative))


def sample_anchors(labels: Tensor, config: RpnConfig, generator: torch.Generator) -> Tensor:
    """Indices of the anchors of one image that the RPN learns from (T20)."""
    return sample_balanced(labels, config.batch_per_image, config.positive_share, generator)


def sample_rois(labels: Tensor, config: SampleConfig, generator: torch.Generator) -> Tensor:
    """Indices of the proposals of one image that the detection net learns from (T21)."""
    return sample_balanced(labels, config.rois_per_image, config.roi_positive_share, generator)


def inside_border(anchors: Tensor, height: float, width: float, allowed: float | None) -> Tensor:
    """(N,) bool: anchors that reach at most ``allowed`` pixels outside; all of them for None (T20)."""
    if allowed is None:
        return torch.ones(len(anchors), dtype=torch.bool)
    low = (anchors[:, :2] >= -allowed).all(dim=1)
    return low & (anchors[:, 2] <= width + allowed) & (anchors[:, 3] <= height + allowed)


def jittered(box: Tensor, face: Tensor, config: SampleConfig, generator: torch.Generator) -> Tensor:
    """Up to ``jitters`` boxes around ``box`` (4,) that keep IoU > ``face_iou`` with the true ``face`` (T26).

    Centre shift U(-0.1, 0.1) x (w, h), log-scale U(-0.1, 0.1) per axis, drawn again up to ten times, then
    dropped. Returns (n, 4), n <= jitters.
    """
    centre, side = centres_and_sides(box)
    kept = []
    for _ in range(config.jitters):
        for _ in range(config.jitter_draws):
            shift, log_scale = torch.rand(2, 2, generator=generator) * 2 - 1
            middle = centre + shift * config.jitter_shift * side
            half = side * torch.exp(log_scale * config.jitter_log_scale) / 2
            candidate = torch.cat((middle - half, middle + half))
            if float(iou(candidate[None], face[None])) > config.face_iou:
                kept.append(candidate)
                break
    return torch.stack(kept) if kept else box.new_zeros(0, 4)


def seeded(*parts: int | str) -> torch.Generator:
    """A generator that depends on its arguments only, such as (seed, epoch, image, face) (T26)."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    generator = torch.Generator()
    generator.manual_seed(int.from_bytes(digest[:8], "little") & (2**63 - 1))
    return generator


@lru_cache(maxsize=4)
def epoch_order(seed: int, kind: str, epoch: int, count: int) -> Tensor:
    """(count,) order in which an epoch visits things; kept, because every iteration asks for it."""
    return torch.randperm(count, generator=seeded(seed, kind, epoch))


def _draw(indices: Tensor, count: int, generator: torch.Generator) -> Tensor:
    if len(indices) <= count:
        return indices
    return indices[torch.randperm(len(indices), generator=generator)[:count]]
