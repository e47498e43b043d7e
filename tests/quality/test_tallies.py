"""Tallies equal the rows that they count: small numbers, deletions, repairs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image
from annotator.quality.models import Tally, TallyDelta
from annotator.quality.selectors.tallies import day_work, tallies
from annotator.quality.services.tallying import tallies_fold, tallies_repair
from annotator.work.models import Gold, Pass, PassKind, WorkItem
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.quality.tally_truth import assert_true
from tests.quality.test_overview import accept, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User, ann2: User
) -> Dataset:
    """Two images with five faces, two of them accepted; passes of two people."""
    for swept in (None, timezone.now()):
        image = image_factory(dataset, swept_at=swept, sweep=swept is None)
        done = face_factory(image, open_item=False)
        revision = accept(done, face_labels(flags=frozenset({"blurred"}), landmarks=None), ann1)
        record(done, ann1, PassKind.ANNOTATE, revision, active_ms=4000)
        record(done, ann2, PassKind.CHECK, revision)
    face_factory(image_factory(dataset))
    return dataset


def test_it_counts_by_hand(worked: Dataset, ann1: User, ann2: User) -> None:
    counted = tallies(dataset=worked)
    assert counted.by_value("face") == {"accepted": 2, "waiting": 1}
    assert [counted.of("image", name) for name in ("total", "swept", "complete")] == [3, 1, 1]
    assert list(counted.keys("item_open", "item_done")) == [
        ("item_done", "annotate", 0, 2),
        ("item_done", "check", 0, 2),
        ("item_open", "annotate", 0, 1),
        ("item_open", "sweep", 0, 1),
    ]
    assert (counted.of("flag", "blurred"), counted.by_number("age")[6], counted.of("maker", "packaged 1")) == (
        2, 2, 2,
    )  # fmt: skip
    days = {(day.user_id, day.kind): (day.n, day.timed, day.active_ms) for day in day_work(dataset=worked)}
    assert days == {(ann1.pk, "annotate"): (2, 2, 8000), (ann2.pk, "check"): (2, 0, 0)}


def test_it_says_the_same_before_and_after_a_fold(worked: Dataset) -> None:
    before = tallies(dataset=worked), day_work(dataset=worked)
    assert not Tally.objects.exists()
    assert tallies_fold() > 0
    assert Tally.objects.exists()
    assert tallies(dataset=worked) == before[0]
    assert sorted(map(repr, day_work(dataset=worked))) == sorted(map(repr, before[1]))
    assert tallies_fold() == 0


@pytest.mark.parametrize("folded", [True, False])
def test_it_follows_deletions_however_they_cascade(worked: Dataset, folded: bool) -> None:
    if folded:
        tallies_fold()
    first, second, _ = Image.objects.order_by("pk")
    first.delete()  # Django: passes and revisions before items and faces
    assert_true(worked)
    with connection.cursor() as cursor:  # and the other way round
        cursor.execute("DELETE FROM work_workitem WHERE image_id = %s", [second.pk])
        cursor.execute("DELETE FROM work_pass WHERE image_id = %s", [second.pk])
        cursor.execute("DELETE FROM faces_face WHERE image_id = %s RETURNING id", [second.pk])
        faces = [row[0] for row in cursor.fetchall()]
        cursor.execute("DELETE FROM work_acceptance WHERE face_id = ANY(%s)", [faces])
        cursor.execute("DELETE FROM faces_revision WHERE face_id = ANY(%s)", [faces])
        cursor.execute("DELETE FROM images_image WHERE id = %s", [second.pk])
    assert_true(worked)
    assert tallies(dataset=worked).of("image", "complete") == 0


def test_it_keeps_datasets_apart(worked: Dataset, other_dataset: Dataset) -> None:
    assert tallies(dataset=other_dataset).counts == {}
    assert day_work(dataset=other_dataset) == []


def test_it_leaves_gold_items_out_and_gold_answers_apart(worked: Dataset, ann1: User) -> None:
    face = Face.objects.filter(state=FaceState.ACCEPTED).first()
    assert face is not None
    assert face.current is not None
    gold = Gold.objects.create(
        dataset=worked, image=face.image, face=face, kind=PassKind.ANNOTATE, truth=face.current
    )
    before = tallies(dataset=worked).counts
    item = WorkItem.objects.create(
        dataset=worked, image=face.image, face=face, kind=PassKind.ANNOTATE, gold=gold, reserved_for=ann1
    )
    item.state = "done"
    item.save()
    assert tallies(dataset=worked).counts == before
    Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset=worked,
        image=face.image,
        face=face,
        round=1,
        kind=PassKind.ANNOTATE,
        user=ann1,
        is_gold=True,
        answer={},
    )
    assert {(d.user_id, d.is_gold): d.n for d in day_work(dataset=worked) if d.user_id == ann1.pk} == {
        (ann1.pk, False): 2,
        (ann1.pk, True): 1,
    }


def test_it_puts_a_day_by_utc(worked: Dataset, ann1: User) -> None:
    Pass.objects.filter(user=ann1).update(created_at=datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    assert {str(day.day) for day in day_work(dataset=worked) if day.user_id == ann1.pk} == {"2026-03-01"}


def test_it_notes_nothing_when_a_lease_changes(worked: Dataset, ann1: User) -> None:
    """Claims and heartbeats are most of the updates; they must not pay for counting."""
    tallies_fold()
    WorkItem.objects.filter(state="open").update(
        leased_to=ann1, lease_token=uuid.uuid4(), leased_until=timezone.now()
    )
    assert not TallyDelta.objects.exists()


def test_it_recounts_what_was_broken(worked: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    tallies_fold()
    Tally.objects.filter(what="face", value="accepted").update(n=7)
    Tally.objects.filter(what="gender").delete()
    call_command("recount")
    assert capsys.readouterr().out == "2 counters were off; they are right now.\n"
    assert_true(worked)
    call_command("recount")
    assert capsys.readouterr().out == "Every counter was right.\n"


def test_it_recounts_complete_images(worked: Dataset) -> None:
    tallies_fold()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM quality_completeimage")
        cursor.execute("UPDATE quality_tally SET n = 3 WHERE value = 'complete'")
    assert tallies_repair() == 2
    assert_true(worked)
    tallies_fold()
    assert_true(worked)


def test_it_drops_what_is_left_of_a_deleted_dataset(worked: Dataset) -> None:
    tallies_fold()
    for image in Image.objects.all():
        image.delete()
    worked.policy = None
    worked.save()
    worked.delete()
    tallies_repair()
    while tallies_fold():
        pass
    assert not Tally.objects.exists()
