"""`make status`: one JSON line about the platform, by plain SQL so that it answers at once."""

from typing import Any

import psycopg2
import redis

from annotator.embedded.launch_settings import LaunchSettings
from annotator.embedded.up import embedded_postgres, embedded_redis

# A worker refreshes its row every few seconds; one that was silent for half a minute is not counted.
_COUNTS = {
    "workers": "SELECT count(*) FROM learning_workernode WHERE last_seen > now() - interval '30 s'",
    "images": "SELECT count(*) FROM images_image",
    "faces": "SELECT count(*) FROM faces_face",
    "prelabelled": "SELECT count(*) FROM images_image WHERE prelabelled_at IS NOT NULL",
}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def database_url_of(settings: LaunchSettings) -> str | None:
    """The address of a database that was started on this data folder, or was named; None: neither."""
    if settings.database_url is not None:
        return settings.database_url
    password = settings.data / "postgres" / "password"
    return embedded_postgres(settings).url() if password.exists() else None


def redis_url_of(settings: LaunchSettings) -> str | None:
    """The same of the queue."""
    if settings.redis_url is not None:
        return settings.redis_url
    server = embedded_redis(settings)
    port = server.folder / "port"
    if not port.exists():
        return None
    server.port = int(port.read_text())
    return server.url()


def _ask_database(url: str | None, found: dict[str, Any]) -> str:
    if url is None:
        return "down: never started on this data folder, run make up"
    try:
        connection = psycopg2.connect(url, connect_timeout=2)
    except psycopg2.Error as error:
        return f"down: {_one_line(error)}"
    try:
        with connection.cursor() as cursor:
            for name, query in _COUNTS.items():
                cursor.execute(query)
                row = cursor.fetchone()
                found[name] = int(row[0]) if row else 0
    except psycopg2.errors.UndefinedTable:
        return "down: its tables are not made yet"
    except psycopg2.Error as error:
        return f"down: {_one_line(error)}"
    finally:
        connection.close()
    return "ok"


def _ask_redis(url: str | None) -> str:
    if url is None:
        return "down: never started on this data folder, run make up"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2).ping()
    except (redis.RedisError, ValueError) as error:
        return f"down: {_one_line(error)}"
    return "ok"


def read_status(settings: LaunchSettings) -> dict[str, Any]:
    """`database` and `redis` ("ok" or "down: why"), and the numbers of live `workers`, `images`, `faces` and
    `prelabelled` images (0 while the database is down)."""
    found: dict[str, Any] = dict.fromkeys(("database", "redis", *_COUNTS), 0)
    found["database"] = _ask_database(database_url_of(settings), found)
    found["redis"] = _ask_redis(redis_url_of(settings))
    return found


def is_up(status: dict[str, Any]) -> bool:
    return bool(status["database"] == "ok" and status["redis"] == "ok")
