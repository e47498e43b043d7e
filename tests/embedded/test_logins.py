"""The demo log-ins are found in what the command prints."""

import json
import stat
from pathlib import Path

import pytest

from annotator.embedded.logins import Login, keep_logins, read_logins

ANNA = {"username": "anna", "password": "secret", "role": "annotator"}


@pytest.mark.parametrize(
    "output",
    [
        json.dumps([ANNA]),
        json.dumps({"dataset": "demo", "logins": [ANNA]}),
        f"2026 INFO making faces\n{json.dumps([ANNA])}\n2026 INFO done\n",
        f"[not json\n{json.dumps({'images': [], 'people': [ANNA]})}",
    ],
)
def test_it_finds_the_logins(output: str) -> None:
    assert read_logins(output) == [Login("anna", "secret", "annotator")]


@pytest.mark.parametrize("output", ["", "nothing here", "[1, 2]", '{"logins": []}'])
def test_it_finds_none_where_none_are(output: str) -> None:
    assert read_logins(output) == []


def test_it_keeps_them_for_the_owner_only(tmp_path: Path) -> None:
    keep_logins(tmp_path, [Login("anna", "secret", "annotator")])
    kept = tmp_path / "logins.json"
    assert json.loads(kept.read_text()) == [ANNA]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
