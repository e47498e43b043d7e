"""What the server acknowledged, to be compared with what it stored."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Ledger:
    """What the server acknowledged, shared by all annotators."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    retries: int = 0
    repeats: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self.acknowledged)
