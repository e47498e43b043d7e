"""The input size of a new network: asked for with S1, kept by every network that goes on from it."""

from __future__ import annotations

import pytest

from annotator.common.errors import Invalid
from annotator.releases.models import Release
from annotator.training.services.runs import checked_steps
from tests.training.conftest import start_run, train

pytestmark = pytest.mark.django_db


def test_it_trains_a_new_network_at_the_size_asked_for_and_keeps_it(release: Release) -> None:
    few = {"S1": {"steps": 2, "batch": 2}}
    first = train(start_run(release, stages=["S1"], steps={"S1": {**few["S1"], "short_side": 96}}))
    assert first.model is not None
    assert (first.model.config["short_side"], first.model.config["long_side"]) == (96, 192)

    start = f"model:{first.model.number}"
    with pytest.raises(Invalid, match="keeps its own"):
        start_run(release, stages=["S1"], start=start, steps={"S1": {"short_side": 128}})
    second = train(start_run(release, stages=["S1"], start=start, steps=few))
    assert second.model is not None
    assert second.model.config["short_side"] == 96


@pytest.mark.parametrize(
    "steps", [{"S1": {"short_side": 31}}, {"S4": {"short_side": 128}}, {"S1": {"long_side": 256}}]
)
def test_it_refuses_a_size_that_no_network_can_have(steps: dict[str, dict[str, int]]) -> None:
    with pytest.raises(Invalid):
        checked_steps(steps)
