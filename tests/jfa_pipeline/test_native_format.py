"""The native release folder: lossless, deterministic, verified, never half written."""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats import native_tables
from jfa_pipeline.formats.native import NativeFormatError, ReleaseEntry, read_native, write_native
from jfa_pipeline.formats.records import RecordInvalid
from tests.jfa_pipeline import release_records as made

POLICY = Policy(checks=1)


def two_entries() -> list[ReleaseEntry]:
    return [
        (made.image(1), b"first file", [made.full_face(10, 1), made.ignored_face(11, 1)]),
        (made.image(2, split="test", licence="CC-BY-4.0"), b"second file", [made.full_face(12, 2)]),
        (made.image(3, split="test"), b"no face on it", []),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_native(tmp_path / "release", two_entries(), policy=POLICY, manifest_extra={"name": "v1"})
    return tmp_path / "release"


def test_it_reads_back_what_was_written(folder: Path) -> None:
    dataset = read_native(folder)
    assert dataset.policy == POLICY
    for (image, faces), (given_image, content, given_faces) in zip(
        dataset.entries(), two_entries(), strict=True
    ):
        assert image == replace(given_image, sha256=hashlib.sha256(content).hexdigest())
        assert dataset.image_path(image).read_bytes() == content
        assert [made.as_plain(face) for face in faces] == [made.as_plain(face) for face in given_faces]


@settings(max_examples=25, deadline=None)
@given(made.entries())
def test_it_loses_nothing_of_any_records(entries: list[ReleaseEntry]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        target = Path(parent) / "release"
        write_native(target, entries, policy=POLICY)
        found = list(read_native(target).entries())
    assert [replace(image, sha256="") for image, _ in found] == [image for image, _, _ in entries]
    assert [[made.as_plain(f) for f in faces] for _, faces in found] == [
        [made.as_plain(f) for f in faces] for _, _, faces in entries
    ]


def test_it_lists_the_same_bytes_under_each_of_their_file_names(tmp_path: Path) -> None:
    twins = [(made.image(1), b"same", []), (replace(made.image(2), extension="png"), b"same", [])]
    write_native(tmp_path / "release", twins, policy=POLICY)
    assert [image.image_id for image, _ in read_native(tmp_path / "release").entries()] == [1, 2]


def test_it_says_in_the_manifest_what_the_folder_holds(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["format"] == "jfa-release"
    assert manifest["name"] == "v1"
    assert manifest["counts"] == {
        "images": 3,
        "faces": 2,
        "ignored": 1,
        "images_by_split": {"test": 2, "train": 1},
        "faces_by_split": {"test": 1, "train": 1},
    }
    assert manifest["provenance"]["images_by_licence"] == {"CC-BY-4.0": 1, "CC0-1.0": 2}
    assert manifest["policy"] == POLICY.to_json()
    on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(manifest["files"]) == on_disk
    for name, entry in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_it_writes_the_same_bytes_for_the_same_records(folder: Path, tmp_path: Path) -> None:
    write_native(tmp_path / "again", two_entries(), policy=POLICY, manifest_extra={"name": "v1"})
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder)).read_bytes(), path


def test_it_keeps_the_tables_readable_by_other_programs(folder: Path) -> None:
    rows = pq.read_table(folder / "labels.parquet").to_pylist()
    assert [row["status"] for row in rows] == ["accepted", "ignore", "accepted"]
    assert (rows[0]["x1"], rows[0]["y2"], rows[0]["age_mean"], rows[0]["age_n"]) == (20.1, 120.4, 31, 3)
    assert len(rows[0]["landmarks"]) == 136
    assert rows[1]["landmarks"] is None
    assert rows[0]["image_sha256"] == hashlib.sha256(b"first file").hexdigest()


def test_it_stores_the_same_picture_once(tmp_path: Path) -> None:
    entries: list[ReleaseEntry] = [(made.image(n), b"same", [made.full_face(n, n)]) for n in (1, 2)]
    write_native(tmp_path / "release", entries, policy=POLICY)
    dataset = read_native(tmp_path / "release")
    assert len(list((tmp_path / "release" / "images").rglob("*.jpg"))) == 1
    assert [image.image_id for image, _ in dataset.entries()] == [1, 2]


def test_it_writes_a_release_without_images(tmp_path: Path) -> None:
    write_native(tmp_path / "release", [], policy=POLICY)
    assert list(read_native(tmp_path / "release").entries()) == []


def damage_by_change(folder: Path) -> str:
    path = next((folder / "images").rglob("*.jpg"))
    path.write_bytes(b"X" + path.read_bytes()[1:])
    return path.relative_to(folder).as_posix()


def damage_by_removal(folder: Path) -> str:
    (folder / "coco" / "annotations.json").unlink()
    return "coco/annotations.json"


def damage_by_addition(folder: Path) -> str:
    (folder / "images" / "extra.jpg").write_bytes(b"x")
    return "images/extra.jpg"


def damage_the_manifest(folder: Path) -> str:
    (folder / "manifest.json").write_text("{")
    return "manifest.json"


@pytest.mark.parametrize(
    "damage", [damage_by_change, damage_by_removal, damage_by_addition, damage_the_manifest]
)
def test_it_names_the_file_that_is_not_as_released(folder: Path, damage: object) -> None:
    name = damage(folder)  # type: ignore[operator]  # one of the functions above
    with pytest.raises(NativeFormatError) as caught:
        read_native(folder)
    assert caught.value.path == name


@pytest.mark.parametrize("change", [{"format": "other"}, {"format_version": 99}])
def test_it_refuses_another_format(folder: Path, change: dict[str, object]) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(NativeFormatError, match=r"manifest\.json"):
        read_native(folder)


def test_it_refuses_a_manifest_that_points_outside(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../other"] = {"sha256": "", "bytes": 0}
    path.write_text(json.dumps(manifest))
    with pytest.raises(NativeFormatError, match="outside"):
        read_native(folder)


def test_it_never_writes_over_a_release(folder: Path) -> None:
    with pytest.raises(FileExistsError, match="never written over"):
        write_native(folder, [], policy=POLICY)
    assert len(list(read_native(folder).images())) == 3


@pytest.mark.parametrize("wrong", ["twice", "elsewhere", "reserved", "crash"])
def test_it_leaves_nothing_behind_when_it_fails(tmp_path: Path, wrong: str) -> None:
    def entries() -> Iterator[ReleaseEntry]:
        yield made.image(1), b"x", [made.full_face(1, 2 if wrong == "elsewhere" else 1)]
        if wrong == "crash":
            raise KeyboardInterrupt
        yield made.image(1 if wrong == "twice" else 2), b"y", []

    extra = {"counts": 1} if wrong == "reserved" else {}
    with pytest.raises((RecordInvalid, KeyboardInterrupt)):
        write_native(tmp_path / "release", entries(), policy=POLICY, manifest_extra=extra)
    assert list(tmp_path.iterdir()) == []


def test_it_keeps_the_memory_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_tables, "ROWS_PER_GROUP", 64)
    held: list[int] = []

    def entries() -> Iterator[ReleaseEntry]:
        for number in range(64 * 9):
            if number % 64 == 32:
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
            yield made.image(number), number.to_bytes(4), [made.full_face(number, number)]

    tracemalloc.start()
    try:
        write_native(tmp_path / "release", entries(), policy=POLICY)
    finally:
        tracemalloc.stop()
    # Eight groups later half a group of rows is waiting as before; only the image ids seen have grown.
    assert held[-1] < 1.3 * held[1]
