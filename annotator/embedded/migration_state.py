"""Whether the database already has every migration of this checkout, told without loading Django."""

import hashlib
import importlib.metadata
from pathlib import Path

import psycopg2

from annotator.embedded.environment import digest_of


def _applied(database_url: str) -> str:
    connection = psycopg2.connect(database_url, connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
            if cursor.fetchone() != (True,):
                return "none"
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    finally:
        connection.close()


def migration_state(root: Path, database_url: str) -> str:
    """One word for (migration files here, migrations applied there, Django's version).

    Kept after a successful `migrate`: while it stays the same there is nothing to migrate.
    """
    files = digest_of(root.glob("annotator/*/migrations/*.py"), importlib.metadata.version("Django"))
    return f"{files} {_applied(database_url)}"
