"""A release is sent as one zip without being written to the disk first."""

from __future__ import annotations

import io
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

from annotator.releases.zip_stream import CHUNK, Entry, zip_stream


def entry(name: str, content: bytes) -> Entry:
    return Entry(name, len(content), lambda: io.BytesIO(content))


def test_it_makes_a_zip_that_zip_programs_read(tmp_path: Path) -> None:
    files = {"manifest.json": b"{}", "images/ab/é.jpg": bytes(range(256)) * 9000, "empty": b""}
    (tmp_path / "r.zip").write_bytes(b"".join(zip_stream(entry(n, c) for n, c in files.items())))
    with zipfile.ZipFile(tmp_path / "r.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
    listed = subprocess.run(
        ["python3", "-m", "zipfile", "-t", "r.zip"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "Done testing" in listed.stdout


def test_it_gives_equal_bytes_for_equal_files() -> None:
    first, second = (b"".join(zip_stream([entry("a", b"1"), entry("b", b"2")])) for _ in range(2))
    assert first == second


def test_it_makes_an_empty_zip_of_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_stream([])))) as archive:
        assert archive.namelist() == []


def test_it_holds_no_more_than_a_few_chunks() -> None:
    class Zeros(io.RawIOBase):
        left = 64 * CHUNK

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    sent = sum(len(part) for part in zip_stream([Entry("large", 64 * CHUNK, Zeros)]))  # type: ignore[arg-type]  # reading is all it needs
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 64 * CHUNK
    assert peak < 6 * CHUNK
