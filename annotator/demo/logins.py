"""Which password each demo person got, kept for the owner of the data folder so that every start shows it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password


@dataclass(frozen=True, slots=True)
class KeptLogin:
    """One demo log-in. ``hashed``: the stored form that the database had when the password was given."""

    username: str
    role: str
    password: str
    hashed: str

    def is_still_valid(self, hashed_now: str) -> bool:
        """Whether the person still has this password; slow only if the stored form changed."""
        return hashed_now == self.hashed or check_password(self.password, hashed_now)


def logins_read(path: Path) -> dict[str, KeptLogin]:
    """The kept log-ins by user name; empty if there are none yet."""
    if not path.exists():
        return {}
    return {entry["username"]: KeptLogin(**entry) for entry in json.loads(path.read_text())}


def logins_write(path: Path, logins: dict[str, KeptLogin]) -> None:
    """Replace the file, readable for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump([asdict(login) for login in logins.values()], file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
