"""Splits: drawn on arrival, one for all images of a subject, and fixed once somebody has worked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.faces.models import FaceState
from annotator.images.models import Image, NearDuplicate, PairDecision, Split
from annotator.images.services.duplicates import near_duplicate_decide, near_duplicates_record
from annotator.images.services.importing import import_create
from annotator.images.services.provenance import image_provenance_update
from annotator.images.services.splits import split_draw
from jfa_pipeline.core.policy import Policy
from tests.cast import FaceFactory, ImageFactory, make_dataset
from tests.images.importing import photo, run_import

pytestmark = pytest.mark.django_db


def folder_of(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(photo(number))
    return folder


def link(earlier: Image, later: Image, actor: User) -> NearDuplicate:
    pair = NearDuplicate.objects.create(
        dataset_id=earlier.dataset_id, earlier=earlier, later=later, distance=3
    )
    return near_duplicate_decide(pair=pair, decision=PairDecision.LINK, actor=actor)


def splits(*images: Image) -> list[str]:
    return [Image.objects.get(pk=image.pk).split for image in images]


def test_it_draws_the_test_images_of_an_import_before_anybody_labels_them(db: None, tmp_path: Path) -> None:
    dataset = make_dataset("Half", test_share=0.5)
    run_import(import_create(dataset=dataset, source=folder_of(tmp_path, 40)))
    images = list(Image.objects.filter(dataset=dataset))
    assert len(images) == 40
    assert 10 <= sum(image.split == Split.TEST for image in images) <= 30
    for image in images:
        policy = Policy(test_share=0.5)
        drawn = split_draw(dataset_id=dataset.pk, policy=policy, sha256=image.sha256, subject_key="")
        assert image.split == drawn
        assert image.prelabelled_at is None


def test_it_keeps_the_images_of_a_person_together(db: None, tmp_path: Path) -> None:
    dataset = make_dataset("Half", test_share=0.5)
    folder = folder_of(tmp_path, 12)
    manifest = tmp_path / "list.csv"
    rows = [f"photos/{n}.jpg,{'anna' if n % 2 else 'bo'}" for n in range(12)]
    manifest.write_text("\n".join(["file,subject_key", *rows]))
    assert folder.is_dir()
    run_import(import_create(dataset=dataset, source=manifest))
    by_subject = set(Image.objects.filter(dataset=dataset).values_list("subject_key", "split"))
    assert {key for key, _ in by_subject} == {"anna", "bo"}
    assert len(by_subject) == 2


def test_it_gives_a_new_image_the_split_of_its_subject_whatever_the_share_is_now(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    image_factory(dataset, subject_key="anna", split="test")
    drawn = split_draw(dataset_id=dataset.pk, policy=Policy(), sha256="0" * 64, subject_key="anna")
    assert drawn == Split.TEST


def test_it_lets_the_later_of_two_linked_images_follow(
    dataset: Dataset, image_factory: ImageFactory, admin: User
) -> None:
    earlier = image_factory(dataset, split="test")
    later = image_factory(dataset, prelabelled=False, split="train")
    link(earlier, later, admin)
    assert splits(earlier, later) == ["test", "test"]
    entry = AuditEntry.objects.get(verb="near_duplicate_decide")
    assert (entry.details["split"], entry.details["moved"]) == ("test", 1)


def test_it_lets_no_image_follow_into_the_test_split_whose_labels_a_model_has_made(
    dataset: Dataset, image_factory: ImageFactory, admin: User
) -> None:
    earlier = image_factory(dataset, split="test", prelabelled_by="", prelabelled_at=timezone.now())
    later = image_factory(dataset, split="train")
    link(earlier, later, admin)
    assert splits(earlier, later) == ["train", "train"]
    earlier.refresh_from_db()
    assert earlier.prelabelled_at is None  # so that it is pre-labelled now


def test_it_moves_nothing_that_people_have_worked_on(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User, api: Any
) -> None:
    earlier = image_factory(dataset, split="test")
    face_factory(earlier, state=FaceState.ACCEPTED)
    later = image_factory(dataset, split="train", swept_at=timezone.now())
    pair = link(earlier, later, admin)
    assert splits(earlier, later) == ["test", "train"]
    listed = api(admin).get(f"/api/v1/datasets/{dataset.pk}/near-duplicates").json()["results"]
    assert [(row["id"], row["splits_differ"]) for row in listed] == [(pair.pk, True)]
    assert api(admin).get(f"/api/v1/images/{later.pk}").json()["splits_differ"]


def test_it_lets_the_earlier_follow_where_the_later_cannot(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    earlier = image_factory(dataset, prelabelled=False, split="train")
    later = image_factory(dataset, split="test")
    face_factory(later, state=FaceState.CHECKING)
    link(earlier, later, admin)
    assert splits(earlier, later) == ["test", "test"]


def test_it_follows_a_corrected_subject_key(
    dataset: Dataset, image_factory: ImageFactory, admin: User
) -> None:
    first = image_factory(dataset, subject_key="anna", split="val")
    second = image_factory(dataset, split="train")
    changed = image_provenance_update(image=second, changes={"subject_key": "anna"}, actor=admin)
    assert changed.split == Split.VAL
    assert splits(first, second) == ["val", "val"]


def test_it_puts_what_looks_alike_into_one_split_before_anybody_decides(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    first = image_factory(dataset, phash=0b1111, split="train")
    second = image_factory(dataset, phash=0b1110, split="test", prelabelled=False)
    third = image_factory(dataset, phash=0b1100, split="val", prelabelled=False)
    other = image_factory(dataset, phash=-1, split="test", prelabelled=False)
    named = image_factory(dataset, phash=0b0111, split="test", prelabelled=False, subject_key="bo")
    assert near_duplicates_record(image_ids=[second.pk, third.pk, other.pk, named.pk]) == 6
    assert splits(first, second, third, other, named) == ["train", "train", "train", "test", "test"]


def test_it_leaves_what_looks_alike_where_people_have_worked(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    first = image_factory(dataset, phash=1, split="test", prelabelled=False)
    labelled = image_factory(dataset, phash=3, split="train")
    near_duplicates_record(image_ids=[first.pk, labelled.pk])
    assert splits(first, labelled) == ["test", "train"]


def test_it_shows_and_filters_the_split(
    dataset: Dataset, image_factory: ImageFactory, admin: User, api: Any
) -> None:
    image_factory(dataset)
    test = image_factory(dataset, split="test")
    address = f"/api/v1/datasets/{dataset.pk}/images"
    listed = api(admin).get(f"{address}?split=test").json()["results"]
    assert [(row["id"], row["split"]) for row in listed] == [(test.pk, "test")]
    assert api(admin).get(f"{address}?split=exam").json()["code"] == "split"
