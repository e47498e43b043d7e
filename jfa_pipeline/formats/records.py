"""What a release says about an image and a face; every format reads and writes these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from jfa_pipeline.aggregate.age import AgeSummary
from jfa_pipeline.core.labels import FaceLabels

ACCEPTED: Final = "accepted"
IGNORE: Final = "ignore"
"""Status of a face: its labels are trusted; or a face is there but unfinished, so losses and metrics skip it."""

NO_AGE: Final = AgeSummary(mean=None, sd=None, n=0)


class RecordInvalid(ValueError):
    """A record that no release may hold; the message says which and why."""


@dataclass(frozen=True, slots=True)
class ReleaseImage:
    """One released picture.

    image_id: unique within the release. file_name: the name it was uploaded under. width, height: pixels of
    the released file, which is upright. extension: of the released file, without a dot. original_sha256: of
    the uploaded bytes. sha256: of the released file (a writer fills it in). subject_key, consent: defaults
    for its faces. split: train, val, test or empty. swept: a person has looked for missed faces.
    """

    image_id: int
    file_name: str
    width: int
    height: int
    extension: str
    original_sha256: str = ""
    sha256: str = ""
    source: str = ""
    licence: str = ""
    subject_key: str = ""
    consent: str = ""
    split: str = ""
    swept: bool = False

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise RecordInvalid(f"Image {self.image_id} has no pixels: {self.width} x {self.height}.")
        if not self.extension.isalnum():
            raise RecordInvalid(f"Image {self.image_id}: {self.extension!r} is no file extension.")

    @property
    def path(self) -> str:
        """Where the file lies in a release folder; needs sha256."""
        return f"images/{self.sha256[:2]}/{self.sha256}.{self.extension}"


@dataclass(frozen=True, slots=True)
class ReleaseFace:
    """One face of a released image, coordinates in the continuous frame of the released file.

    labels.age is always None: ``age`` holds mean, SD and number of the ages that people gave. An ignore
    region may carry a box only. age_corrected: the mean freed of people's biases with its standard error, in years,
    where an aggregation made one. revision_id and policy_version say where an accepted face comes from.
    """

    face_id: int
    image_id: int
    status: str
    labels: FaceLabels
    age: AgeSummary = field(default=NO_AGE)
    subject_key: str = ""
    consent: str = ""
    policy_version: int | None = None
    revision_id: int | None = None
    age_corrected: float | None = None
    age_corrected_error: float | None = None

    def __post_init__(self) -> None:
        if self.status not in (ACCEPTED, IGNORE):
            raise RecordInvalid(
                f"Face {self.face_id}: status {self.status!r} is neither accepted nor ignore."
            )
        if self.labels.age is not None:
            raise RecordInvalid(f"Face {self.face_id}: one person's age has no place in a release.")
