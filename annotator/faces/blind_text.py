"""What people write about a face, for readers who may not learn anybody's age."""

from __future__ import annotations

import re
from typing import Final

HIDDEN_NUMBER: Final = "··"

_NAMED: Final = (
    r"(?:points?|landmarks?|pts?|versions?|rounds?|checks?|pass(?:es)?|faces?|images?|photographs?|policy|items?)"
)
_KEPT: Final = (
    rf"\b{_NAMED}\s*(?:no\.?\s*|number\s*|\#\s*)?\d+(?:\s*(?:,|and|or|to|-|–)\s*\d+)*\b"  # what a number names
    r"|\d+(?:[.,]\d+)?\s*(?:%|px\b|pixels?\b|°)"  # a measure
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
    numbers that name something ("point 36", "versions 3 and 4") and measures ("5 %", "12 px").
    """
    return _FOUND.sub(lambda found: found[0] if found["kept"] else HIDDEN_NUMBER, text)
