"""The pages translate the server's sentences by their English: each has to be said somewhere, word for word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "frontend/src/i18n/en/server.ts"
ENTRY = re.compile(r"^  (\w+):\s*(?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"),$", re.MULTILINE)
HOLE = "{}"


def sentences() -> dict[str, str]:
    """Each sentence of the catalogue with a hole for every value."""
    found = {key: one or other for key, one, other in ENTRY.findall(CATALOGUE.read_text(encoding="utf-8"))}
    return {key: re.sub(r"\{\{\w+\}\}", HOLE, text) for key, text in found.items()}


def said() -> set[str]:
    """Every text in the server's and the pipeline's source; f-strings with a hole for every value."""
    texts: set[str] = set()
    for folder in ("annotator", "jfa_pipeline"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    texts.add(
                        "".join(str(p.value) if isinstance(p, ast.Constant) else HOLE for p in node.values)
                    )
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.add(node.value)
    return texts


def test_it_reads_the_whole_catalogue() -> None:
    keys = re.findall(r"^  (\w+):", CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert list(sentences()) == keys


@pytest.fixture(scope="module")
def source() -> set[str]:
    return said()


@pytest.mark.parametrize("key", sentences())
def test_it_translates_only_what_the_server_says(key: str, source: set[str]) -> None:
    assert sentences()[key] in source
