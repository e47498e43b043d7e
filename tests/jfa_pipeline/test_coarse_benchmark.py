"""The coarse benchmark on a small made-up folder laid out like the research data, and on those data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.coarse import main
from jfa_pipeline.coarse.packaged import PackagedProvider
from tests.jfa_pipeline.facepp_answers import DATA_FOLDER
from tests.jfa_pipeline.pictures import astronaut


def last_json(text: str) -> dict[str, Any]:
    found = json.loads(text.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The astronaut with exact labels from the provider itself, once whole and once with an unfindable face."""
    images = tmp_path / "labelled" / "images"
    images.mkdir(parents=True)
    Image.fromarray(astronaut()).save(images / "a.png")
    Image.fromarray(astronaut()).save(images / "b.png")
    labels = PackagedProvider().label(astronaut())[0].labels
    assert labels.landmarks is not None
    box = list(labels.box)
    points = [[float(x) - 0.5, float(y) - 0.5] for x, y in labels.landmarks]
    rows = [
        {"file": "images/a.png", "source": "s", "scheme": None, "points": None, "box": box},
        {"file": "images/a.png", "source": "s", "scheme": None, "points": None, "box": [400, 400, 450, 450]},
        {"file": "images/b.png", "source": "s", "scheme": "ibug68", "points": points, "box": box},
    ]
    (tmp_path / "labelled" / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)))
    chips = tmp_path / "utkface"
    chips.mkdir()
    face = Image.fromarray(astronaut()).crop((150, 50, 290, 210)).resize((200, 200))
    face.save(chips / "40_1_0_1.jpg.chip.jpg")
    face.save(chips / "40_0_0_2.jpg.chip.jpg")
    Image.new("RGB", (200, 200)).save(chips / "30_0_0_3.jpg.chip.jpg")
    return tmp_path


def test_it_counts_what_the_labels_say(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(folder)]) == 0
    found = last_json(capsys.readouterr().out)
    assert (found["recall_merged"], found["recall_merged_n"]) == (pytest.approx(2 / 3, abs=1e-4), 3)
    low, high = found["recall_merged_ci"]
    assert low < 2 / 3 < high
    assert found["precision_merged_n"] == 1
    assert (found["nme_interocular"], found["nme_interocular_n"], found["nme_detected"]) == (0, 1, 1)
    assert (found["gender_acc"], found["gender_acc_n"]) == (0.5, 2)
    assert found["chips_detected"] == pytest.approx(2 / 3, abs=1e-4)
    assert 0 < found["age_mae"] < 20
    assert found["seconds_per_image"] > 0
    assert found["cpu_seconds_per_image"] > 0


def test_it_leaves_a_figure_empty_that_nothing_was_measured_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for chip in (folder / "utkface").iterdir():
        chip.unlink()
    main(["--data", str(folder)])
    found = last_json(capsys.readouterr().out)
    assert (found["age_mae"], found["age_mae_n"], found["age_mae_ci"]) == (None, 0, None)


def test_it_says_which_folder_it_needs(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"No labelled/truth\.jsonl"):
        main(["--data", str(tmp_path)])


def test_it_meets_its_bars_on_real_photographs(capsys: pytest.CaptureFixture[str]) -> None:
    if not DATA_FOLDER.is_dir():
        pytest.skip(f"needs the research data folder: {DATA_FOLDER} is absent")
    assert main(["--data", str(DATA_FOLDER), "--chips", "60"]) == 0
    found = last_json(capsys.readouterr().out)
    assert found["recall_merged"] >= 0.95
    assert found["precision_merged"] >= 0.85
    assert found["nme_interocular"] <= 0.06
    assert found["nme_detected"] == 1
    # Sixty chips are few (the benchmark itself takes hundreds): the bars must lie within reach of them.
    assert found["age_mae_ci"][0] <= 8
    assert found["gender_acc_ci"][1] >= 0.78
