"""Which stages a run may have, and which it needs."""

from __future__ import annotations

import pytest

from annotator.training.stage_rules import StagesRefused, check_stages, stages_for
from jfa_pipeline.core.stages import is_promotable

ALL = {"boxes": 9, "landmarks": 9, "attributes": 9}
WHOLE = ("S1",)


@pytest.mark.parametrize(
    ("new", "stages"),
    [
        ({"boxes": 0, "landmarks": 3, "attributes": 0}, ("S3",)),
        ({"boxes": 0, "landmarks": 0, "attributes": 3}, ("S4",)),
        ({"boxes": 0, "landmarks": 1, "attributes": 1}, ("S3", "S4")),
        ({"boxes": 1, "landmarks": 0, "attributes": 0}, ("S2", "S3", "S4")),
        ({"boxes": 2, "landmarks": 2, "attributes": 2}, ("S2", "S3", "S4")),
        ({"boxes": 0, "landmarks": 0, "attributes": 0}, ()),
    ],
)
def test_it_chooses_what_the_new_labels_need(new: dict[str, int], stages: tuple[str, ...]) -> None:
    assert stages_for(new, every=ALL, has_parent=True) == stages


def test_it_starts_a_new_network_with_s1() -> None:
    assert stages_for(ALL, every=ALL, has_parent=False) == ("S1",)


def test_it_runs_s1_again_where_no_label_could_teach_the_stage_after_s2() -> None:
    every = {"boxes": 9, "landmarks": 0, "attributes": 9}
    assert stages_for({"boxes": 1, "landmarks": 0, "attributes": 1}, every=every, has_parent=True) == ("S1",)
    assert stages_for({"boxes": 0, "landmarks": 0, "attributes": 1}, every=every, has_parent=True) == ("S4",)


@pytest.mark.parametrize(
    ("stages", "before"),
    [
        (["S1"], ()),
        (["S1", "S2", "S3", "S4"], ()),
        (["S1", "S3"], ()),
        (["S2", "S3", "S4"], WHOLE),
        (["S3"], WHOLE),
        (["S4"], ("S1", "S2", "S3", "S4")),
        (["S1"], WHOLE),
    ],
)
def test_it_allows_what_ends_whole(stages: list[str], before: tuple[str, ...]) -> None:
    check_stages(stages, before=before)
    assert is_promotable([*before, *stages])


@pytest.mark.parametrize(
    ("stages", "before", "code", "words"),
    [
        ([], WHOLE, "no_stages", "at least one"),
        (["S5"], WHOLE, "unknown_stage", "no stage S5"),
        (["S3", "S2", "S4"], WHOLE, "stage_order", "in the order S1, S2, S3, S4"),
        (["S3", "S3"], WHOLE, "stage_order", "once each"),
        (["S3"], (), "needs_s1", "starts with S1"),
        (["S2", "S3", "S4"], (), "needs_s1", "starts with S1"),
        (["S2"], WHOLE, "stale_nets", "Add S3 and S4"),
        (["S2", "S3"], WHOLE, "stale_nets", "Add S4"),
        (["S1", "S2", "S4"], (), "stale_nets", "Add S3"),
    ],
)
def test_it_refuses_the_others_in_a_sentence(
    stages: list[str], before: tuple[str, ...], code: str, words: str
) -> None:
    with pytest.raises(StagesRefused, match=words) as refused:
        check_stages(stages, before=before)
    assert refused.value.code == code
