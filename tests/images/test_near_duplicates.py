"""Near duplicates: what counts as one, how pairs are found, what a person decides."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from django.db import connection
from PIL import Image as PillowImage

from annotator.accounts.models import AuditEntry
from annotator.common.errors import Conflict
from annotator.datasets.models import Dataset
from annotator.images.models import Image, NearDuplicate, PairDecision, Verdict
from annotator.images.services.duplicates import (
    FIND,
    find_parameters,
    near_duplicate_decide,
    near_duplicates_record,
)
from jfa_pipeline.core.phash import hamming, phash
from jfa_pipeline.core.pixels import decode


def scene(seed: int) -> Any:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return cv2.resize(coarse, (480, 360), interpolation=cv2.INTER_CUBIC)


def hashed(pixels: Any) -> int:
    found = phash(pixels)
    assert found is not None
    return found


def test_it_stays_close_for_the_same_picture_saved_otherwise() -> None:
    original = scene(1)
    buffer = io.BytesIO()
    PillowImage.fromarray(original).save(buffer, "JPEG", quality=25)
    variants = {
        "recompressed": decode(buffer.getvalue()),
        "half the size": cv2.resize(original, (240, 180), interpolation=cv2.INTER_AREA),
        "brighter": np.clip(original.astype(int) + 25, 0, 255).astype(np.uint8),
        "cropped a little": original[3:-3, 3:-3],
    }
    for how, pixels in variants.items():
        assert hamming(hashed(original), hashed(pixels)) <= 6, how
    others = [hamming(hashed(original), hashed(scene(seed))) for seed in range(2, 40)]
    assert min(others) > 10


def test_it_gives_a_flat_picture_no_hash() -> None:
    assert phash(np.full((100, 100, 3), 90, np.uint8)) is None


def test_it_counts_differing_bits_of_signed_numbers() -> None:
    assert hamming(0, -1) == 64
    assert hamming(-(2**63), 2**62) == 2
    assert hamming(5, 5) == 0


@pytest.fixture
def image(image_factory: Any) -> Any:
    def make(dataset: Dataset, bits: int | None) -> Image:
        if bits is not None and bits >= 2**63:
            bits -= 2**64
        made: Image = image_factory(dataset, size=(64, 48), phash=bits)
        return made

    return make


BASE = 0x0123_4567_89AB_CDEF


def pairs() -> list[tuple[int, int, int]]:
    return list(NearDuplicate.objects.order_by("id").values_list("earlier_id", "later_id", "distance"))


@pytest.mark.parametrize("differing", [0, 1, 5, 6])
def test_it_records_a_pair_up_to_six_bits_apart_wherever_they_lie(
    dataset: Dataset, image: Any, differing: int
) -> None:
    spread = sum(1 << bit for bit in (0, 17, 34, 51, 63, 40)[:differing])
    first = image(dataset, BASE)
    second = image(dataset, BASE ^ spread)
    assert near_duplicates_record(image_ids=[second.pk]) == 1
    assert pairs() == [(first.pk, second.pk, differing)]


def test_it_leaves_out_seven_bits_other_datasets_flat_and_rejected_pictures(
    dataset: Dataset, other_dataset: Dataset, image: Any
) -> None:
    image(dataset, BASE ^ 0b1111111)
    image(other_dataset, BASE)
    image(dataset, None)
    rejected = image(dataset, BASE)
    Image.objects.filter(pk=rejected.pk).update(verdict=Verdict.REJECTED)
    assert near_duplicates_record(image_ids=[image(dataset, BASE).pk]) == 0


def test_it_finds_the_pairs_that_a_full_comparison_finds(dataset: Dataset, image: Any) -> None:
    rng = np.random.default_rng(3)
    made = {}
    for _ in range(12):
        centre = int(rng.integers(0, 2**63))
        for _ in range(4):
            flips = sum({1 << int(b) for b in rng.integers(0, 64, int(rng.integers(0, 6)))})
            row = image(dataset, centre ^ flips)
            made[row.pk] = row.phash
    near_duplicates_record(image_ids=list(made))
    near_duplicates_record(image_ids=list(made))  # again: nothing new
    keys = sorted(made)
    full = {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :] if hamming(made[a], made[b]) <= 6}
    assert {(a, b) for a, b, _ in pairs()} == full
    assert len(full) > 20


def test_it_looks_pairs_up_in_the_indexes_of_a_large_dataset(dataset: Dataset, image: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO images_image (dataset_id, sha256, file, name, bytes, format, width, height, orientation,"
            " rotation, converted, phash, source, licence, subject_key, consent, verdict, verdict_reason,"
            " prelabelled_by, prelabel_error, created_at)"
            " SELECT %s, n::text, '', n::text, 1, 'JPEG', 9, 9, 1, 0, '',"
            " hashtextextended(n::text, 1), '', '', '', '', '', '', '', '', now() FROM generate_series(1, 30000) n",
            [dataset.pk],
        )
        cursor.execute("ANALYZE images_image")
    twins = [image(dataset, BASE), image(dataset, BASE ^ 1 << 20)]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE {FIND}", find_parameters([twin.pk for twin in twins]))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    for shift in (0, 16, 32, 48):
        assert f"image_phash_{shift}" in plan, plan
    assert (twins[0].pk, twins[1].pk, 1) in pairs()


@pytest.fixture
def pair(dataset: Dataset, image: Any) -> NearDuplicate:
    image(dataset, BASE)
    near_duplicates_record(image_ids=[image(dataset, BASE ^ 1).pk])
    return NearDuplicate.objects.get()


def test_it_rejects_the_later_image_with_the_reason(pair: NearDuplicate, admin: Any) -> None:
    near_duplicate_decide(pair=pair, decision=PairDecision.REJECT, actor=admin)
    later = Image.objects.get(pk=pair.later_id)
    assert later.verdict == Verdict.REJECTED
    assert f"image {pair.earlier_id}" in later.verdict_reason
    assert Image.objects.get(pk=pair.earlier_id).verdict == ""
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["image_rejected", "near_duplicate_decide"]


def test_it_links_both_under_one_subject_key(pair: NearDuplicate, admin: Any) -> None:
    near_duplicate_decide(pair=pair, decision=PairDecision.LINK, actor=admin)
    keys = set(Image.objects.values_list("subject_key", flat=True))
    assert keys == {f"near-{pair.earlier_id}"}


def test_it_links_under_the_key_that_one_of_them_has(pair: NearDuplicate, admin: Any) -> None:
    Image.objects.filter(pk=pair.later_id).update(subject_key="anna")
    near_duplicate_decide(pair=pair, decision=PairDecision.LINK, actor=admin)
    assert set(Image.objects.values_list("subject_key", flat=True)) == {"anna"}


def test_it_refuses_to_link_two_different_people(pair: NearDuplicate, admin: Any) -> None:
    Image.objects.filter(pk=pair.later_id).update(subject_key="anna")
    Image.objects.filter(pk=pair.earlier_id).update(subject_key="bo")
    with pytest.raises(Conflict, match="anna, bo"):
        near_duplicate_decide(pair=pair, decision=PairDecision.LINK, actor=admin)
    pair.refresh_from_db()
    assert pair.decision == PairDecision.OPEN


def test_it_lists_open_pairs_with_both_images_and_takes_a_decision(
    pair: NearDuplicate, dataset: Dataset, api: Any, admin: Any, ann1: Any, django_assert_num_queries: Any
) -> None:
    url = f"/api/v1/datasets/{dataset.pk}/near-duplicates?decision=open"
    client = api(admin)
    with django_assert_num_queries(4):  # session with its person, dataset with role, pairs, images
        listed = client.get(url).json()
    (row,) = listed["results"]
    assert (row["earlier"]["id"], row["later"]["id"]) == (pair.earlier_id, pair.later_id)
    assert row["distance"] == 1
    decide = f"/api/v1/near-duplicates/{pair.pk}/decide"
    assert api(ann1).post(decide, {"decision": "keep"}, format="json").status_code == 403
    assert client.post(decide, {"decision": "burn"}, format="json").status_code == 422
    assert client.post(decide, {"decision": "keep"}, format="json").json()["decision"] == "keep"
    assert client.get(url).json()["results"] == []
