"""The tables that every submit reads and writes, without the query compiler."""

from __future__ import annotations

from typing import Final

from annotator.common.rows import Rows
from annotator.faces.models import Face, Revision
from annotator.images.models import Image

FACES: Final = Rows(Face)
REVISIONS: Final = Rows(Revision)
IMAGES: Final = Rows(
    Image, only=["id", "dataset_id", "width", "height", "rotation", "verdict", "split", "swept_at"]
)
