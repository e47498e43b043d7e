"""The demo log-ins that `manage.py seed_demo --json` prints."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOGINS_FILE = "logins.json"


@dataclass(frozen=True)
class Login:
    username: str
    password: str
    role: str


def _entries(value: Any) -> list[Login]:
    if isinstance(value, dict):
        found = [_entries(inner) for inner in value.values() if isinstance(inner, list)]
        return next((logins for logins in found if logins), [])
    return [
        Login(str(entry["username"]), str(entry["password"]), str(entry.get("role", "")))
        for entry in value
        if isinstance(entry, dict) and "username" in entry and "password" in entry
    ]


def read_logins(output: str) -> list[Login]:
    """Log-ins from the command's output: a JSON list of {username, password, role}, or an object holding one.

    Log lines around it are passed over; an output without log-ins gives an empty list.
    """
    for line in reversed(output.splitlines()):
        if line.startswith(("[", "{")):
            try:
                logins = _entries(json.loads(line))
            except ValueError:
                continue
            if logins:
                return logins
    return []


def keep_logins(run: Path, logins: list[Login]) -> None:
    """Write the log-ins where the browser tests find them, for the owner only."""
    fresh = run / f"{LOGINS_FILE}.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump([asdict(login) for login in logins], file)
    fresh.replace(run / LOGINS_FILE)
