"""``manage.py import_images``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import
from tests.images.importing import photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "b.jpg").write_bytes(b"")
    return folder


def command(*args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_images", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_imports_here_and_prints_the_refusals_and_a_json_line(dataset: Dataset, folder: Path) -> None:
    out, err = command(str(folder), "--dataset", dataset.slug, "--licence", "CC0", "--here", "--json")
    answer = json.loads(out.splitlines()[-1])
    assert answer["state"] == "done"
    assert answer["counts"] == {"imported": 1, "converted": 0, "linked": 0, "unchanged": 0, "refused": 1}
    assert "refused b.jpg: empty. The file is empty." in err
    assert Image.objects.get().licence == "CC0"
    out, _ = command(str(folder), "--dataset", dataset.slug, "--here")
    assert "1 unchanged" in out


def test_it_queues_the_import_for_a_worker(dataset: Dataset, folder: Path) -> None:
    out, _ = command(str(folder), "--dataset", dataset.slug, "--no-wait")
    assert "queued" in out
    assert Import.objects.get().job is not None


def test_it_fails_with_a_sentence(dataset: Dataset, folder: Path) -> None:
    with pytest.raises(CommandError, match=f"There is no dataset 'odd'. There are: {dataset.slug}"):
        command(str(folder), "--dataset", "odd", "--here")
    with pytest.raises(CommandError, match="There is no file or folder"):
        command(str(folder / "nowhere"), "--dataset", dataset.slug, "--here")
    (folder / "a.jpg").unlink()
    with pytest.raises(CommandError, match="Nothing was imported"):
        command(str(folder), "--dataset", dataset.slug, "--here")
