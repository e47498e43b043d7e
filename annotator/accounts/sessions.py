"""Browser sessions in the database, read by a prepared statement: one is read for every request."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from annotator.accounts.models import User
from annotator.common.rows import Rows
from annotator.common.statements import Statement

USERS: Final = Rows(User)
SESSION: Final = Statement(
    "accounts_session",
    "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()",
    key="text",
)
USER: Final = Statement(
    "accounts_user",
    f"SELECT {USERS.columns('u')} FROM accounts_user u WHERE u.id = %(user)s",  # noqa: S608  # names of columns
    user="bigint",
)


@lru_cache(maxsize=1024)
def _opened(sealed: str) -> dict[str, Any]:
    """What a session holds. Its signature is checked once for each text, not for each request."""
    opened: dict[str, Any] = DatabaseStore().decode(sealed)
    return opened


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with another way to read one."""

    def load(self) -> dict[str, Any]:
        found = None if self.session_key is None else SESSION.row(key=self.session_key)
        if found is None:
            self._session_key = None
            return {}
        return dict(_opened(found[0]))


class PeopleBackend(ModelBackend):
    """Django's sign-in by username and password, with another way to read who is signed in."""

    def get_user(self, user_id: Any) -> User | None:
        found = USER.row(user=user_id)
        if found is None:
            return None
        user = USERS.instance(found)
        return user if self.user_can_authenticate(user) else None
