"""Storing many new rows of one table with PostgreSQL's COPY, their ids drawn beforehand.

Ids that are known before the rows are there let two tables point at each other (Django's foreign keys are
checked at the end of the transaction), so nothing has to be updated afterwards. Measured against INSERT with
many rows: design section 5.
"""

from __future__ import annotations

import datetime
import io
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, models

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_ARRAY: Final = str.maketrans({"\\": "\\\\", '"': '\\"'})


def ids_draw(*, tables: Sequence[type[models.Model]], count: int) -> list[list[int]]:
    """For each table ``count`` fresh ids in rising order; one query.

    An id that is not used in the end leaves a gap and does no harm.
    """
    names = [name for model in tables for name in (model._meta.db_table, model._meta.pk.column)]
    drawn = ", ".join("nextval(pg_get_serial_sequence(%s, %s))" for _ in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {drawn} FROM generate_series(1, %s)", [*names, count])  # noqa: S608  # placeholders only
        rows = cursor.fetchall()
    return [sorted(row[place] for row in rows) for place in range(len(tables))]


def rows_copy(*, rows: Sequence[models.Model]) -> None:
    """Store unsaved rows of one model, each with its id set, in one COPY; no signals are sent.

    Runs inside the caller's transaction. Raises TypeError for a column type that it cannot write, and what the
    database raises for its constraints.
    """
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    text = io.StringIO()
    for row in rows:
        cells = (field.get_prep_value(field.pre_save(row, add=True)) for field in fields)
        text.write("\t".join(map(_cell, cells)) + "\n")
    text.seek(0)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


def _cell(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int | float | uuid.UUID):
        return str(value)
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ("{" + ",".join(map(_element, value)) + "}").translate(_ESCAPED)
    raise TypeError(f"COPY cannot write a {type(value).__name__}.")


def _element(value: Any) -> str:
    if isinstance(value, int | float | uuid.UUID) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return f'"{value.translate(_IN_ARRAY)}"'
    raise TypeError(f"COPY cannot write a list of {type(value).__name__}.")
