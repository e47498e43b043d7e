"""Browser sessions in the database, read by a prepared statement: one is read for every request."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session

from annotator.accounts.models import User
from annotator.common.rows import Rows
from annotator.common.statements import Statement

USERS: Final = Rows(User)
SESSION: Final = Statement(
    "accounts_session",
    "SELECT session_data, expire_date FROM django_session WHERE session_key = %(key)s AND expire_date > now()",
    key="text",
)
USER: Final = Statement(
    "accounts_user",
    f"SELECT {USERS.columns('u')} FROM accounts_user u WHERE u.id = %(user)s",  # noqa: S608  # names of columns
    user="bigint",
)


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with another way to read one."""

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        found = None if key is None else SESSION.row(key=key)
        if key is None or found is None:
            self._session_key = None
            return None
        return Session(session_key=key, session_data=found[0], expire_date=found[1])


class PeopleBackend(ModelBackend):
    """Django's sign-in by username and password, with another way to read who is signed in."""

    def get_user(self, user_id: Any) -> User | None:
        found = USER.row(user=user_id)
        if found is None:
            return None
        user = USERS.instance(found)
        return user if self.user_can_authenticate(user) else None
