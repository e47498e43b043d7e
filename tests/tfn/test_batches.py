"""From pictures to network inputs: scale, mirror, padding, and which picture comes when."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tfn.config import TfnConfig, tfn
from tfn.data.batches import Augmentation, StepBatches, base_scale, collate, normalised, prepare
from tfn.data.pictures import Picture, PictureUnreadable, ProceduralPictures
from tfn.presets import fast


@pytest.mark.parametrize(
    ("height", "width", "scale"),
    [(300, 400, 2.0), (600, 1000, 1.0), (600, 1200, 1000 / 1200), (1200, 1600, 0.5)],
)
def test_a13_the_short_side_becomes_600_unless_the_long_one_passes_1000(
    height: int, width: int, scale: float
) -> None:
    assert base_scale(height, width, tfn()) == pytest.approx(scale)


def test_t32_ratios_scale_pixels_and_labels_together(micro: TfnConfig, pictures: ProceduralPictures) -> None:
    picture = pictures.picture(0)
    half = prepare(picture, micro, ratio=0.5)
    assert tuple(half.image.shape) == (3, 32, 32)
    torch.testing.assert_close(half.targets.boxes, picture.targets.boxes / 2)
    torch.testing.assert_close(half.targets.landmarks, picture.targets.landmarks / 2)


def test_a_mirrored_picture_mirrors_its_labels(micro: TfnConfig, pictures: ProceduralPictures) -> None:
    picture = pictures.picture(0)
    plain, mirrored = prepare(picture, micro), prepare(picture, micro, flip=True)
    assert torch.equal(mirrored.image, plain.image.flip(2))
    assert float(mirrored.targets.landmarks[0, 36, 0]) == pytest.approx(
        64 - float(plain.targets.landmarks[0, 45, 0])
    )
    assert mirrored.targets.boxes[0, 0] == 64 - plain.targets.boxes[0, 2]


def test_padding_goes_right_and_below_to_a_multiple_of_32(
    micro: TfnConfig, pictures: ProceduralPictures
) -> None:
    one = prepare(pictures.picture(0), micro)
    cut = one._replace(image=one.image[:, :40, :50])
    batch = collate([one, cut])
    assert tuple(batch.images.shape) == (2, 3, 64, 64)
    assert batch.sizes == [(64, 64), (40, 50)]
    assert batch.images[1, :, 40:].abs().sum() == 0
    assert torch.equal(batch.images[1, :, :40, :50], cut.image)


def test_an_epoch_visits_every_picture_once_and_processes_share_it(
    micro: TfnConfig, pictures: ProceduralPictures
) -> None:
    def names(rank: int, world: int) -> list[str]:
        source = StepBatches(pictures, micro, 1, 0, 6 // world, 4, Augmentation(ratios=(1.0,)), rank, world)
        return [name for step in range(len(source)) for name in source[step].names]

    alone = names(0, 1)
    assert len(set(alone)) == 6
    first, second = names(0, 2), names(1, 2)
    assert [name for pair in zip(first, second, strict=True) for name in pair] == alone


def test_a_batch_without_a_readable_picture_names_them_all(
    micro: TfnConfig, pictures: ProceduralPictures
) -> None:
    class Torn(ProceduralPictures):
        def picture(self, index: int) -> Picture:
            raise PictureUnreadable(f"{index}.jpg", "torn")

    source = StepBatches(Torn(2, 0), micro, 2, 0, 1, 0)
    with pytest.raises(PictureUnreadable, match=r"0\.jpg.*1\.jpg|1\.jpg.*0\.jpg"):
        source[0]


def test_t33_caffe_pixels_are_blue_green_red_less_caffes_means() -> None:
    pixels = np.array([[[255, 0, 10]]], dtype=np.uint8)
    found = normalised(pixels, "caffe").flatten().tolist()
    assert found == pytest.approx([10 - 103.939, 0 - 116.779, 255 - 123.68], abs=1e-4)


def test_t33_the_small_stem_takes_no_caffe_pixels() -> None:
    with pytest.raises(ValueError, match="mobile"):
        replace(fast(), pixels="caffe")
