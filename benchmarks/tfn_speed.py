"""How long a photograph takes: ``paper`` and ``fast`` beside torchvision's Faster R-CNN, in one process.

    python -m benchmarks.tfn_speed [--height 600] [--width 1000] [--rounds 9] [--threads 2]

All networks get the same input and have random weights, so the number of faces is fixed: 300 proposals for
``paper`` and for the detectors, FACES final boxes for the landmark and attribute nets. The detectors: VGG-16 with
the anchors of ``paper`` on the same two maps and 4096-wide layers, and torchvision's ResNet-50-FPN. The networks
take turns, forwards and backwards from round to round, and a ratio is the median of the rounds' own ratios: two
neighbours in time share what another program takes from the machine. ``*_fastest`` beside it is the ratio of the
fastest passes, which were disturbed least. On a GPU also images a second and the share of the card's own
matrix-product speed that ``paper``'s 491 GFLOP reach.

One JSON object on the last line: ``*_s`` are median seconds an image, ``*_over_*`` ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn
from torchvision.models import vgg16
from torchvision.models.detection import FasterRCNN, fasterrcnn_resnet50_fpn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import MultiScaleRoIAlign

from tfn.config import TfnConfig
from tfn.models.network import Faces, Network
from tfn.postprocess import Answers, Temperatures, answers, landmark_points
from tfn.presets import fast, paper

FACES: Final = 10
"""Final boxes an image (the spec's 491 GFLOP count so many)."""
PAPER_GFLOP: Final = 491.0
GPU_BATCHES: Final = (1, 8, 32)
VGG_CONV4_3, VGG_CONV5_3 = 22, 29

Pass = Callable[[], object]


class VggMaps(nn.Module):
    """conv4_3 and conv5_3 of torchvision's VGG-16, the maps that ``paper`` proposes from."""

    out_channels = 512

    def __init__(self) -> None:
        super().__init__()
        features = vgg16(weights=None).features
        self.lower, self.upper = (
            features[: VGG_CONV4_3 + 1],
            features[VGG_CONV4_3 + 1 : VGG_CONV5_3 + 1],
        )

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        conv4: Tensor = self.lower(images)
        return OrderedDict((("4", conv4), ("5", self.upper(conv4))))


def vgg_detector(config: TfnConfig) -> FasterRCNN:
    """torchvision's Faster R-CNN on VGG-16: detection alone, with the anchors and proposal counts of ``config``."""
    anchors = AnchorGenerator(
        tuple(tuple(int(side) for side in scales) for scales in config.rpn.scales),
        (config.rpn.ratios,) * len(config.rpn.levels),
    )
    return FasterRCNN(
        VggMaps(),
        rpn_anchor_generator=anchors,
        box_roi_pool=MultiScaleRoIAlign(["5"], output_size=7, sampling_ratio=2),
        box_head=TwoMLPHead(512 * 7 * 7, 4096),
        box_predictor=FastRCNNPredictor(4096, 2),
        rpn_pre_nms_top_n_test=config.rpn.test_before_nms,
        rpn_post_nms_top_n_test=config.rpn.test_after_nms,
        box_detections_per_img=FACES,
        min_size=config.short_side,
        max_size=config.long_side,
    )


def fpn_detector(config: TfnConfig) -> FasterRCNN:
    """torchvision's Faster R-CNN on ResNet-50-FPN with its own anchors."""
    detector: FasterRCNN = fasterrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=2,
        rpn_post_nms_top_n_test=config.rpn.test_after_nms,
        box_detections_per_img=FACES,
        min_size=config.short_side,
        max_size=config.long_side,
    )
    return detector


def family_member(config: TfnConfig) -> Network:
    """A network that finds exactly FACES faces: everything scores about a half with random weights."""
    limited = replace(config, test=replace(config.test, max_faces=FACES, nms_iou=0.7))
    return Network(limited)


def everything(
    network: Network, images: Tensor, sizes: list[tuple[int, int]]
) -> list[tuple[Tensor, Answers, Faces]]:
    """All three tasks down to points, years and probabilities."""
    return [
        (
            landmark_points(faces.landmarks, faces.boxes, network.config),
            answers(faces.attributes, network.config, Temperatures()),
            faces,
        )
        for faces in network(images, sizes)
    ]


def seconds_by_round(passes: dict[str, Pass], rounds: int) -> dict[str, list[float]]:
    """Seconds of each pass in each round, after one round that does not count; every other round runs backwards."""
    found: dict[str, list[float]] = {name: [] for name in passes}
    order = list(passes)
    for number in range(rounds + 1):
        for name in order if number % 2 else order[::-1]:
            run = passes[name]
            started = time.perf_counter()
            run()
            if number > 0:
                found[name].append(time.perf_counter() - started)
    return found


@torch.inference_mode()
def on_cpu(height: int, width: int, rounds: int) -> dict[str, Any]:
    """Seconds an image and their ratios."""
    torch.manual_seed(0)
    picture = torch.rand(3, height, width)
    sizes = [(height, width)]
    big, small = family_member(paper()).eval(), family_member(fast()).eval()
    vgg, fpn = vgg_detector(paper()).eval(), fpn_detector(paper()).eval()
    found = {
        name: len(everything(network, picture[None], sizes)[0][2].boxes)
        for name, network in (("paper", big), ("fast", small))
    }
    passes: dict[str, Pass] = {
        "paper": lambda: everything(big, picture[None], sizes),
        "vgg_detector": lambda: vgg([picture]),
        "fast": lambda: everything(small, picture[None], sizes),
        "fpn_detector": lambda: fpn([picture]),
    }
    each = seconds_by_round(passes, rounds)
    ratios: dict[str, float] = {}
    for peer in ("vgg_detector", "fpn_detector", "fast"):
        paired = [own / other for own, other in zip(each["paper"], each[peer], strict=True)]
        ratios[f"paper_over_{peer}"] = round(statistics.median(paired), 3)
        ratios[f"paper_over_{peer}_fastest"] = round(min(each["paper"]) / min(each[peer]), 3)
    return {
        **ratios,
        **{f"{name}_s": round(statistics.median(values), 3) for name, values in each.items()},
        **{f"{name}_faces": count for name, count in found.items()},
        "all_s": {name: [round(value, 3) for value in values] for name, values in each.items()},
    }


@torch.inference_mode()
def on_gpu(height: int, width: int, rounds: int) -> dict[str, Any]:
    """Images a second in bf16, and the share of the card's measured matrix-product speed that they come to."""
    square = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
    peak = 2 * 8192**3 / _gpu_seconds(lambda: square @ square, rounds)
    result: dict[str, Any] = {"gpu": torch.cuda.get_device_name(), "gpu_peak_tflops": round(peak / 1e12, 1)}
    for name, config in (("paper", paper()), ("fast", fast())):
        network = family_member(config).eval().to("cuda")
        for batch in GPU_BATCHES:
            seconds = _gpu_seconds(_gpu_pass(network, batch, height, width), rounds)
            result[f"{name}_images_per_s_{batch}"] = round(batch / seconds, 1)
            if name == "paper":
                result[f"paper_roofline_{batch}"] = round(batch * PAPER_GFLOP * 1e9 / seconds / peak, 3)
    return result


def _gpu_pass(network: Network, batch: int, height: int, width: int) -> Pass:
    images = torch.rand(batch, 3, height, width, device="cuda")
    sizes = [(height, width)] * batch

    def run() -> object:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            return everything(network, images, sizes)

    return run


def _gpu_seconds(run: Pass, rounds: int) -> float:
    run()
    times = []
    for _ in range(max(rounds, 5)):
        torch.cuda.synchronize()
        started = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tfn_speed", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--width", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which the median is taken")
    parser.add_argument("--threads", type=int, default=2, help="cores that torch may use")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    figures = on_cpu(options.height, options.width, options.rounds)
    figures |= {"height": options.height, "width": options.width, "threads": options.threads}
    if torch.cuda.is_available():
        figures |= on_gpu(options.height, options.width, options.rounds)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
