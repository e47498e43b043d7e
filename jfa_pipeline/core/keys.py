"""What names a face or a person: a number of a row, or a word."""

from __future__ import annotations

Key = str | int


def key_order(key: Key) -> tuple[bool, Key]:
    """Sorts keys of either kind: numbers before words."""
    return isinstance(key, str), key
