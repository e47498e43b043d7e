"""What training says, to people and to programs."""

import json
from io import StringIO
from pathlib import Path

import pytest

from tfn.train.events import JsonLines, ProgressBar, WithTensorBoard, default_events


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_everything_else_json_lines() -> None:
    assert isinstance(default_events(Terminal()), ProgressBar)
    assert isinstance(default_events(StringIO()), JsonLines)


def test_the_bar_is_redrawn_on_one_line_and_notes_get_their_own() -> None:
    stream = Terminal()
    bar = ProgressBar(stream)
    for step in range(1, 5):
        bar.step("S1", step, 4, {"loss": 2.0})
    bar.note("picture_skipped", name="torn.jpg")
    lines = stream.getvalue().split("\r")
    assert "S1 [######..................] 1/4 loss 2.000" in lines[1]
    assert "[########################] 4/4" in lines[4]
    assert "0 s left" in lines[4]
    assert lines[5].startswith("picture_skipped: name torn.jpg")
    assert stream.getvalue().count("\n") == 1


def test_json_lines_can_be_thinned_but_the_last_step_is_told() -> None:
    stream = StringIO()
    events = JsonLines(stream, every=10)
    for step in range(1, 26):
        events.step("S2", step, 25, {"loss": 1.5})
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["step"] for event in told] == [10, 20, 25]
    assert told[0] == {"event": "step", "stage": "S2", "step": 10, "steps": 25, "loss": 1.5}


def test_tensorboard_that_is_not_installed_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        WithTensorBoard(JsonLines(StringIO()), tmp_path)
