"""Drawn faces: the labels are where the pixels are, the same seed draws the same, and it is fast."""

import time

import cv2
import numpy as np
import torch

from jfa_pipeline.core.ibug68 import roll_degrees
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import ETHNICITIES, GENDERS, Scene, procedural_picture


def test_the_same_seed_draws_the_same_picture_and_another_another() -> None:
    first, labels = procedural_picture(Scene(), 3)
    again, same = procedural_picture(Scene(), 3)
    other, _ = procedural_picture(Scene(), 4)
    assert np.array_equal(first, again)
    assert torch.equal(labels.landmarks, same.landmarks)
    assert not np.array_equal(first, other)


def test_every_face_carries_every_label_inside_the_picture() -> None:
    seen = {"gender": set(), "ethnicity": set()}
    rolls, widths, ages, counts = [], [], [], set()
    for number in range(60):
        pixels, targets = procedural_picture(Scene(), number)
        assert pixels.shape == (128, 128, 3)
        counts.add(len(targets))
        corners = torch.cat((targets.boxes[:, :2], targets.boxes[:, 2:]))
        assert float(corners.min()) >= -8
        assert float(corners.max()) <= 136
        assert bool(targets.has_point.all())
        for row in range(len(targets)):
            points, box = targets.landmarks[row], targets.boxes[row]
            assert bool((points >= box[:2] - 1e-3).all())
            assert bool((points <= box[2:] + 1e-3).all())
            rolls.append(roll_degrees(points.numpy()))
            widths.append(float(box[2] - box[0]))
            ages.append(float(targets.age[row]))
            seen["gender"].add(int(targets.gender[row]))
            seen["ethnicity"].add(int(targets.ethnicity[row]))
    assert seen == {"gender": set(range(len(GENDERS))), "ethnicity": set(range(len(ETHNICITIES)))}
    assert counts >= {1, 2}
    assert min(rolls) < -15 < 15 < max(rolls)
    assert min(widths) < 36 < 64 < max(widths)
    assert min(ages) < 10 < 90 < max(ages)


def test_the_landmarks_lie_on_what_they_name() -> None:
    """On large upright faces the eyeballs are white beside a dark pupil, and the mouth's inside is dark."""
    scene = Scene(side=192, face=(100, 110), faces=(1, 1), roll_degrees=0, occluded_share=0)
    for number in range(8):
        pixels, targets = procedural_picture(scene, number)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(float)
        points = targets.landmarks[0].numpy()
        for eye in (points[36:42], points[42:48]):
            mask = np.zeros(grey.shape, np.uint8)
            cv2.fillPoly(mask, [np.round(eye - 0.5).astype(np.int32)], 255)
            inside = grey[mask > 0]
            column, row = (eye.mean(axis=0) - 0.5).round().astype(int)
            assert grey[row, column] < 100
            assert np.percentile(inside, 90) > 110
        skin = grey[
            tuple((points[33] - 0.5 + (0, 0.18 * (points[8, 1] - points[33, 1]))).round().astype(int)[::-1])
        ]
        column, row = (points[60:68].mean(axis=0) - 0.5).round().astype(int)
        assert grey[row, column] < skin


def test_it_draws_a_hundred_pictures_a_second_on_a_core() -> None:
    pictures = ProceduralPictures(60, 1)
    pictures.picture(0)
    started = time.process_time()
    for number in range(60):
        pictures.picture(number)
    assert (time.process_time() - started) / 60 < 0.01
