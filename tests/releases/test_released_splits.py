"""A release says which split each image is in, and one that comes in keeps it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.images.models import Image, ImportEntry
from annotator.releases.services.importing import Treatment, release_import, source_open
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.formats.native import sha256_of
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.releases.conftest import written_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Dataset:
    """A train image with two accepted faces, a val and a test image with one each; the last two are Anna's."""
    for split, faces in (("train", 2), ("val", 1), ("test", 1)):
        image = image_factory(
            dataset,
            split=split,
            name=f"{split}.jpg",
            subject_key="" if split == "train" else "anna",
            swept_at=timezone.now(),
        )
        for number in range(faces):
            face_factory(
                image,
                labels=face_labels((50 + 200 * number, 60, 150 + 200 * number, 180)),
                state="accepted",
                age_mean=30.0,
                age_n=1,
            )
    return dataset


def test_it_counts_images_and_faces_by_split_at_once_and_in_the_manifest(
    three: Dataset, files_folder: Path
) -> None:
    release = written_release(three)
    counts = release.manifest["counts"]
    assert counts["images_by_split"] == {"train": 1, "val": 1, "test": 1}
    assert counts["faces_by_split"] == {"train": 2, "val": 1, "test": 1}
    told = json.loads((files_folder / release.folder / "manifest.json").read_text())
    assert told["counts"] == counts
    assert told["release"]["subjects_in_several_splits"] == 1


def test_it_writes_the_split_of_each_image_and_the_same_bytes_again(
    three: Dataset, files_folder: Path
) -> None:
    first, second = (files_folder / written_release(three).folder for _ in range(2))
    rows = pq.read_table(first / "images.parquet").to_pylist()
    assert [(row["file_name"], row["split"]) for row in rows] == [
        ("train.jpg", "train"),
        ("val.jpg", "val"),
        ("test.jpg", "test"),
    ]
    for name in ("images.parquet", "labels.parquet", "coco/annotations.json"):
        assert sha256_of(first / name) == sha256_of(second / name)


@pytest.mark.parametrize("treatment", ["accepted", "prelabel"])
def test_it_keeps_the_split_of_a_release_that_comes_in(
    three: Dataset, other_dataset: Dataset, files_folder: Path, treatment: Treatment
) -> None:
    Image.objects.filter(name="val.jpg").update(subject_key="")
    folder = files_folder / written_release(three).folder
    release_import(dataset=other_dataset, source=source_open(path=folder), treatment=treatment)
    found = set(Image.objects.filter(dataset=other_dataset).values_list("name", "split"))
    assert found == {("train.jpg", "train"), ("val.jpg", "val"), ("test.jpg", "test")}


def test_it_keeps_a_subject_in_one_split_where_the_release_did_not(
    three: Dataset, other_dataset: Dataset, files_folder: Path
) -> None:
    folder = files_folder / written_release(three).folder
    done = release_import(dataset=other_dataset, source=source_open(path=folder), treatment="accepted")
    test = Image.objects.get(dataset=other_dataset, name="test.jpg")
    assert test.split == "val"
    assert "no test image" in done.batch.entries.get(image=test).message


def test_it_lets_nobody_see_labels_on_an_imported_test_image(
    three: Dataset, other_dataset: Dataset, files_folder: Path
) -> None:
    Image.objects.filter(name="val.jpg").update(subject_key="")
    folder = files_folder / written_release(three).folder
    release_import(dataset=other_dataset, source=source_open(path=folder), treatment="prelabel")
    test = Image.objects.get(dataset=other_dataset, name="test.jpg")
    assert not Face.objects.filter(image=test).exists()
    assert (test.prelabelled_by, test.prelabelled_at is None) == ("", False)
    assert [item.kind for item in WorkItem.objects.filter(image=test)] == [PassKind.SWEEP]
    assert "(1) were left out" in ImportEntry.objects.get(image=test).message
