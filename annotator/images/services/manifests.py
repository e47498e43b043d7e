"""Manifests: a table with one row a photograph and where it comes from (CSV, JSON lines or Parquet)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, Final

import pyarrow.parquet

from annotator.common.errors import Invalid
from annotator.common.parsers import UNSTORABLE_LETTER, json_read
from annotator.images.services.candidates import PROVENANCE

ENDINGS: Final = (".csv", ".jsonl", ".ndjson", ".parquet")
COLUMNS: Final = ("file", *PROVENANCE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``file``: path relative to the manifest, with ``/``. ``problem``: why it cannot be used, or ""."""

    number: int
    file: str
    provenance: dict[str, str]
    problem: str = ""


def is_manifest(name: str) -> bool:
    return name.lower().endswith(ENDINGS)


def manifest_rows(file: IO[bytes], name: str) -> Iterator[Row]:
    """The rows of a manifest, one at a time, numbered as a person counts them.

    Raises Invalid ``manifest`` for a file that cannot be read as what its ending says, or with a column that
    has no meaning here (so that a misspelt ``license`` is not lost in silence).
    """
    lowered = name.lower()
    try:
        if lowered.endswith(".csv"):
            yield from _csv_rows(file)
        elif lowered.endswith(".parquet"):
            yield from _parquet_rows(file)
        else:
            yield from _json_rows(file)
    except UnicodeDecodeError as error:
        raise Invalid("manifest", "The manifest is not UTF-8 text; save it as UTF-8.") from error
    except (csv.Error, OSError, pyarrow.ArrowException) as error:
        raise Invalid("manifest", f"The manifest cannot be read: {error}") from error


def _csv_rows(file: IO[bytes]) -> Iterator[Row]:
    lines = (line.decode("utf-8-sig" if n == 0 else "utf-8") for n, line in enumerate(file))
    reader = csv.DictReader(lines, strict=True)
    _check_columns(reader.fieldnames or ())
    for number, values in enumerate(reader, start=2):
        if None in values or None in values.values():
            raise Invalid(
                "manifest", f"Row {number} of the manifest has another number of cells than the first."
            )
        yield _row(number, values)


def _json_rows(file: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            values = json_read(line)
        except UnicodeDecodeError:
            raise
        except ValueError as error:
            raise Invalid("manifest", f"Line {number} of the manifest is not JSON: {error}.") from error
        if not isinstance(values, dict):
            raise Invalid("manifest", f"Line {number} of the manifest is not a JSON object.")
        _check_columns(values)
        yield _row(number, values)


def _parquet_rows(file: IO[bytes]) -> Iterator[Row]:
    table = pyarrow.parquet.ParquetFile(file)
    _check_columns(table.schema_arrow.names)
    number = 0
    for batch in table.iter_batches(batch_size=1000):
        for values in batch.to_pylist():
            number += 1
            yield _row(number, values)


def _check_columns(given: Iterable[Any]) -> None:
    names = [UNSTORABLE_LETTER.sub("\ufffd", str(name)) for name in given]
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown:
        raise Invalid(
            "manifest",
            f"The manifest has a column that means nothing here: {', '.join(unknown)}. "
            f"Known are: {', '.join(COLUMNS)}.",
        )
    if "file" not in names:
        raise Invalid("manifest", "The manifest needs a column `file` with the path of each photograph.")


def _row(number: int, values: dict[str, Any]) -> Row:
    given = values.get("file")
    problem = ""
    if not isinstance(given, str) or not given.strip():
        given, problem = f"row {number}", "The row names no file."
    elif UNSTORABLE_LETTER.search(given):
        given, problem = f"row {number}", "The name of the file contains NUL or half a surrogate pair."
    provenance = {}
    for field, longest in PROVENANCE.items():
        value = values.get(field)
        if value is None or value == "":
            continue
        text = str(value).strip()
        if len(text) > longest:
            problem = f"{field} has {len(text)} characters; {longest} are allowed."
        elif UNSTORABLE_LETTER.search(text):
            problem = f"{field} contains NUL or half a surrogate pair."
        provenance[field] = text
    absolute = given.startswith(("/", "\\"))
    return Row(number, given if absolute or problem else PurePosixPath(given).as_posix(), provenance, problem)
