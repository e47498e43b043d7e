"""Models in a storage that is no local folder: fetched once, checked, and mended when the copy is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotator.datasets.models import Dataset
from annotator.learning.selectors import registry
from annotator.learning.selectors.registry import ModelFileCorrupt, model_local_file
from tests.learning.models import register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_away(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """The storage of the test, read through its API alone; the folder of fetched models."""
    monkeypatch.setattr(registry, "local_path", lambda path: None)
    settings.JFA_MODEL_CACHE_DIR = tmp_path / "cache"
    return tmp_path / "cache"


def test_it_fetches_a_model_once(dataset: Dataset, tmp_path: Path, far_away: Path) -> None:
    model = register(dataset, tmp_path, content=b"abc")
    first = model_local_file(model)
    assert (first, first.read_bytes()) == (far_away / f"{model.sha256}.pt", b"abc")
    made = first.stat().st_mtime_ns
    assert model_local_file(model).stat().st_mtime_ns == made
    assert [path.name for path in far_away.iterdir()] == [first.name]


def test_it_fetches_again_what_was_damaged_on_this_machine(dataset: Dataset, tmp_path: Path) -> None:
    model = register(dataset, tmp_path, content=b"abc")
    model_local_file(model).write_bytes(b"abd")
    assert model_local_file(model).read_bytes() == b"abc"


def test_it_keeps_nothing_that_does_not_match(
    dataset: Dataset, tmp_path: Path, far_away: Path, files_folder: Path
) -> None:
    model = register(dataset, tmp_path, content=b"abc")
    (files_folder / model.file).write_bytes(b"abd")
    with pytest.raises(ModelFileCorrupt, match="changed or damaged"):
        model_local_file(model)
    (files_folder / model.file).unlink()
    with pytest.raises(ModelFileCorrupt, match="is gone"):
        model_local_file(model)
    assert list(far_away.iterdir()) == []
