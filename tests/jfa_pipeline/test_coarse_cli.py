"""``python -m jfa_pipeline.cli coarse``: a JSON line a picture, a bad one does not stop the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from jfa_pipeline.cli import main
from tests.jfa_pipeline.pictures import astronaut


def test_it_prints_one_line_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    Image.fromarray(astronaut()).save(good)
    bad.write_bytes(b"no picture")
    assert main(["coarse", str(bad), str(good), str(tmp_path / "absent.png")]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [sorted(line) for line in lines] == [
        ["error", "file"],
        ["faces", "file", "provider", "version"],
        ["error", "file"],
    ]
    face = lines[1]["faces"][0]
    assert len(face["landmarks"]) == 68
    assert face["gender"] == "female"
    assert face["detector"] in ("centerface", "dlib-hog")


def test_it_says_what_a_provider_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FACEPP_API_KEY", raising=False)
    assert main(["coarse", "--provider", "facepp", "x.png"]) == 1
    assert "FACEPP_API_KEY" in capsys.readouterr().err
