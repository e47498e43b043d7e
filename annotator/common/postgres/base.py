"""Django's PostgreSQL backend, for transactions that begin and end in the company of their statements."""

from __future__ import annotations

from typing import Protocol

from django.db.backends.postgresql import base


class Companion(Protocol):
    """Who sends the words of one transaction of this connection."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


class DatabaseWrapper(base.DatabaseWrapper):
    """``companion``: while there is one, BEGIN, COMMIT and ROLLBACK are its business and the connection stays in
    autocommit; psycopg2 would send each of them by itself."""

    companion: Companion | None = None

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.companion is None:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out

    def _commit(self) -> None:
        if self.companion is None:
            super()._commit()  # type: ignore[misc]  # the stubs leave it out
        else:
            self.companion.commit()

    def _rollback(self) -> None:
        if self.companion is None:
            super()._rollback()  # type: ignore[misc]  # the stubs leave it out
        else:
            self.companion.rollback()
