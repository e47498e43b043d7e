"""docs/howto/import.md names every outcome that the 250 hostile files have."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fixtures.hostile_files import make

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "import.md"


def test_it_documents_each_code_under_its_outcome(tmp_path: Path) -> None:
    documented = set()
    for line in GUIDE.read_text().splitlines():
        if (cells := [cell.strip() for cell in line.strip("|").split("|")]) and len(cells) == 3:
            documented |= {(cells[0], code) for code in re.findall(r"`(\w+)`", cells[1]) or [""]}
    made = {(line.outcome, line.code) for line in make(tmp_path / "files")}
    assert made <= documented
    assert len(made) > 30
