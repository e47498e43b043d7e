"""The split of an image on the day it arrives, before anybody knows what is on it."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

Split = Literal["train", "val", "test"]

VAL_SHARE: Final = 0.1
"""A further share, beside the test split's, is kept for calibration and for the curves of a training run."""


def arrival_split(key: str, *, salt: str, test_share: float, val_share: float = VAL_SHARE) -> Split:
    """A lot drawn from the key itself, so that whoever draws it again draws the same.

    key: the subject's where it is known, so that a person's images stay together, else the file's SHA-256.
    salt: the dataset, so that two datasets do not test on the same photographs. A larger ``test_share`` takes
    what val and train had: an image that is in the test split of a share is in that of every larger one.
    Raises ValueError for a share outside 0 to 1.
    """
    for share in (test_share, val_share):
        if not 0 <= share <= 1:
            raise ValueError(f"A share is between 0 and 1, not {share}.")
    digest = hashlib.sha256(f"{salt}/{key}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") / 2**64
    if drawn < test_share:
        return "test"
    return "val" if drawn < test_share + val_share else "train"
