"""What S3 and S4 learn from: one row a box of a face, and its pooled features, cached or not (T26, T27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tfn.assign import iou
from tfn.config import SampleConfig
from tfn.data.batches import Augmentation, collate, prepare
from tfn.data.pictures import Pictures, PictureUnreadable
from tfn.models.network import Network
from tfn.sampling import epoch_order, jittered, seeded
from tfn.targets import MISSING_CLASS, Targets

Task = Literal["landmarks", "attributes"]
Version = tuple[bool, float]
"""Mirrored or not, and the ratio to the base size: T32 makes six of them."""


class View(NamedTuple):
    """One picture in one version. boxes: (n, 4) boxes of faces in its input pixels, owners: (n,) rows of targets."""

    picture: int
    version: Version
    boxes: Tensor
    owners: Tensor
    targets: Targets


@dataclass(slots=True)
class FaceTable:
    """All rows of a stage, flat: row r is box ``offsets``-wise inside its view."""

    task: Task
    views: list[View]
    unreadable: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        counts = [len(view.boxes) for view in self.views]
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        if counts:
            self.boxes = torch.cat([view.boxes for view in self.views])
            self.labels = _joined([_rows(view.targets, view.owners) for view in self.views])

    starts: np.ndarray[tuple[int], np.dtype[np.int64]] = field(init=False)
    boxes: Tensor = field(init=False)
    labels: Targets = field(init=False)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def view_of(self, row: int) -> tuple[int, int]:
        """(view, place inside it) of a row."""
        view = int(np.searchsorted(self.starts, row, side="right")) - 1
        return view, row - int(self.starts[view])

    def labels_of(self, rows: Tensor) -> Targets:
        """Labels of these rows as one Targets with as many faces."""
        return _rows(self.labels, rows)


def versions(augmentation: Augmentation) -> list[Version]:
    """Every version of a picture that an augmentation can produce, the plain ones first."""
    flips = (False, True) if augmentation.flip else (False,)
    return [(flip, ratio) for flip in flips for ratio in augmentation.ratios]


@torch.no_grad()
def build_table(
    network: Network,
    pictures: Pictures,
    task: Task,
    augmentation: Augmentation,
    *,
    seed: int,
    epoch: int = 0,
    picture_numbers: Sequence[int] | None = None,
) -> FaceTable:
    """Boxes of every face that carries a label of the task: true box, its detection, jitters of that (T26).

    The network's stem and detector must be frozen. An unreadable picture is left out and named. ``epoch``
    matters only where ``samples.jitter_each_epoch``.
    """
    config = network.config
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    views: list[View] = []
    unreadable: list[str] = []
    device = next(network.parameters()).device
    numbers = range(len(pictures)) if picture_numbers is None else picture_numbers
    for number in numbers:
        try:
            picture = pictures.picture(number)
        except PictureUnreadable as error:
            unreadable.append(error.name)
            continue
        for version in versions(augmentation):
            one = prepare(picture, config, ratio=version[1], flip=version[0])
            if not bool(_has_label(one.targets, task).any()):
                continue
            batch = collate([one])
            maps = network.stem(batch.images.to(device))
            proposals = network.rpn.proposals(network.propose(maps), batch.sizes)
            detected = network.final_boxes(maps, proposals, batch.sizes)[0].boxes.cpu()
            boxes, owners = face_boxes(
                one.targets,
                detected,
                task,
                config.samples,
                seed=seed,
                epoch=epoch,
                picture=number,
                version=version,
            )
            views.append(View(number, version, boxes, owners, one.targets))
    for module, was in modes:
        module.training = was
    return FaceTable(task, views, unreadable)


def face_boxes(
    targets: Targets,
    detected: Tensor,
    task: Task,
    config: SampleConfig,
    *,
    seed: int,
    epoch: int,
    picture: int,
    version: Version,
) -> tuple[Tensor, Tensor]:
    """Boxes (n, 4) and owners (n,) of the labelled faces of one picture (T26, Part 8).

    Per face: the true box; the detection that matches it best with IoU > ``face_iou``, if any; jitters of that
    detection, or of the true box where there is none.
    """
    boxes: list[Tensor] = []
    owners: list[int] = []
    overlap = iou(detected, targets.boxes)
    labelled = _has_label(targets, task)
    for face in range(len(targets)):
        if not bool(labelled[face]):
            continue
        true = targets.boxes[face]
        base, own = true, [true]
        if len(detected):
            best, row = overlap[:, face].max(dim=0)
            if float(best) > config.face_iou and int(overlap[row].argmax()) == face:
                base = detected[row]
                own.append(base)
        drawn = epoch if config.jitter_each_epoch else 0
        generator = seeded(seed, drawn, picture, face, int(version[0]), str(version[1]))
        own.extend(jittered(base, true, config, generator))
        boxes.extend(own)
        owners.extend([face] * len(own))
    if not boxes:
        return torch.zeros(0, 4), torch.zeros(0, dtype=torch.long)
    return torch.stack(boxes), torch.tensor(owners)


class PooledFeatures:
    """Pooled features of a table's rows, computed from the pictures each time they are asked for."""

    def __init__(self, network: Network, pictures: Pictures, table: FaceTable) -> None:
        self.network, self.pictures, self.table = network, pictures, table

    @torch.no_grad()
    def of_view(self, number: int) -> Tensor:
        """(n, C, 7, 7) features of every box of one view."""
        view = self.table.views[number]
        picture = self.pictures.picture(view.picture)
        one = prepare(picture, self.network.config, ratio=view.version[1], flip=view.version[0])
        device = next(self.network.parameters()).device
        maps = self.network.stem(collate([one]).images.to(device))
        return self.network.pool(self.table.task, maps, [view.boxes.to(device)])

    def of_rows(self, rows: Tensor) -> Tensor:
        """(len(rows), C, 7, 7), in the order of rows."""
        by_view: dict[int, Tensor] = {}
        parts = []
        for row in rows.tolist():
            view, place = self.table.view_of(row)
            if view not in by_view:
                by_view[view] = self.of_view(view)
            parts.append(by_view[view][place])
        return torch.stack(parts)


class CachedFeatures:
    """The same features, pooled once and kept in a memory-mapped file of ``dtype`` (T27: 100 KB a face)."""

    def __init__(self, source: PooledFeatures, path: Path, dtype: Literal["float16", "float32"]) -> None:
        self.device = next(source.network.parameters()).device
        table = source.table
        path.parent.mkdir(parents=True, exist_ok=True)
        shape: tuple[int, ...] | None = None
        with path.open("wb") as file:
            for number in range(len(table.views)):
                features = source.of_view(number).cpu()
                shape = tuple(features.shape[1:])
                file.write(features.numpy().astype(dtype).tobytes())
        if shape is None:
            raise ValueError("There is no labelled face to cache features of.")
        self.map = np.memmap(path, dtype=dtype, mode="r", shape=(len(table), *shape))

    def of_rows(self, rows: Tensor) -> Tensor:
        """(len(rows), C, 7, 7) float32, in the order of rows."""
        return torch.from_numpy(np.asarray(self.map[rows.numpy()], dtype=np.float32)).to(self.device)


def step_rows(count: int, batch: int, step: int, seed: int) -> Tensor:
    """Rows of iteration ``step``: without repetition inside an epoch; depends on its arguments only."""
    numbers = range(step * batch, (step + 1) * batch)
    return torch.stack(
        [epoch_order(seed, "faces", number // count, count)[number % count] for number in numbers]
    )


def _has_label(targets: Targets, task: Task) -> Tensor:
    if task == "landmarks":
        return targets.has_point.any(dim=1)
    known_class = (targets.gender != MISSING_CLASS) | (targets.ethnicity != MISSING_CLASS)
    return known_class | ~torch.isnan(targets.age)


_PER_FACE = ("boxes", "landmarks", "has_point", "age", "age_sd", "gender", "ethnicity")


def _rows(targets: Targets, rows: Tensor) -> Targets:
    return Targets(**{name: getattr(targets, name)[rows] for name in _PER_FACE}, ignored=torch.zeros(0, 4))


def _joined(parts: list[Targets]) -> Targets:
    joined = {name: torch.cat([getattr(part, name) for part in parts]) for name in _PER_FACE}
    return Targets(**joined, ignored=torch.zeros(0, 4))
