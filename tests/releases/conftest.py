"""A small dataset with everything a release can hold."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PillowImage

from annotator.datasets.models import Dataset
from annotator.images.models import Image
from annotator.jobs.models import Job
from annotator.jobs.running import RunningJob
from annotator.releases.models import Release
from annotator.releases.services.freezing import release_create
from annotator.releases.services.writing import release_write
from tests.cast import FaceFactory, ImageFactory, face_labels, face_points


def turned_jpeg(image: Image, orientation: int) -> None:
    """Replace the stored original by one of the same upright size that lies down and says so in EXIF."""
    pixels = np.zeros((image.width, image.height, 3), np.uint8)
    pixels[:, :, 0] = np.linspace(0, 255, image.height, dtype=np.uint8)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", exif=exif.tobytes())
    default_storage.delete(image.file)
    default_storage.save(image.file, ContentFile(buffer.getvalue()))


@pytest.fixture
def filled(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Dataset:
    """Two images: whole and partial labels, flags, a subject of its own, ignore regions, a lying picture."""
    first = image_factory(
        dataset,
        source="a camera",
        licence="CC BY 4.0",
        subject_key="family",
        consent="form 7",
        name="Zoë 1.jpg",
    )
    face_factory(
        first,
        labels=face_labels(),
        state="accepted",
        age_mean=31.5,
        age_sd=0.7071067811865476,
        age_n=2,
        age_corrected=30.5,
    )
    points = face_points((350.25, 60.5, 450.125, 190.75))
    states = np.zeros(68, np.uint8)
    states[:3], states[3:5] = 2, 1
    face_factory(
        first,
        labels=face_labels(
            (350.25, 60.5, 450.125, 190.75), landmarks=points, visibility=states, gender="unsure"
        ),
        state="accepted",
        age_mean=30.0,
        age_n=1,
        subject_key="a guest",
        consent="",
    )
    occluded = face_labels(
        (500, 50, 560, 130),
        landmarks=None,
        age=None,
        gender=None,
        ethnicity=None,
        flags=frozenset({"occluded"}),
    )
    face_factory(first, labels=occluded, state="accepted")
    face_factory(first, (10, 10, 30, 35), state="too_small")
    second = image_factory(dataset, size=(480, 640), name="b.jpg", orientation=6)
    turned_jpeg(second, 6)
    face_factory(second, labels=face_labels(), state="accepted", age_mean=40.0, age_n=1)
    face_factory(second, (300, 400, 400, 520))
    face_factory(image_factory(dataset))
    return dataset


class Run(RunningJob):
    """A running attempt without a worker around it."""

    def __init__(self, job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state="running", attempt=job.attempt + 1)
        super().__init__(Job.objects.select_related("dataset__policy").get(pk=job.pk))


def written_release(dataset: Dataset, **options: Any) -> Release:
    """A release whose files are written."""
    release = release_create(dataset=dataset, actor=None, **options)
    assert release.job is not None
    run = Run(release.job)
    run.finish("done", result=release_write(run=run))  # type: ignore[arg-type]  # the state's own word
    release.refresh_from_db()
    return release
