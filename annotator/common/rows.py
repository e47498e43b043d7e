"""Rows of the hot paths as model instances, without the query compiler: read, inserted and updated by prepared
statements. Everything else uses the ORM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar
from zlib import crc32

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field, Model
from django.db.models.base import ModelState

from annotator.common.statements import Statement

M = TypeVar("M", bound=Model)


class Rows(Generic[M]):
    """The table of one model; ``only``: the attributes that are read, others are fetched if they are asked for."""

    def __init__(self, model: type[M], *, only: Sequence[str] = ()) -> None:
        self.model: Final = model
        self.table: Final = model._meta.db_table
        self._fields: Final[list[Field[Any, Any]]] = list(model._meta.concrete_fields)
        self._read: Final = [field for field in self._fields if not only or field.attname in only]
        self._names: Final = [field.attname for field in self._read]
        self._converters: Final = [
            (field.attname, field.from_db_value) for field in self._read if hasattr(field, "from_db_value")
        ]
        self._insertions: dict[str, Statement] = {}
        self._updates: dict[tuple[str, ...], Statement] = {}

    @property
    def width(self) -> int:
        """How many columns of a row ``instance`` takes."""
        return len(self._read)

    def columns(self, alias: str) -> str:
        """The columns to select, for ``instance``."""
        return ", ".join(f'{alias}."{field.column}"' for field in self._read)

    def instance(self, values: Sequence[Any]) -> M:
        """The row as the ORM would have read it: what ``Model.from_db`` does, without looking at each field."""
        row = self.model.__new__(self.model)
        row._state = ModelState()
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
        columns = row.__dict__
        columns.update(zip(self._names, values, strict=True))
        for name, convert in self._converters:
            columns[name] = convert(columns[name], None, None)
        return row

    def insert(self, row: M) -> M:
        """Insert an unsaved row and give it its id. Like ``save``, without signals."""
        fields = [field for field in self._fields if not field.primary_key]
        made = self._insertion(fields, " RETURNING id").row(**_values(row, fields, add=True))
        assert made is not None  # noqa: S101  # RETURNING
        row.pk = made[0]
        return self._is_stored(row)

    def add(self, row: M) -> M:
        """Insert a row whose id is known, or is wanted by nobody: it may wait for company (``together``)."""
        fields = [field for field in self._fields if not field.primary_key or row.pk is not None]
        self._insertion(fields, "").run(**_values(row, fields, add=True))
        return self._is_stored(row)

    def _insertion(self, fields: Sequence[Field[Any, Any]], end: str) -> Statement:
        """An INSERT of these fields that ends in ``end``."""
        key = f"{self.table}_insert{'_id' * (len(fields) == len(self._fields))}{'_r' * bool(end)}"
        statement = self._insertions.get(key)
        if statement is None:
            names = ", ".join(f'"{field.column}"' for field in fields)
            places = ", ".join(f"%({field.attname})s" for field in fields)
            statement = self._insertions[key] = Statement(
                key,
                f'INSERT INTO "{self.table}" ({names}) VALUES ({places}){end}',  # noqa: S608  # names of columns
                **{field.attname: _type(field) for field in fields},
            )
        return statement

    def _is_stored(self, row: M) -> M:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
        return row

    def update(self, row: M, *attributes: str) -> None:
        """Write these attributes of a stored row. Like ``save(update_fields=...)``, without signals."""
        statement = self._updates.get(attributes)
        fields = [field for field in self._fields if field.attname in attributes]
        if statement is None:
            if len(fields) != len(attributes):
                raise ValueError(f"{self.table} has no such columns: {attributes}.")
            changes = ", ".join(f'"{field.column}" = %({field.attname})s' for field in fields)
            statement = self._updates[attributes] = Statement(
                f"{self.table}_update_{crc32(repr(attributes).encode()):x}",
                f'UPDATE "{self.table}" SET {changes} WHERE id = %(id)s',  # noqa: S608  # names of columns
                id="bigint",
                **{field.attname: _type(field) for field in fields},
            )
        statement.run(id=row.pk, **_values(row, fields, add=False))


_PLAIN: Final = (
    models.CharField,
    models.FloatField,
    models.BooleanField,
    models.IntegerField,
    models.ForeignKey,
)
"""Fields whose values psycopg2 writes as they are."""


def _values(row: Model, fields: Sequence[Field[Any, Any]], *, add: bool) -> dict[str, Any]:
    database = connections[DEFAULT_DB_ALIAS]
    return {
        field.attname: getattr(row, field.attname)
        if isinstance(field, _PLAIN)
        else field.get_db_prep_save(field.pre_save(row, add=add), database)
        for field in fields
    }


def _type(field: Field[Any, Any]) -> str:
    """PostgreSQL's type of a column."""
    found = field.db_type(connections[DEFAULT_DB_ALIAS])
    assert found is not None  # noqa: S101  # concrete fields have a column
    return found
