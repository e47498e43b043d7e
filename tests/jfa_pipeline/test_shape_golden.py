"""What the browser must answer is what Python answers, and the browser has Python's default model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jfa_pipeline.statistics.shape_model import DEFAULT_FILE
from tests.jfa_pipeline.shape_golden import GOLDEN, golden

RENEW = "write it anew with python -m tests.jfa_pipeline.shape_golden"
KINDS = ("settle", "three", "mirror", "slide", "refit")


@pytest.mark.parametrize("kind", KINDS)
def test_it_still_answers_what_the_golden_file_holds(kind: str) -> None:
    stored, now = json.loads(GOLDEN.read_text())[kind], json.loads(json.dumps(golden()[kind]))

    assert len(stored) == len(now)
    for old, new in zip(stored, now, strict=True):
        answer = "found" if "found" in new else "points"
        assert {k: v for k, v in old.items() if k != answer} == {
            k: v for k, v in new.items() if k != answer
        }, RENEW
        for before, after in zip(old[answer], new[answer], strict=True):
            assert (before is None) == (after is None)
            if before is not None:
                assert np.allclose(before, after, atol=1e-4), RENEW


def test_it_ships_the_same_default_model_to_the_browser() -> None:
    copy = GOLDEN.parents[1] / "shapeModelDefault.json"

    assert copy.read_bytes() == DEFAULT_FILE.read_bytes(), (
        "write both anew with python -m jfa_pipeline.cli shape-model --default --out FILE"
    )
