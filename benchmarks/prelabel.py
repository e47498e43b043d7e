"""Images a second of a pre-label job with a trained model: decode, predict, write.

    python -m benchmarks.prelabel [--images 96] [--size 1600x1200] [--model FILE] [--preset fast]

Starts a PostgreSQL and a Valkey of its own, stores photographs, registers a model, makes it the champion, and runs
the job as a worker does: the heartbeat in its process beside it, the lock and the fence of each write. The weights
are loaded before the clock starts; a worker loads them once.

Without ``--model`` the network of the preset has random weights: its labels mean nothing, and its speed is that of a
trained one with BOXES boxes an image behind the detector (a trained one has as many as there are faces, and few
others). Its score limit is set so that it shows about ``--faces`` faces an image, because writing takes time per face.

One JSON object on the last line. ``share_outside_network``: part of the job's time during which no network ran, that
is waiting for pixels, resizing, calibration, and the database; ``share_waiting_for_pixels`` and ``share_writing``
are parts of it. ``images_per_second_network`` is what the network alone would do.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import secrets
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image as Pillow

import tfn as tfn  # before torch, as a worker does: it says how torch's threads wait
from annotator.embedded.postgres import PostgresServer
from annotator.embedded.redis import RedisServer

BOXES: Final = 10
"""Boxes an image that go through the landmark and attribute nets of a random network, as in tfn_speed."""

PROBED: Final = 6
"""Images that tell which score limit shows the wanted number of faces."""


@contextmanager
def platform() -> Iterator[Path]:
    """Servers and settings of a platform in a temporary folder, its tables made."""
    with tempfile.TemporaryDirectory(prefix="jfa-pl-", dir="/tmp") as name:
        folder = Path(name)
        sockets = folder / "s"
        sockets.mkdir(mode=0o700)
        postgres = PostgresServer(folder / "pg", sockets=sockets, log=folder / "pg.log")
        redis = RedisServer(folder / "valkey", log=folder / "valkey.log")
        try:
            postgres.start()
            redis.start()
            os.environ |= {
                "JFA_SECRET_KEY": secrets.token_urlsafe(50),
                "JFA_DATA_DIR": os.fspath(folder / "var"),
                "DATABASE_URL": postgres.url(),
                "REDIS_URL": redis.url(),
                "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
                "JFA_LOG_LEVEL": "WARNING",
            }
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            yield folder
        finally:
            redis.stop()
            postgres.stop()


def photographs(count: int, size: tuple[int, int]) -> Iterator[bytes]:
    """JPEG files of ``size`` (width, height): the demo's pictures, each cut a little differently."""
    from annotator.demo.pictures import photographs as real
    from annotator.demo.pictures import rendered

    drawn = [
        Pillow.open(io.BytesIO(draw())).convert("RGB") for draw in (*real().values(), *rendered().values())
    ]
    chance = np.random.default_rng(1)
    for number in range(count):
        picture = drawn[number % len(drawn)]
        left, top = chance.uniform(0, 0.1, 2) * picture.size
        cut = picture.resize(size, Pillow.Resampling.BICUBIC, box=(left, top, *picture.size))
        buffer = io.BytesIO()
        cut.save(buffer, "JPEG", quality=90)
        yield buffer.getvalue()


def dataset_make(count: int, size: tuple[int, int]) -> Any:
    """A dataset with ``count`` stored photographs that wait for pre-labelling."""
    from annotator.datasets.models import Dataset, PolicyVersion
    from annotator.images.models import Image
    from annotator.images.services.storing import file_store
    from jfa_pipeline.core.policy import Policy

    dataset = Dataset.objects.create(name="Benchmark", slug="benchmark")
    dataset.policy = PolicyVersion.objects.create(dataset=dataset, version=1, data=Policy().to_json())
    dataset.save()
    for number, content in enumerate(photographs(count, size)):
        sha = hashlib.sha256(content).hexdigest()
        path = f"originals/{dataset.pk}/{sha[:2]}/{sha}.jpg"
        file_store(path=path, chunks=[content], durable=False)
        Image.objects.create(
            dataset=dataset,
            sha256=sha,
            file=path,
            name=f"{number}.jpg",
            bytes=len(content),
            format="JPEG",
            width=size[0],
            height=size[1],
        )
    return dataset


def champion_make(dataset: Any, folder: Path, *, file: Path | None, preset: str) -> None:
    """Register the file, or a network with random weights, and make it the champion."""
    from annotator.learning.services.registry import model_promote, model_register

    if file is None:
        import torch

        from tfn.model_file import Model, save_model
        from tfn.models.network import Network
        from tfn.presets import PRESETS

        torch.manual_seed(0)
        file = folder / "random.pt"
        config = PRESETS[preset]()
        config = replace(config, test=replace(config.test, max_faces=BOXES))
        save_model(Model(Network(config), ("S1",)), file)
    model = model_register(
        dataset=dataset,
        path=file,
        run_id=None,
        release_number=None,
        release_sha256="",
        preset=preset,
        stages=["S1"],
        parent=None,
        metrics={},
        facts={},
        created_by=None,
    )
    model_promote(model=model, actor=None, reason="to be measured")


class Clock:
    """Seconds spent in functions, by name."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def timed(
        self, name: str, work: Callable[..., Any], *, after: Callable[[], object] = lambda: None
    ) -> Any:
        """``work``, whose time counts under ``name``. after: what has to end before it counts as done."""

        def measured(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*args, **named)
            finally:
                after()
                self.seconds[name] += time.perf_counter() - began

        return measured


def limit_set(provider: Any, pixels: list[Any], faces: float) -> None:
    """Let the predictor show about ``faces`` faces an image."""
    predictor = provider._predictor
    predictor.score = 0.0
    scores = sorted((face.score for one in provider.label_batch(pixels) for face in one), reverse=True)
    wanted = min(len(scores) - 1, round(faces * len(pixels)))
    predictor.score = scores[wanted] if scores else 0.0


def measured_run(dataset: Any, *, faces: float | None) -> dict[str, Any]:
    """Run the job once and say how long each part took."""
    import torch

    from annotator.faces.models import Face
    from annotator.images.models import Image
    from annotator.jobs.models import Job
    from annotator.jobs.running import RunningJob, run_job
    from annotator.learning.providers import provider_choice
    from annotator.learning.services import prelabelling
    from annotator.learning.services.decoding import image_decode
    from annotator.learning.services.prelabel_jobs import relabel_start_due

    provider: Any = provider_choice(dataset).provider()
    probed = [
        image_decode(image, longest_side=provider.longest_side) for image in Image.objects.all()[:PROBED]
    ]
    pixels = [one.pixels for one in probed if one.pixels is not None]
    if faces is not None:
        limit_set(provider, pixels, faces)
    provider.label_batch(pixels[:1])

    clock = Clock()
    settled = torch.cuda.synchronize if torch.cuda.is_available() else lambda: None
    provider._predictor._through = clock.timed("network", provider._predictor._through, after=settled)
    provider.label_batch = clock.timed("predict", provider.label_batch)
    prelabelling.seen_store = clock.timed("write", prelabelling.seen_store)
    (job,) = relabel_start_due()

    def work(run: RunningJob) -> dict[str, Any]:
        began = time.perf_counter()
        result = prelabelling.prelabel_run(run=run, provider=provider)
        clock.seconds["job"] = time.perf_counter() - began
        return result

    run_job(job.pk, "benchmark", work)
    job = Job.objects.get(pk=job.pk)
    if job.state != "done":
        raise RuntimeError(f"The job ended as {job.state}: {job.error}")
    images, whole = job.result["labelled"], clock.seconds["job"]
    outside = whole - clock.seconds["network"]
    return {
        "images_per_second": round(images / whole, 2),
        "share_outside_network": round(outside / whole, 4),
        "images_per_second_network": round(images / clock.seconds["network"], 2),
        "share_writing": round(clock.seconds["write"] / whole, 4),
        "share_waiting_for_pixels": round(1 - (clock.seconds["predict"] + clock.seconds["write"]) / whole, 4),
        "images": images,
        "seconds": round(whole, 2),
        "faces_per_image": round(Face.objects.count() / images, 2),
        "device": provider.device,
        "device_name": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "torch_threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--size", default="1600x1200", help="width x height of the photographs, pixels")
    parser.add_argument("--model", type=Path, help="a trained model file; random weights without it")
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--faces", type=float, default=2.0, help="per image, with random weights")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    with platform() as folder:
        dataset = dataset_make(given.images, (width, height))
        champion_make(dataset, folder, file=given.model, preset=given.preset)
        figure = measured_run(dataset, faces=None if given.model else given.faces)
    weights = "trained" if given.model else f"random, {BOXES} boxes an image behind the detector"
    print(json.dumps({**figure, "preset": given.preset, "size": given.size, "weights": weights}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
