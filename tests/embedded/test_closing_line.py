"""The closing line of `make test` adds up what each tool counted."""

import pytest

from annotator.embedded.verify import Tally, counts_in


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("..F\n====== 1 failed, 41 passed, 2 skipped in 9.13s ======\n", (41, 1, 2)),
        ("====== 3 passed, 1 error in 70.00s (0:01:10) ======\n", (3, 1, 0)),
        ("== 2 passed in 0.1s ==\nlog: 9 passed in review\n", (2, 0, 0)),
        (" Test Files  3 passed (3)\n      Tests  1 failed | 80 passed (81)\n   Duration  2s\n", (80, 1, 0)),
        ("\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m12 passed\x1b[39m\x1b[22m (12)\n", (12, 0, 0)),
        ("Running 5 tests\n  1 failed\n    [chromium] x\n  1 flaky\n  3 passed (12.1s)\n", (4, 1, 0)),
        ("All checks passed!\n", (0, 0, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_it_reads_each_tools_counts(output: str, counts: tuple[int, int, int]) -> None:
    assert counts_in(output) == counts


def test_it_counts_a_tool_without_counts_as_one_check() -> None:
    tally = Tally()
    tally.add("ruff", 0, "All checks passed!")
    tally.add("mypy", 1, "Found 3 errors")
    tally.add("pytest", 0, "== 5 passed, 1 skipped in 1.0s ==")
    assert tally.line == "6 passed, 1 failed, 1 skipped"
    assert tally.broken == ["mypy"]


def test_it_never_ends_with_nothing_failed_when_a_tool_ended_badly() -> None:
    tally = Tally()
    tally.add("pytest", 3, "== 5 passed in 1.0s ==\ninternal error")
    assert tally.failed == 1
