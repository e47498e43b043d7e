"""Read a `postgresql://` address into Django's database settings."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SCHEMES = frozenset({"postgres", "postgresql"})


def parse_database_url(url: str) -> dict[str, Any]:
    """The entry of Django's `DATABASES` that the address stands for.

    Accepts `postgresql://user:password@host:port/name` and, for a Unix socket,
    `postgresql://user:password@/name?host=/folder/of/the/socket`. Every other query parameter is handed to
    libpq as it is (`sslmode`, `connect_timeout`, ...). Raises `ValueError`, with what to change, for another
    scheme, a missing database name, or a port that is no number.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(
            f"DATABASE_URL must start with postgresql:// (PostgreSQL is the only database), not {parts.scheme!r}."
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ValueError("DATABASE_URL names no database: end it with /name.")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("The port in DATABASE_URL is not a number between 0 and 65535.") from error
    options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    host = options.pop("host", None) or unquote(parts.hostname or "")
    query_port = options.pop("port", None)
    return {
        "ENGINE": "annotator.common.postgres",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": query_port or (str(port) if port else ""),
        "OPTIONS": options,
    }
