"""One stage of the alternating scheme from start to finish: the loop, its checkpoints, its stop at a bad loss.

Iteration k of a stage depends on the seed, k and the weights only: its batch, its samples and its dropout are
drawn from generators seeded with (seed, stage, k). A checkpoint therefore needs no generator state, and a
resumed run gives on a CPU bit for bit the weights of an uninterrupted one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from tfn.data.batches import Augmentation, Batch, StepBatches
from tfn.data.pictures import Pictures
from tfn.model_file import save_atomically
from tfn.models.network import Network
from tfn.sampling import seeded
from tfn.train.averaging import WeightAverage
from tfn.train.criterion import Criterion, FaceSamples
from tfn.train.events import Events, Silent
from tfn.train.face_table import CachedFeatures, FaceTable, PooledFeatures, Task, build_table, step_rows
from tfn.train.parallel import ALONE, Place, any_process, average_gradients, wait_for_all
from tfn.train.schedule import Schedule
from tfn.train.stages import STAGES, Stage, StageName, enter_stage

CHECKPOINT: Final = "checkpoint-{stage}.pt"
BAD_BATCH: Final = "bad-batch-{stage}-{step}.pt"


class LossNotFinite(ArithmeticError):
    """A loss became NaN or infinite; the message names the pictures and the file their batch was saved to."""


class CheckpointMismatch(ValueError):
    """A checkpoint of another run: other stage, schedule or seed."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a stage runs, beside its schedule.

    folder: checkpoints, cached features and bad batches go there. every: iterations between checkpoints.
    workers: processes that decode pictures, 0 for none. cache: how S3 and S4 keep pooled features (T27; "none":
    pooled anew each time). half: bf16 autocast where there is a GPU.
    """

    folder: Path
    every: int = 1000
    workers: int = 0
    seed: int = 0
    cache: Literal["float16", "float32", "none"] = "float16"
    half: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(slots=True)
class Report:
    """What a stage did. losses: of its last iteration. unreadable: names of the pictures that were skipped."""

    stage: str
    steps: int
    losses: dict[str, float]
    unreadable: list[str]


@dataclass(slots=True)
class _Step:
    """One iteration's losses and what to keep if they are bad."""

    losses: dict[str, Tensor]
    counts: dict[str, int]
    names: list[str]
    evidence: dict[str, Any]
    unreadable: list[str]


class Trainer:
    """Runs one stage on one source of pictures; each stage can have its own (T28)."""

    def __init__(
        self,
        network: Network,
        stage: StageName,
        schedule: Schedule,
        pictures: Pictures,
        options: Options,
        *,
        events: Events | None = None,
        place: Place = ALONE,
    ) -> None:
        self.network = network
        self.stage: Stage = STAGES[stage]
        self.schedule = schedule
        self.pictures = pictures
        self.options = options
        self.place = place
        self.events: Events = events if events is not None and place.rank == 0 else Silent()
        self.device = next(network.parameters()).device
        self.moving = enter_stage(network, self.stage)
        moving = {id(parameter) for parameter in self.moving}
        self.named = {name: p for name, p in network.named_parameters() if id(p) in moving}
        self.optimiser = schedule.optimiser_of(self.moving)
        self.average = WeightAverage(self.named, schedule.average) if schedule.average else None
        self.criterion = Criterion(network.config, self.stage)
        self.done = 0
        self.unreadable: list[str] = []
        self.last: dict[str, float] = {}

    @property
    def checkpoint(self) -> Path:
        return self.options.folder / CHECKPOINT.format(stage=self.stage.name)

    def run(self, until: int | None = None) -> Report:
        """Train to the schedule's end, or to iteration ``until`` as if interrupted there.

        Starts where the folder's checkpoint of this stage stopped, if there is one. At the end the moving
        average, if any, becomes the network's weights and the checkpoint is removed.
        Raises LossNotFinite, CheckpointMismatch, PictureUnreadable if no picture of a batch can be read.
        """
        self._resume()
        last = self.schedule.steps if until is None else min(until, self.schedule.steps)
        if self.done < last:
            for step in self._steps(last):
                self._advance(step)
                if self.done % self.options.every == 0 or self.done == last:
                    self._save()
        if self.done == self.schedule.steps:
            if self.average is not None:
                self.average.apply()
            self.network.eval()
            wait_for_all(self.place)
            if self.place.rank == 0:
                self.checkpoint.unlink(missing_ok=True)
        self.events.note(
            "stage_ended", stage=self.stage.name, steps=self.done, unreadable=sorted(set(self.unreadable))
        )
        return Report(self.stage.name, self.done, self.last, sorted(set(self.unreadable)))

    def _advance(self, step: _Step) -> None:
        total = torch.stack([value.float() for value in step.losses.values()]).sum()
        bad = not bool(torch.isfinite(total))
        if any_process(bad, self.place, self.device):
            self._stop(step, bad)
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(self.done)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        average_gradients(self.moving, self.place)
        if self.schedule.clip is not None:
            nn.utils.clip_grad_norm_(self.moving, self.schedule.clip)
        self.optimiser.step()
        if self.average is not None:
            self.average.update()
        self.done += 1
        self._tell_unreadable(step.unreadable)
        self.last = {name: float(value.detach()) for name, value in step.losses.items()}
        self.events.step(
            self.stage.name,
            self.done,
            self.schedule.steps,
            {"loss": float(total.detach()), "rate": self.schedule.rate_at(self.done - 1), **self.last}
            | {name: float(count) for name, count in step.counts.items()},
        )

    def _steps(self, last: int) -> Iterator[_Step]:
        if self.stage.is_frozen_detector:
            yield from self._face_steps(last)
        else:
            yield from self._picture_steps(last)

    def _picture_steps(self, last: int) -> Iterator[_Step]:
        """S1 and S2: whole pictures through everything."""
        source = StepBatches(
            self.pictures,
            self.network.config,
            self.schedule.batch,
            self.done,
            last,
            self.options.seed,
            self.options.augmentation,
            self.place.rank,
            self.place.world,
        )
        loader: DataLoader[Batch] = DataLoader(source, batch_size=None, num_workers=self.options.workers)
        for batch in loader:
            self._seed_step()
            generator = seeded(self.options.seed, self.stage.name, "samples", self.done, self.place.rank)
            targets = [target.to(self.device) for target in batch.targets]
            self.criterion.steps_done = self.done
            with self._half():
                losses = self.criterion(
                    self.network, batch.images.to(self.device), batch.sizes, targets, generator
                )
            evidence = {"images": batch.images, "targets": [asdict(target) for target in batch.targets]}
            yield _Step(losses, dict(self.criterion.counts), batch.names, evidence, batch.unreadable)

    def _face_steps(self, last: int) -> Iterator[_Step]:
        """S3 and S4: faces whose boxes and features come from the frozen detector and stem."""
        task: Task = "landmarks" if self.stage.name == "S3" else "attributes"
        batch, fresh = self.schedule.batch, self.network.config.samples.jitter_each_epoch
        epoch, table = 0, self._table(task, 0)
        epoch_rows = len(table)
        features = self._features(table, task)
        while self.done < last:
            number = self.done * self.place.world + self.place.rank
            if fresh and number * batch // epoch_rows != epoch:
                epoch = number * batch // epoch_rows
                table = self._table(task, epoch)
                features = self._features(table, task)
            rows = step_rows(len(table), batch, number, self.options.seed)
            pooled = features.of_rows(rows)
            labels = table.labels_of(rows).to(self.device)
            boxes = table.boxes[rows].to(self.device)
            samples = FaceSamples([boxes], [torch.arange(len(rows), device=self.device)])
            self._seed_step()
            terms = self.criterion.landmark_terms if task == "landmarks" else self.criterion.attribute_terms
            with self._half():
                losses = terms(self.network, pooled, samples, [labels])
            names = [f"picture {table.views[table.view_of(int(row))[0]].picture}" for row in rows]
            evidence = {"pooled": pooled.cpu(), "targets": [asdict(labels.to("cpu"))], "boxes": boxes.cpu()}
            yield _Step(losses, {"faces": len(rows)}, names, evidence, [])

    def _table(self, task: Task, epoch: int) -> FaceTable:
        table = build_table(
            self.network, self.pictures, task, self.options.augmentation, seed=self.options.seed, epoch=epoch
        )
        self._tell_unreadable(table.unreadable)
        if len(table) == 0:
            raise ValueError(f"{self.stage.name}: no face of these pictures carries a label for {task}.")
        self.events.note("faces_found", stage=self.stage.name, boxes=len(table), views=len(table.views))
        return table

    def _features(self, table: FaceTable, task: Task) -> PooledFeatures | CachedFeatures:
        source = PooledFeatures(self.network, self.pictures, table)
        if self.options.cache == "none" or self.network.config.samples.jitter_each_epoch:
            return source
        path = self.options.folder / f"features-{task}-{self.place.rank}.bin"
        return CachedFeatures(source, path, self.options.cache)

    def _seed_step(self) -> None:
        """Dropout of this iteration depends on (seed, stage, iteration, process) only."""
        generator = seeded(self.options.seed, self.stage.name, "step", self.done, self.place.rank)
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))

    def _half(self) -> contextlib.AbstractContextManager[Any]:
        if self.options.half and self.device.type == "cuda":
            return torch.autocast("cuda", dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def _tell_unreadable(self, names: list[str]) -> None:
        for name in names:
            if name not in self.unreadable:
                self.events.note("picture_skipped", name=name)
        self.unreadable.extend(names)

    def _stop(self, step: _Step, bad: bool) -> None:
        """Keep the batch and stop; raises LossNotFinite."""
        if not bad:
            raise LossNotFinite(f"{self.stage.name}: another process had a loss that is not finite.")
        file = BAD_BATCH.format(stage=self.stage.name, step=self.done)
        path = self.options.folder / file
        losses = {name: float(value.detach()) for name, value in step.losses.items()}
        save_atomically({"losses": losses, "names": step.names, **step.evidence}, path)
        wrong = ", ".join(f"{name} = {value}" for name, value in losses.items())
        raise LossNotFinite(
            f"{self.stage.name}, iteration {self.done}: {wrong}. The batch was saved as {file}; its pictures: "
            f"{', '.join(step.names)}. Look at their labels, or lower the learning rate."
        )

    def _identity(self) -> dict[str, Any]:
        return {
            "stage": self.stage.name,
            "seed": self.options.seed,
            "schedule": asdict(self.schedule),
            "pictures": len(self.pictures),
            "world": self.place.world,
        }

    def _save(self) -> None:
        if self.place.rank != 0:
            return
        content = {
            "identity": self._identity(),
            "done": self.done,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state() if self.average is not None else None,
            "unreadable": self.unreadable,
            "losses": self.last,
        }
        save_atomically(content, self.checkpoint)

    def _resume(self) -> None:
        if not self.checkpoint.is_file():
            return
        kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if kept["identity"] != self._identity():
            raise CheckpointMismatch(
                f"{self.checkpoint.name} belongs to another run ({kept['identity']}, this is {self._identity()}). "
                "Give another folder, or remove it."
            )
        if kept["done"] < self.done:
            return
        self.network.load_state_dict(kept["network"])
        self.optimiser.load_state_dict(kept["optimiser"])
        if self.average is not None:
            self.average.load(kept["average"]["updates"], kept["average"]["shadow"])
        self.done, self.unreadable, self.last = kept["done"], list(kept["unreadable"]), kept["losses"]
        self.events.note("resumed", stage=self.stage.name, step=self.done)
