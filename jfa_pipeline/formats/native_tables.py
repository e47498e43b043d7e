"""The two Parquet tables of the native format: their columns, rows and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jfa_pipeline.aggregate.age import AgeSummary
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.formats.records import ReleaseFace, ReleaseImage

IMAGES_SCHEMA: Final = pa.schema(
    [
        pa.field("image_id", pa.int64(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("file_name", pa.string(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("original_sha256", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("subject_key", pa.string(), nullable=False),
        pa.field("consent", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("swept", pa.bool_(), nullable=False),
    ]
)

LABELS_SCHEMA: Final = pa.schema(
    [
        pa.field("face_id", pa.int64(), nullable=False),
        pa.field("image_id", pa.int64(), nullable=False),
        pa.field("image_sha256", pa.string(), nullable=False),
        pa.field("file_name", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        *(pa.field(edge, pa.float64(), nullable=False) for edge in ("x1", "y1", "x2", "y2")),
        pa.field("landmarks", pa.list_(pa.float32(), 2 * POINTS)),
        pa.field("visibility", pa.list_(pa.uint8(), POINTS)),
        pa.field("age_mean", pa.float64()),
        pa.field("age_sd", pa.float64()),
        pa.field("age_n", pa.int32(), nullable=False),
        pa.field("age_corrected", pa.float64()),
        pa.field("age_corrected_error", pa.float64()),
        pa.field("gender", pa.string()),
        pa.field("ethnicity", pa.string()),
        pa.field("flags", pa.list_(pa.string()), nullable=False),
        pa.field("subject_key", pa.string(), nullable=False),
        pa.field("consent", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("policy_version", pa.int32()),
        pa.field("revision_id", pa.int64()),
    ]
)
"""landmarks: x0, y0, x1, y1, ... (NaN where a point is missing); visibility: 0 seen, 1 hidden, 2 missing."""

ROWS_PER_GROUP: Final = 4096
ROWS_PER_BATCH: Final = 1024


def image_row(image: ReleaseImage, file_bytes: int) -> dict[str, Any]:
    """The row of images.parquet for an image whose file is ``file_bytes`` long."""
    names = set(IMAGES_SCHEMA.names) - {"path", "bytes"}
    return {**{name: getattr(image, name) for name in names}, "path": image.path, "bytes": file_bytes}


def image_of(row: Mapping[str, Any]) -> ReleaseImage:
    """Inverse of ``image_row``."""
    names = set(IMAGES_SCHEMA.names) - {"path", "bytes"}
    return ReleaseImage(**{name: row[name] for name in names}, extension=row["path"].rpartition(".")[2])


def face_row(face: ReleaseFace, image: ReleaseImage) -> dict[str, Any]:
    """The row of labels.parquet for a face of ``image``."""
    labels = face.labels
    return {
        "face_id": face.face_id,
        "image_id": face.image_id,
        "image_sha256": image.sha256,
        "file_name": image.file_name,
        "status": face.status,
        **dict(zip(("x1", "y1", "x2", "y2"), labels.box, strict=True)),
        "landmarks": None if labels.landmarks is None else labels.landmarks.reshape(-1),
        "visibility": labels.visibility,
        "age_mean": face.age.mean,
        "age_sd": face.age.sd,
        "age_n": face.age.n,
        "age_corrected": face.age_corrected,
        "age_corrected_error": face.age_corrected_error,
        "gender": labels.gender,
        "ethnicity": labels.ethnicity,
        "flags": sorted(labels.flags),
        "subject_key": face.subject_key,
        "consent": face.consent,
        "split": image.split,
        "policy_version": face.policy_version,
        "revision_id": face.revision_id,
    }


def face_of(row: Mapping[str, Any]) -> ReleaseFace:
    """Inverse of ``face_row``. Raises LabelsInvalid or RecordInvalid for a row that cannot be."""
    points, states = row["landmarks"], row["visibility"]
    labels = FaceLabels(
        box=Box(row["x1"], row["y1"], row["x2"], row["y2"]),
        landmarks=None if points is None else np.array(points, dtype=np.float32).reshape(POINTS, 2),
        visibility=None if states is None else np.array(states, dtype=np.uint8),
        gender=row["gender"],
        ethnicity=row["ethnicity"],
        flags=frozenset(row["flags"]),
    )
    return ReleaseFace(
        face_id=row["face_id"],
        image_id=row["image_id"],
        status=row["status"],
        labels=labels,
        age=AgeSummary(mean=row["age_mean"], sd=row["age_sd"], n=row["age_n"]),
        subject_key=row["subject_key"],
        consent=row["consent"],
        policy_version=row["policy_version"],
        revision_id=row["revision_id"],
        age_corrected=row.get("age_corrected"),  # releases made before it was there have no such column
        age_corrected_error=row.get("age_corrected_error"),
    )


class TableWriter:
    """A Parquet file written row by row, in groups of a fixed size: the same rows give the same bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", version="2.6")
        self._rows: list[Mapping[str, Any]] = []

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


def table_rows(path: Path, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file in order, a batch in memory at a time."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=ROWS_PER_BATCH, columns=columns):
            yield from batch.to_pylist()
