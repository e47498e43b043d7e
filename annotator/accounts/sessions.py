"""Browser sessions in the database, read with their person by one prepared statement: one is read for every request."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from annotator.accounts.models import Session, User
from annotator.common.rows import Rows
from annotator.common.statements import Statement

USERS: Final = Rows(User)
SESSION: Final = Statement(
    "accounts_session",
    f"""
SELECT s.session_data, {USERS.columns("u")}
FROM accounts_session s LEFT JOIN accounts_user u ON u.id = s.person_id
WHERE s.session_key = %(key)s AND s.expire_date > now()
""",  # noqa: S608  # names of columns
    key="text",
)


class _Found(threading.local):
    """The row of the person whose session this thread read last, until they are asked for."""

    person: tuple[Any, ...] | None = None


_found = _Found()


@lru_cache(maxsize=1024)
def _opened(sealed: str) -> dict[str, Any]:
    """What a session holds. Its signature is checked once for each text, not for each request."""
    opened: dict[str, Any] = DatabaseStore().decode(sealed)
    return opened


class SessionStore(DatabaseStore):
    """Django's sessions in the database, each with the id of its person beside what it holds."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        made = super().create_model_instance(data)
        assert isinstance(made, Session)  # noqa: S101  # get_model_class
        made.person_id = data.get(SESSION_KEY)
        return made

    def load(self) -> dict[str, Any]:
        found = None if self.session_key is None else SESSION.row(key=self.session_key)
        if found is None:
            _found.person = None
            self._session_key = None
            return {}
        _found.person = found[1:]
        return dict(_opened(found[0]))


class PeopleBackend(ModelBackend):
    """Django's sign-in by username and password; who is signed in was read with the session a moment ago."""

    def get_user(self, user_id: Any) -> User | None:
        row, _found.person = _found.person, None
        user = USERS.instance(row) if row and row[0] == user_id else User.objects.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
