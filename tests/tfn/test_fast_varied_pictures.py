"""Varied pictures: labels stay on what they mark, and a number always gives the same picture."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from tfn.data.pictures import Picture
from tfn.data.varied import Variation, VariedPictures
from tfn.targets import Targets

STILL = Variation(
    turn=0, log_scale=0, shift=0, brightness=0, contrast=0, saturation=0, cast=0, grey=0, soft=0, hidden=0
)


@dataclass(frozen=True)
class OneDot:
    """A black 100 x 80 picture with a white square around the point (70, 30), which every landmark marks."""

    def __len__(self) -> int:
        return 1

    def picture(self, index: int) -> Picture:
        pixels = np.zeros((80, 100, 3), dtype=np.uint8)
        pixels[27:33, 67:73] = 255
        targets = Targets.of_boxes(torch.tensor([[60.0, 20.0, 80.0, 40.0]]))
        targets.landmarks[:] = torch.tensor([70.0, 30.0])
        targets.has_point[:] = True
        return Picture(pixels, targets, "dot")


def middle(pixels: np.ndarray) -> np.ndarray:
    weight = pixels.astype(float).mean(axis=2)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]] + 0.5
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


def test_without_variation_nothing_changes() -> None:
    plain, varied = OneDot().picture(0), VariedPictures(OneDot(), 1, 0, STILL).picture(0)
    assert np.array_equal(plain.pixels, varied.pixels)
    assert torch.equal(plain.targets.boxes, varied.targets.boxes)
    assert torch.equal(plain.targets.landmarks, varied.targets.landmarks)


@pytest.mark.parametrize("number", range(5))
def test_labels_follow_the_pixels_when_a_picture_is_turned_resized_and_moved(number: int) -> None:
    variation = replace(STILL, turn=20, log_scale=0.2, shift=0.05)
    varied = VariedPictures(OneDot(), 10, 4, variation).picture(number)
    dot = middle(varied.pixels)
    assert np.abs(dot - [70, 30]).max() > 0.5
    np.testing.assert_allclose(varied.targets.landmarks[0, 0], dot, atol=0.15)
    box = varied.targets.boxes[0]
    np.testing.assert_allclose((box[:2] + box[2:]) / 2, dot, atol=0.15)
    assert float(box[2] - box[0]) == pytest.approx(float(box[3] - box[1]), abs=1e-3)


def test_a_number_always_gives_the_same_picture_and_rounds_give_different_ones() -> None:
    source = VariedPictures(OneDot(), 3, 1)
    assert len(source) == 3
    again = VariedPictures(OneDot(), 3, 1)
    assert np.array_equal(source.picture(2).pixels, again.picture(2).pixels)
    assert not np.array_equal(source.picture(1).pixels, source.picture(2).pixels)
    assert [source.picture(number).name for number in range(3)] == ["dot"] * 3


def test_a_picture_without_colour_has_three_equal_channels() -> None:
    pixels = VariedPictures(OneDot(), 1, 0, replace(STILL, grey=1.0)).picture(0).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])
