"""A folder as one zip file, made while it is sent: nothing is written to the disk and little is held in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

CHUNK: Final = 1 << 20
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip entry can carry: equal folders give equal bytes."""

READABLE_FILE: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """name: path inside the zip; size: bytes; open: gives the content as a binary file."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


class _Outbox:
    """The file that zipfile writes to: it cannot seek, and it hands over what it got."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def flush(self) -> None:
        """zipfile calls it; there is nothing to flush."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zip_stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of a zip that stores the entries uncompressed (pictures do not compress), in their order.

    Holds one chunk of one file at a time; zip64 where sizes ask for it.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # zipfile needs write and flush only of a stream that cannot seek
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, date_time=EPOCH)
            info.file_size = entry.size
            info.external_attr = READABLE_FILE
            with entry.open() as source, archive.open(info, "w") as target:
                while data := source.read(CHUNK):
                    target.write(data)
                    yield outbox.taken()
            if data := outbox.taken():
                yield data
    yield outbox.taken()
