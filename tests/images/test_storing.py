"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.images.services.storing import file_read, file_store, folder_remove, local_path, parts_clear


def test_it_writes_pieces_into_one_private_file(files_folder: Path) -> None:
    assert file_store(path="originals/1/ab/abc.jpg", chunks=[b"one", b"two"]) == 6
    assert file_read("originals/1/ab/abc.jpg") == b"onetwo"
    path = files_folder / "originals/1/ab/abc.jpg"
    assert local_path("originals/1/ab/abc.jpg") == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_it_leaves_nothing_of_a_write_that_failed(files_folder: Path) -> None:
    def half() -> Iterator[bytes]:
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        file_store(path="originals/x.jpg", chunks=half())
    assert list((files_folder / "originals").iterdir()) == []


def test_it_keeps_the_old_file_when_replacing_it_fails(files_folder: Path) -> None:
    file_store(path="a.jpg", chunks=[b"old"])

    def broken() -> Iterator[bytes]:
        yield b"ne"
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        file_store(path="a.jpg", chunks=broken())
    assert file_read("a.jpg") == b"old"
    file_store(path="a.jpg", chunks=[b"new"])
    assert file_read("a.jpg") == b"new"


def test_it_clears_what_killed_writers_left_but_not_writes_under_way(files_folder: Path) -> None:
    folder = files_folder / "originals" / "1"
    folder.mkdir(parents=True)
    old, new = folder / ".a.jpg.0123.part", folder / ".b.jpg.4567.part"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert parts_clear(folder="originals/1") == 1
    assert not old.exists()
    assert new.exists()
    folder_remove("originals")
    assert not (files_folder / "originals").exists()
