"""Resampled figures against the plain ones, and intervals that hold together."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.metrics.detection import average_precision
from jfa_pipeline.metrics.paired_bootstrap import (
    RankedDetections,
    average_precisions,
    drawn_counts,
    simultaneous_intervals,
)


def test_it_draws_as_many_clusters_as_there_are_and_the_same_ones_for_a_seed() -> None:
    blocks = np.concatenate(list(drawn_counts(50, 400, seed=3)))
    assert blocks.shape == (400, 50)
    assert (blocks.sum(axis=1) == 50).all()
    assert np.array_equal(blocks, np.concatenate(list(drawn_counts(50, 400, seed=3))))
    assert not np.array_equal(blocks, np.concatenate(list(drawn_counts(50, 400, seed=4))))


def test_it_gives_the_average_precision_of_the_drawn_images() -> None:
    random = np.random.default_rng(0)
    scores, hits = random.random(60), random.random(60) < 0.6
    clusters = random.integers(0, 12, 60)
    faces = np.bincount(clusters[hits], minlength=12) + 1.0
    counts = np.concatenate(list(drawn_counts(12, 20, seed=1)))
    found = average_precisions(RankedDetections.of(scores, hits, clusters, faces), counts)
    for row, ap in zip(counts, found, strict=True):
        times = row[clusters].astype(int)
        again = np.repeat(np.arange(60), times)
        expected = average_precision(hits[again], scores[again], int(row @ faces))
        assert ap == pytest.approx(expected)


def test_it_gives_no_average_precision_where_no_face_was_drawn() -> None:
    ranked = RankedDetections.of(np.array([0.5]), np.array([False]), np.array([0]), np.array([0.0, 1.0]))
    assert np.isnan(average_precisions(ranked, np.array([[2.0, 0.0]]))[0])


def test_it_widens_intervals_with_the_number_of_independent_statistics_only() -> None:
    random = np.random.default_rng(0)
    noise = random.standard_normal((4000, 40))
    one = simultaneous_intervals(np.zeros(1), noise[:, :1], level=0.95, sd_floor=np.zeros(1))
    many = simultaneous_intervals(np.zeros(40), noise, level=0.95, sd_floor=np.zeros(40))
    alike = simultaneous_intervals(
        np.zeros(40), np.repeat(noise[:, :1], 40, axis=1), level=0.95, sd_floor=np.zeros(40)
    )
    assert one.critical == pytest.approx(1.96, abs=0.08)
    assert many.critical == pytest.approx(3.22, abs=0.12)  # 1 - 0.95^(1/40) in two tails
    assert alike.critical == pytest.approx(one.critical)


def test_it_never_takes_a_share_that_did_not_vary_for_certain() -> None:
    found = simultaneous_intervals(np.ones(1), np.ones((100, 1)), level=0.95, sd_floor=np.array([0.02]))
    assert found.sd[0] == 0.02
    assert found.low[0] <= 1.0 <= found.high[0]
