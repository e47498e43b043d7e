"""The OpenAPI schema: complete, valid, served to people with a log-in, made without a database."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern, get_resolver

from annotator.accounts.models import User
from tests.cast import Api

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE_THE_SCHEMA = {"api/v1/schema"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=text)
    loaded: dict[str, Any] = yaml.safe_load(text.getvalue())
    return loaded


def api_addresses() -> set[str]:
    def walk(patterns: list[Any], before: str) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            here = before + str(pattern.pattern)
            found |= {here} if isinstance(pattern, URLPattern) else walk(pattern.url_patterns, here)
        return found

    return {a for a in walk(get_resolver().url_patterns, "") if a.startswith("api/v1/")}


def test_it_is_made_without_a_warning(schema: dict[str, Any]) -> None:
    assert schema["info"]["title"] == "JFA Studio"


def test_it_describes_every_address(schema: dict[str, Any]) -> None:
    described = {path.removeprefix("/") for path in schema["paths"]}
    told = {re.sub(r"<\w+:(\w+)>", r"{\1}", one) for one in api_addresses() - OUTSIDE_THE_SCHEMA}
    assert told == described


def test_it_gives_each_operation_its_own_id_and_types(schema: dict[str, Any]) -> None:
    seen: set[str] = set()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            name = operation["operationId"]
            assert name not in seen, f"{method} {path}: {name} is taken"
            seen.add(name)
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert good, f"{method} {path} has no successful answer"
            for answer in good:
                empty = "No response body" in answer.get("description", "")
                assert "content" in answer or empty, f"{method} {path} has no answer type"
            assert operation["responses"]["default"]["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }


def test_it_is_served_to_people_with_a_log_in(api: Api, ann1: User) -> None:
    assert api().get("/api/v1/schema").status_code == 401
    answer = api(ann1).get("/api/v1/schema")
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.")


def test_it_is_made_while_no_database_runs(tmp_path: Path) -> None:
    target = tmp_path / "schema.yaml"
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    subprocess.run(
        [sys.executable, "manage.py", "spectacular", "--file", os.fspath(target)],
        cwd=ROOT,
        env={**os.environ, **nowhere, "JFA_SECRET_KEY": "for this test"},
        check=True,
        timeout=120,
    )
    assert "/api/v1/session" in yaml.safe_load(target.read_text())["paths"]
    kept = (ROOT / "frontend/src/api/schema.yaml").read_text()
    assert target.read_text() == kept, "the front end knows another API: run `make schema`"
