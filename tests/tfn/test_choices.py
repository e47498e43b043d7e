"""docs/paper/choices.md says what the code does."""

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from tfn.config import TfnConfig
from tfn.train.schedule import Schedule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "paper" / "choices.md"
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| `(TfnConfig|Schedule)\.([\w.]+)` \| `([^`]+)` \|", re.MULTILINE)


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("ids", "owner", "path", "default"), rows())
def test_the_table_gives_the_default_of_each_field(ids: str, owner: str, path: str, default: str) -> None:
    value: Any = TfnConfig() if owner == "TfnConfig" else Schedule(rate=1, steps=1)
    for part in path.split("."):
        assert is_dataclass(value)
        assert part in {field.name for field in fields(value)}
        value = getattr(value, part)
    assert value == ast.literal_eval(default)


def test_every_ambiguity_of_the_network_is_listed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = set(re.findall(r"\bA\d+\b", page))
    assert {f"A{number}" for number in (*range(1, 15), *range(16, 20))} <= listed
    assert len(rows()) > 45
