"""The queue's own tables, without the query compiler."""

from __future__ import annotations

from typing import Final

from annotator.common.rows import Rows
from annotator.work.models import Pass, WorkItem

ITEMS: Final = Rows(WorkItem)
PASSES: Final = Rows(Pass)
