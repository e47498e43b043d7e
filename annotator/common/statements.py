"""SQL statements that each connection parses and plans once.

The queue's statements are short to run and long to plan: planning a claim costs more than carrying it out, and so
does putting together the ORM's version of a submit. PostgreSQL keeps the plan of a prepared statement for as long as
the connection lasts; psycopg2 has no call for it, so this is SQL's own PREPARE and EXECUTE. Decision:
docs/decisions/0021-the-hot-statements-are-prepared.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, transaction

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")

ONE_PLAN: Final = "SET plan_cache_mode = force_generic_plan"
"""PostgreSQL would plan a statement anew for each call whose values promise a cheaper plan; planning costs more."""

_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""Names of the statements that each connection of psycopg2 has prepared."""


class Statement:
    """One SQL statement with ``%(name)s`` placeholders, known to the database by its name.

    types: PostgreSQL's type of each placeholder, in any order; every placeholder has one. Raises ValueError for one
    without. The name is unique in the process. A new column of a table needs a new process, as any new code does.
    """

    def __init__(self, name: str, sql: str, /, **types: str) -> None:
        used = list(dict.fromkeys(PLACEHOLDER.findall(sql)))
        if missing := [one for one in used if one not in types]:
            raise ValueError(f"The statement {name} has no type for: {', '.join(missing)}.")
        places = {one: f"${number}" for number, one in enumerate(used, 1)}
        self.name = name
        self.used: Final = tuple(used)
        kinds = ", ".join(types[one] for one in used)
        numbered = PLACEHOLDER.sub(lambda found: places[found[1]], sql)
        self.preparation = f"PREPARE {name}{f' ({kinds})' if kinds else ''} AS {numbered}"
        values = ", ".join(["%s"] * len(used))
        self.call = f"EXECUTE {name}{f'({values})' if used else ''}"

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[one] for one in self.used]

    def rows(self, /, **given: Any) -> list[tuple[Any, ...]]:
        """Run it and read everything."""
        with executed((self, given)) as cursor:
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def row(self, /, **given: Any) -> tuple[Any, ...] | None:
        """Run it and read the first row, if there is one."""
        with executed((self, given)) as cursor:
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    def run(self, /, **given: Any) -> None:
        """Run it for what it changes; within ``together`` it waits for company."""
        if _waiting.calls is not None:
            _waiting.calls.append((self, given))
            return
        with executed((self, given)):
            pass


class Command:
    """A word of SQL that cannot be prepared."""

    used: Final[tuple[str, ...]] = ()
    preparation: Final = None

    def __init__(self, call: str) -> None:
        self.name = self.call = call

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        return []


BEGIN: Final = Command("BEGIN")
COMMIT: Final = Command("COMMIT")
ROLLBACK: Final = Command("ROLLBACK")

Call = tuple[Statement | Command, Mapping[str, Any]]


class _Waiting(threading.local):
    """What this thread is to send with its next statement; None outside ``together``."""

    calls: list[Call] | None = None


_waiting = _Waiting()


@contextmanager
def together() -> Iterator[None]:
    """A transaction in few round trips: what statements change is sent with the next one that reads, or at the end.

    Everything is carried out in the order in which it was written down, and the ORM's queries too come after what
    waits. An error in a change is raised where it is sent, which may be at the end. BEGIN goes with the first
    statement and COMMIT with the last changes; inside another transaction this one is a savepoint.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        with transaction.atomic(), _company(database):
            yield
            _send_waiting()
        return
    database.ensure_connection()
    with _company(database):
        database.companion = _Transaction()
        try:
            with transaction.atomic():
                yield
        finally:
            database.companion = None


@contextmanager
def _company(database: Any) -> Iterator[None]:
    """Changes of this thread wait, until the block ends or somebody sends them."""
    if _waiting.calls is not None:
        raise RuntimeError("One `together` is inside another: the outer one is enough.")
    _waiting.calls = []
    try:
        with database.execute_wrapper(_send_waiting_first):
            yield
    finally:
        _waiting.calls = None


class _Transaction:
    """Begins with the first statement that is sent."""

    def __init__(self) -> None:
        assert _waiting.calls is not None  # noqa: S101  # in company
        self.beginning: Final[Call] = (BEGIN, {})
        _waiting.calls.append(self.beginning)

    @property
    def has_begun(self) -> bool:
        return self.beginning not in (_waiting.calls or ())

    def commit(self) -> None:
        if self.has_begun or len(_waiting.calls or ()) > 1:
            with executed((COMMIT, {})):
                pass
        _waiting.calls = None

    def rollback(self) -> None:
        begun = self.has_begun
        _waiting.calls = None
        if begun:
            with executed((ROLLBACK, {})):
                pass


def _send_waiting() -> None:
    if _waiting.calls:
        with executed():
            pass


def _send_waiting_first(execute: Callable[..., Any], *query: Any) -> Any:
    _send_waiting()
    return execute(*query)


@contextmanager
def executed(*calls: Call) -> Iterator[Any]:
    """Run statements one after the other in one round trip; the cursor has the rows of the last one.

    Each sees what those before it did and what was committed before it began, as if it had been sent alone. The first
    statement of a request finds out whether the connection still lives, and is sent once more over a new one if not.
    """
    if _waiting.calls:
        calls = (*_waiting.calls, *calls)
        _waiting.calls = []
    database: Any = connections[
        DEFAULT_DB_ALIAS
    ]  # the stubs leave out what tells that a connection was checked
    text = "; ".join(statement.call for statement, _ in calls)
    values = [value for statement, given in calls for value in statement.values(given)]
    database.ensure_connection()
    is_first = not (database.health_check_done or database.in_atomic_block)
    try:
        cursor = _sent(database, text, values, calls)
    except (OperationalError, InterfaceError):
        if not is_first or database.is_usable():
            raise
        database.close()
        database.ensure_connection()
        cursor = _sent(database, text, values, calls)
    database.health_check_done = True
    with cursor:
        yield cursor


def _sent(
    database: Any,
    text: str,
    values: list[Any],
    calls: Sequence[Call],
) -> Any:
    """A cursor that executed the calls: Django's own where somebody listens in, otherwise without its layers."""
    known = _prepared.setdefault(database.connection, set())
    missing = [one for one, _ in calls if isinstance(one, Statement) and one.name not in known]
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        if missing:
            with database.connection.cursor() as cursor:
                if not known:
                    cursor.execute(ONE_PLAN)
                for statement in missing:
                    cursor.execute(statement.preparation)
                    known.add(statement.name)
        listeners = [one for one in database.execute_wrappers if one is not _send_waiting_first]
        if not (database.queries_logged or listeners):
            cursor = database.create_cursor()
            cursor.execute(text, values)
            return cursor
    watched = database.cursor()
    watched.execute(text, values)
    return watched
