"""A ratchet on file length: 400 lines. The exceptions only shrink; a file that got shorter leaves the list."""

import subprocess

from annotator.embedded.launch_settings import ROOT

LIMIT = 400
# path -> the length it may still have
EXCEPTIONS: dict[str, int] = {}
_GENERATED = ("frontend/src/api/schema.d.ts", "frontend/src/api/schema.yaml")
_SUFFIXES = (".py", ".ts", ".svelte", ".css", ".js")


def _lengths() -> dict[str, int]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {
        name: len((ROOT / name).read_text().splitlines())
        for name in listed.split("\0")
        if name.endswith(_SUFFIXES)
        and name not in _GENERATED
        and "/migrations/" not in name
        and (ROOT / name).is_file()
    }


def test_it_keeps_files_short() -> None:
    long = {name: lines for name, lines in _lengths().items() if lines > EXCEPTIONS.get(name, LIMIT)}
    assert long == {}, "split these files by what they do"


def test_it_drops_an_exception_that_is_no_longer_needed() -> None:
    lengths = _lengths()
    assert {name for name in EXCEPTIONS if lengths.get(name, 0) <= LIMIT} == set()
