"""What ``benchmarks.cockpit`` makes of the browser's measurements, and what it lays before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.cockpit import BARS, figures


def measured(**changes: Any) -> dict[str, Any]:
    return {
        "next_face_ms": [float(number) for number in range(1, 101)],
        "drag_task_ms": [0.4, 12.34, 3.0],
        "drag_processor_ms": [0.4, 9.0, 2.5],
        "drag_frame_ms": [16.7, 16.7, 33.4],
        "sweep_task_ms": [7.0, 9.96],
        "sweep_processor_ms": [6.5, 9.0],
        "sweep_frame_ms": [16.7, 50.0],
        "pictures_open": [10, 10],
        "points_moved": [68, 1, 68],
        "heap_bytes": [5_000_000, 5_500_000],
        "renderer_bytes": [100_000_000, 130_000_000],
        "sweep_boxes": 300,
        **changes,
    }


def test_it_names_the_wait_that_so_many_faces_do_not_exceed() -> None:
    found = figures(measured())
    assert (found["next_face_p50_ms"], found["next_face_p95_ms"], found["next_face_max_ms"]) == (50, 95, 100)
    assert found["next_face_n"] == found["heap_faces"] == 100


def test_it_takes_the_longest_task_and_the_growth_from_the_first_to_the_last() -> None:
    found = figures(measured())
    assert (found["longest_task_ms"], found["sweep_longest_task_ms"]) == (12.3, 10.0)
    assert (found["longest_task_processor_ms"], found["sweep_longest_task_processor_ms"]) == (9.0, 9.0)
    assert (found["heap_growth_mb"], found["renderer_growth_mb"]) == (0.5, 30.0)
    assert found["sweep_frame_p95_ms"] == 50.0
    assert found["points_moved_by_a_drag"] == 68


def test_it_has_a_figure_for_every_bar() -> None:
    assert set(BARS) <= set(figures(measured()))


def test_it_refuses_to_report_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        figures(measured(next_face_ms=[]))


def test_it_lays_tiles_side_by_side_with_their_faces_in_place() -> None:
    from benchmarks.cockpit_filling import mosaic_of, tiles_drawn

    tiles = tiles_drawn(count=2, side=128, seed=3)
    mosaic = mosaic_of("three.jpg", [*tiles, tiles[0]], across=2, random=np.random.default_rng(0))
    first, second, below = mosaic.faces
    assert [round(below.box.x1 - first.box.x1), round(below.box.y1 - first.box.y1)] == [0, 128]
    assert second.box.x1 == pytest.approx(128 + tiles[1].labels.box.x1)
    assert first.landmarks is not None
    assert tiles[0].labels.landmarks is not None
    off = np.abs(first.landmarks - tiles[0].labels.landmarks)
    assert 0.2 < off.mean() < 0.05 * first.box.width
