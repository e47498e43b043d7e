"""What people write about a face, for readers who may not learn anybody's age."""

from __future__ import annotations

import re
from typing import Final

HIDDEN_NUMBER: Final = "··"

_THINGS: Final = "point landmark pt version round check pass face image photograph policy item"
_NAMED: Final = f"(?:{_THINGS.replace(' ', '|')})(?:e?s)?"
_KEPT: Final = (
    rf"\b{_NAMED}\s*(?:no\.?\s*|number\s*|\#\s*)?\d+(?:\s*(?:,|and|or|to|-|–)\s*\d+)*\b"  # what a number names
    r"|\d+(?:[.,]\d+)?\s*(?:%|px\b|pixels?\b|°|(?:landmark\s+)?points?\b)"  # a measure or a count
    r"|(?<![\d.,])0[.,]\d+"  # a share
)
_AGE_WORDS: Final = (
    r"\b(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|teen(?:age\w*|s|y)?"
    r"|(?:twen|thir|for|four|fif|six|seven|eigh|nine)t(?:y|ies)(?:[-\s](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|hundred)\b"
)
_FOUND: Final = re.compile(rf"(?P<kept>{_KEPT})|\d+(?:[.,]\d+)?|{_AGE_WORDS}", re.IGNORECASE)


def without_ages(text: str) -> str:
    """The text with every number that could be an age hidden, in figures or (from ten on) in English words.

    Apparent age is asked blind (design section 4), and people would otherwise tell each other in a comment. Kept are
    numbers that name something ("point 36", "versions 3 and 4"), measures ("5 %", "12 px") and shares ("IoU of 0.62").
    """
    return _FOUND.sub(lambda found: found[0] if found["kept"] else HIDDEN_NUMBER, text)
