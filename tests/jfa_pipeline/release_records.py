"""Made-up release records: by hand, and as hypothesis strategies."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels
from jfa_pipeline.formats.records import ACCEPTED, IGNORE, ReleaseFace, ReleaseImage

POINTS = np.stack([np.arange(68) + 20.25, np.arange(68) * 0.5 + 30], axis=1).astype(np.float32)


def image(number: int = 1, **changes: object) -> ReleaseImage:
    fields = {
        "image_id": number, "file_name": f"päivä {number}.JPG", "width": 640, "height": 480, "extension": "jpg",
        "original_sha256": "ab" * 32, "source": "camera", "licence": "CC0-1.0", "subject_key": "s1",
        "consent": "yes", "split": "train", "swept": True,
    }  # fmt: skip
    return ReleaseImage(**{**fields, **changes})  # type: ignore[arg-type]  # keyword names are those of the record


def full_face(face_id: int = 10, image_id: int = 1) -> ReleaseFace:
    states = np.zeros(68, np.uint8)
    states[3], states[4] = HIDDEN, MISSING
    labels = FaceLabels(
        box=Box(20.1, 30.2, 100.3, 120.4), landmarks=POINTS, visibility=states, gender="female",
        ethnicity="asian", flags=frozenset({"odd", "blurred"}),
    )  # fmt: skip
    return ReleaseFace(
        face_id=face_id, image_id=image_id, status=ACCEPTED, labels=labels, age=summarise_ages([28, 30, 35]),
        subject_key="s2", consent="no", policy_version=3, revision_id=77,
    )  # fmt: skip


def ignored_face(face_id: int = 11, image_id: int = 1) -> ReleaseFace:
    return ReleaseFace(
        face_id=face_id, image_id=image_id, status=IGNORE, labels=FaceLabels(box=Box(0, 0, 31.5, 40))
    )


def as_plain(face: ReleaseFace) -> dict[str, object]:
    """Everything a face says, as comparable values (NaN points are None)."""
    plain = {name: getattr(face, name) for name in ReleaseFace.__dataclass_fields__ if name != "labels"}
    return {**plain, **face.labels.to_json()}


edges = st.floats(-100, 5000, allow_nan=False)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
optional_words = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x1, y1 = draw(edges), draw(edges)
    return Box(x1, y1, x1 + draw(st.floats(0.5, 3000)), y1 + draw(st.floats(0.5, 3000)))


# Sixteenths of a pixel plus any 24-bit number above 2^-31: what the formats promise to keep.
coordinates = st.floats(-4096, 8192, width=32).filter(lambda v: v == 0 or abs(v) > 2**-31)


@st.composite
def face_labels(draw: st.DrawFn) -> FaceLabels:
    landmarks = visibility = None
    if draw(st.booleans()):
        landmarks = draw(hnp.arrays(np.float32, (68, 2), elements=coordinates))
        visibility = draw(hnp.arrays(np.uint8, 68, elements=st.integers(0, 2)))
    return FaceLabels(
        box=draw(boxes()), landmarks=landmarks, visibility=visibility, gender=draw(optional_words),
        ethnicity=draw(optional_words), flags=frozenset(draw(st.lists(words, max_size=3))),
    )  # fmt: skip


ages = st.lists(st.floats(0, 100), max_size=4).map(summarise_ages)


@st.composite
def faces(draw: st.DrawFn, *, face_id: int, image_id: int) -> ReleaseFace:
    age: AgeSummary = draw(ages)
    return ReleaseFace(
        face_id=face_id, image_id=image_id, status=draw(st.sampled_from([ACCEPTED, IGNORE])),
        labels=draw(face_labels()), age=age, subject_key=draw(words), consent=draw(words),
        policy_version=draw(st.none() | st.integers(1, 99)), revision_id=draw(st.none() | st.integers(1, 2**60)),
    )  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[ReleaseImage, bytes, list[ReleaseFace]]]:
    found = []
    face_id = 0
    for image_id in range(1, draw(st.integers(0, 3)) + 1):
        picture = ReleaseImage(
            image_id=image_id, file_name=draw(words), width=draw(st.integers(1, 9000)),
            height=draw(st.integers(1, 9000)), extension=draw(st.sampled_from(["jpg", "png"])),
            original_sha256=draw(words), source=draw(words), licence=draw(words), subject_key=draw(words),
            consent=draw(words), split=draw(st.sampled_from(["", "train", "test"])), swept=draw(st.booleans()),
        )  # fmt: skip
        own = []
        for _ in range(draw(st.integers(0, 3))):
            face_id += 1
            own.append(draw(faces(face_id=face_id, image_id=image_id)))
        found.append((picture, draw(st.binary(min_size=1, max_size=20)), own))
    return found
