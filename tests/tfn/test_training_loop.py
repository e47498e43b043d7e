"""The loop of a stage: resuming, the cache, several processes, and the stop at a bad loss (P7-20)."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import multiprocessing

from tfn.config import TfnConfig
from tfn.data.batches import NO_AUGMENTATION, Augmentation
from tfn.data.pictures import Picture, Pictures, PictureUnreadable, ProceduralPictures
from tfn.models.network import Network
from tfn.train.events import JsonLines
from tfn.train.face_table import CachedFeatures, PooledFeatures, build_table
from tfn.train.loop import CheckpointMismatch, LossNotFinite, Options, Trainer
from tfn.train.parallel import joined_processes
from tfn.train.schedule import Schedule
from tfn.train.stages import StageName, part_of

SCHEDULE = Schedule(rate=1e-3, steps=6, warm_up=2, optimiser="adamw", clip=10.0, batch=2, average=0.9)
AUGMENTATION = Augmentation(ratios=(1.0,))


def trained(
    config: TfnConfig,
    pictures: Pictures,
    folder: Path,
    stage: StageName,
    *stops: int | None,
    schedule: Schedule = SCHEDULE,
    cache: Literal["float16", "float32", "none"] = "float32",
) -> dict[str, torch.Tensor]:
    """Weights after the stage; every stop is a new process as far as the trainer can tell."""
    network = None
    for stop in stops:
        torch.manual_seed(0)
        network = Network(config)
        torch.manual_seed(torch.seed())
        options = Options(folder, every=2, seed=3, cache=cache, augmentation=AUGMENTATION)
        Trainer(network, stage, schedule, pictures, options).run(stop)
    assert network is not None
    return network.state_dict()


@pytest.mark.parametrize("stage", ["S1", "S2", "S3", "S4"])
def test_p7_20_a_resumed_stage_gives_the_same_bits_as_an_uninterrupted_one(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path, stage: StageName
) -> None:
    whole = trained(micro, pictures, tmp_path / "whole", stage, None)
    halves = trained(micro, pictures, tmp_path / "halves", stage, 3, None)
    assert all(torch.equal(whole[name], halves[name]) for name in whole)


def test_it_saves_every_n_steps_so_that_a_crash_between_them_loses_only_those(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    class PowerCut(Exception):
        pass

    class Cut(ProceduralPictures):
        def picture(self, index: int) -> Picture:
            drawn.append(index)
            if len(drawn) > 9:
                raise PowerCut
            return super().picture(index)

    drawn: list[int] = []
    torch.manual_seed(0)
    trainer = Trainer(
        Network(micro),
        "S1",
        SCHEDULE,
        Cut(6, 5, pictures.scene),
        Options(tmp_path, every=2, seed=3, augmentation=AUGMENTATION),
    )
    with pytest.raises(PowerCut):
        trainer.run()
    assert torch.load(trainer.checkpoint, weights_only=True)["done"] == 4
    resumed = trained(micro, pictures, tmp_path, "S1", None)
    whole = trained(micro, pictures, tmp_path / "whole", "S1", None)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_it_refuses_the_checkpoint_of_another_run(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    trained(micro, pictures, tmp_path, "S1", 2)
    with pytest.raises(CheckpointMismatch, match="another run"):
        trained(micro, pictures, tmp_path, "S1", None, schedule=replace(SCHEDULE, rate=1e-2))


@pytest.mark.parametrize("stage", ["S3", "S4"])
def test_p7_20_cached_features_train_like_uncached_ones(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path, stage: StageName
) -> None:
    fresh = trained(micro, pictures, tmp_path / "a", stage, None, cache="none")
    cached = trained(micro, pictures, tmp_path / "b", stage, None, cache="float32")
    for name, value in fresh.items():
        torch.testing.assert_close(cached[name], value, atol=1e-6, rtol=0)


def test_p7_20_a_half_precision_cache_is_within_a_hundredth(
    network: Network, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    table = build_table(network, pictures, "landmarks", NO_AUGMENTATION, seed=0)
    source = PooledFeatures(network.eval(), pictures, table)
    rows = torch.arange(len(table))
    exact = source.of_rows(rows)
    kept = CachedFeatures(source, tmp_path / "features.bin", "float16").of_rows(rows)
    assert float(exact.abs().max()) > 0.1
    torch.testing.assert_close(kept, exact, atol=1e-2, rtol=1e-3)


def test_frozen_parts_stay_in_eval_mode_while_a_stage_runs(
    network: Network, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    trainer = Trainer(network, "S3", SCHEDULE, pictures, Options(tmp_path, augmentation=AUGMENTATION))
    trainer.run(2)
    holders = {name.rpartition(".")[0]: part_of(name) for name, _ in network.named_parameters()}
    for name, part in holders.items():
        assert network.get_submodule(name).training == (part == "landmarks"), name


def test_it_draws_jitters_anew_each_epoch_when_asked(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    anew = replace(micro, samples=replace(micro.samples, jitter_each_epoch=True))
    schedule = replace(SCHEDULE, steps=14, batch=6)
    once = trained(micro, pictures, tmp_path / "a", "S3", None, schedule=schedule, cache="none")
    each = trained(anew, pictures, tmp_path / "b", "S3", None, schedule=schedule)
    again = trained(anew, pictures, tmp_path / "c", "S3", 9, None, schedule=schedule)
    assert any(not torch.equal(once[name], each[name]) for name in once)
    assert all(torch.equal(again[name], each[name]) for name in each)


class Poisoned(ProceduralPictures):
    """Picture 2 carries an impossible landmark."""

    def picture(self, index: int) -> Picture:
        drawn = super().picture(index)
        if index == 2:
            drawn.targets.landmarks[0, 5] = float("inf")
        return drawn


def test_it_stops_at_a_loss_that_is_not_finite_and_keeps_the_batch(
    network: Network, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    source = Poisoned(6, 5, pictures.scene)
    trainer = Trainer(network, "S1", replace(SCHEDULE, batch=6), source, Options(tmp_path))
    with pytest.raises(LossNotFinite, match="procedural 5/2") as stop:
        trainer.run()
    kept = torch.load(tmp_path / "bad-batch-S1-0.pt", weights_only=True)
    assert "bad-batch-S1-0.pt" in str(stop.value)
    assert len(kept["names"]) == 6
    assert kept["images"].shape[0] == 6
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


class Torn(ProceduralPictures):
    """Picture 1 cannot be read."""

    def picture(self, index: int) -> Picture:
        if index == 1:
            raise PictureUnreadable("torn.jpg", "ends in the middle")
        return super().picture(index)


@pytest.mark.parametrize("stage", ["S1", "S4"])
def test_it_skips_a_corrupt_picture_and_names_it_once(
    network: Network, pictures: ProceduralPictures, tmp_path: Path, stage: StageName
) -> None:
    said = StringIO()
    report = Trainer(
        network,
        stage,
        replace(SCHEDULE, batch=3),
        Torn(6, 5, pictures.scene),
        Options(tmp_path),
        events=JsonLines(said),
    ).run()
    events = [json.loads(line) for line in said.getvalue().splitlines()]
    assert report.unreadable == ["torn.jpg"]
    assert [e["name"] for e in events if e["event"] == "picture_skipped"] == ["torn.jpg"]
    assert [e["step"] for e in events if e["event"] == "step"] == [1, 2, 3, 4, 5, 6]


def test_it_decodes_in_worker_processes_with_the_same_result(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    def run(workers: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        network = Network(micro)
        schedule = replace(SCHEDULE, steps=2)
        Trainer(network, "S1", schedule, pictures, Options(tmp_path / str(workers), workers=workers)).run()
        return network.state_dict()

    here, there = run(0), run(1)
    assert all(torch.equal(here[name], there[name]) for name in here)


class AllTorn(ProceduralPictures):
    def picture(self, index: int) -> Picture:
        raise PictureUnreadable(f"{index}.jpg", "torn")


@pytest.mark.parametrize("workers", [0, 1])
def test_it_stops_with_their_names_if_no_picture_of_a_batch_can_be_read(
    network: Network, tmp_path: Path, workers: int
) -> None:
    trainer = Trainer(network, "S1", SCHEDULE, AllTorn(4, 0), Options(tmp_path, workers=workers))
    with pytest.raises(PictureUnreadable, match=r"\d\.jpg, \d\.jpg"):
        trainer.run()


def _one_of_two(rank: int, config: TfnConfig, pictures: ProceduralPictures, folder: Path, port: int) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Network(config)
    with joined_processes() as place:
        Trainer(network, "S1", replace(SCHEDULE, steps=2), pictures, Options(folder), place=place).run()
    torch.save(network.state_dict(), folder / f"{rank}.pt")


def test_two_processes_end_with_the_same_weights(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    multiprocessing.spawn(_one_of_two, (micro, pictures, tmp_path, free_port()), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    torch.manual_seed(0)
    start = Network(micro).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], start[name]) for name in first)
