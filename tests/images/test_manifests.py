"""Manifests: provenance per photograph, and errors that say what to change."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import
from annotator.images.services.importing import import_create
from tests.images.importing import lines, photo, run_import

ROWS = [
    {"file": "a.jpg", "source": "flickr", "licence": "CC BY", "subject_key": "s1", "consent": "given"},
    {"file": "./deep/ü.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "gone.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "../outside.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "/etc/passwd", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "link.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "linked_folder/x.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
    {"file": "a.jpg", "source": "", "licence": "", "subject_key": "", "consent": ""},
]
EXPECTED = [
    ("a.jpg", "imported", ""),
    ("deep/ü.jpg", "imported", ""),
    ("gone.jpg", "refused", "missing"),
    ("../outside.jpg", "refused", "unsafe_path"),
    ("/etc/passwd", "refused", "unsafe_path"),
    ("link.jpg", "refused", "symlink"),
    ("linked_folder/x.jpg", "refused", "symlink"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "deep" / "ü.jpg").write_bytes(photo(2))
    (folder / "deep" / "x.jpg").write_bytes(photo(3))
    (folder / "not_listed.jpg").write_bytes(photo(4))
    (tmp_path / "outside.jpg").write_bytes(photo(5))
    (folder / "link.jpg").symlink_to("a.jpg")
    (folder / "linked_folder").symlink_to("deep")
    return folder


def write(folder: Path, kind: str) -> Path:
    path = folder / f"list.{kind}"
    if kind == "csv":
        header = ",".join(ROWS[0])
        path.write_text("\ufeff" + "\n".join([header, *(",".join(row.values()) for row in ROWS)]))
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps({k: v for k, v in row.items() if v}) for row in ROWS) + "\n\n")
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    return path


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_it_imports_the_listed_files_with_their_provenance(dataset: Dataset, folder: Path, kind: str) -> None:
    path = write(folder, kind)
    batch = import_create(dataset=dataset, source=path, defaults={"licence": "CC0"})
    run_import(batch)
    found = lines(batch)
    assert found[:-1] == EXPECTED
    assert found[-1][1:] == ("refused", "duplicate_name")
    listed = Image.objects.get(name="a.jpg")
    assert (listed.source, listed.licence, listed.subject_key) == ("flickr", "CC BY", "s1")
    assert Image.objects.get(name="deep/ü.jpg").licence == "CC0"
    again = import_create(dataset=dataset, source=path)
    run_import(again)
    assert [line[1] for line in lines(again)][:2] == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,license\na.jpg,CC0\n", "column that means nothing here: license"),
        ("name,source\na.jpg,x\n", "means nothing here: name"),
        ("source\nx\n", "needs a column `file`"),
        ("", "needs a column `file`"),
        ("file,source\na.jpg\n", "Row 2 of the manifest has another number of cells"),
        ("file,source\na.jpg,x,y\n", "Row 2 of the manifest has another number of cells"),
    ],
)
def test_it_refuses_a_csv_with_an_error_before_anything_starts(
    dataset: Dataset, folder: Path, text: str, message: str
) -> None:
    path = folder / "list.csv"
    path.write_text(text)
    with pytest.raises(Invalid, match=message):
        import_create(dataset=dataset, source=path)
    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("list.csv", "file\nm\xfc.jpg\n".encode("latin-1"), "not UTF-8"),
        ("list.jsonl", b'{"file": "a.jpg"}\n{"file": ', "Line 2 of the manifest is not JSON"),
        ("list.jsonl", b'["a.jpg"]\n', "Line 1 of the manifest is not a JSON object"),
        ("list.jsonl", b'{"file": "a.jpg", "age": 3}\n', "means nothing here: age"),
        ("list.parquet", b"not parquet", "cannot be read"),
    ],
)
def test_it_refuses_a_manifest_that_is_not_what_its_ending_says(
    dataset: Dataset, folder: Path, name: str, data: bytes, message: str
) -> None:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(Invalid, match=message):
        import_create(dataset=dataset, source=path)


def test_it_refuses_a_row_whose_values_do_not_fit_and_takes_the_rest(dataset: Dataset, folder: Path) -> None:
    path = folder / "list.jsonl"
    rows = [{"file": "a.jpg", "consent": "x" * 201}, {"file": ""}, {"file": "deep/x.jpg", "subject_key": 12}]
    path.write_text("\n".join(map(json.dumps, rows)))
    batch = import_create(dataset=dataset, source=path)
    run_import(batch)
    assert lines(batch) == [
        ("a.jpg", "refused", "manifest_row"),
        ("row 2", "refused", "manifest_row"),
        ("deep/x.jpg", "imported", ""),
    ]
    assert Image.objects.get().subject_key == "12"
