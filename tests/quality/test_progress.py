"""The progress page: small numbers that can be counted by hand."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.quality.selectors.progress import remaining_passes, weeks_shown
from annotator.quality.selectors.tallies import Tallies
from annotator.work.models import Pass, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import BOX, accept, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def progress(api: Api, dataset: Dataset, admin: User) -> Any:
    client = api(admin)
    return lambda: client.get(f"/api/v1/datasets/{dataset.pk}/progress").json()


def checked(face: Face, checker: User, labels: FaceLabels, shown: Revision) -> None:
    saved = Revision.objects.create(
        face=face, parent=shown, kind=RevisionKind.CHECK, author=checker, **Revision.columns_of(labels)
    )
    record(face, checker, PassKind.CHECK, saved, active_ms=10_000)


def move_back(user: User, days: int) -> None:
    """This person's passes were made so many days ago."""
    Pass.objects.filter(user=user).update(created_at=timezone.now() - timedelta(days=days))


def test_it_shows_an_empty_dataset(progress: Any, admin: User) -> None:
    shown = progress()
    assert set(shown["images"].values()) | set(shown["faces"].values()) == {0}
    assert (shown["passes"], shown["days"], shown["pairs"]) == ([], [], [])
    assert [(one["username"], one["passes"]) for one in shown["people"]] == [("admin", 0)]
    assert (shown["forecast"]["state"], shown["forecast"]["remaining"]) == ("finished", 0)


def test_it_counts_what_is_open_held_and_done_by_pass(
    progress: Any,
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    ann2: User,
) -> None:
    image = image_factory(dataset)
    face_factory(image, BOX)
    item = WorkItem.objects.get(face=face_factory(image, BOX))
    item.leased_to, item.lease_token = ann2, uuid.uuid4()
    item.leased_until = timezone.now() + timedelta(minutes=5)
    item.save()
    for milliseconds in (30_000, 60_000):
        face = face_factory(image, BOX, open_item=False)
        record(face, ann1, PassKind.ANNOTATE, None, active_ms=milliseconds)
    record(face_factory(image, BOX, open_item=False), ann2, PassKind.ANNOTATE, None)
    shown = progress()
    assert shown["passes"] == [
        {
            "kind": "annotate",
            "pass_number": 0,
            "open": 1,
            "leased": 1,
            "done": 3,
            "active_hours": 0.025,
            "per_active_hour": 80.0,
            "people": 2,
        }
    ]
    by_name = {one["username"]: one for one in shown["people"]}
    assert (by_name["ann1"]["annotate"], by_name["ann1"]["leased"], by_name["ann2"]["leased"]) == (2, 0, 1)
    assert (by_name["ann1"]["faces_per_active_hour"], by_name["ann2"]["faces_per_active_hour"]) == (
        80.0,
        None,
    )


def test_it_puts_passes_on_their_days_and_weeks(
    progress: Any,
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    ann2: User,
) -> None:
    image = image_factory(dataset)
    for user in (ann1, ann1, ann2):
        record(face_factory(image, BOX), user, PassKind.ANNOTATE, None, active_ms=3_600_000)
    move_back(ann1, 7)
    move_back(ann2, 200)
    shown = progress()
    today = timezone.now().date()
    assert shown["days"] == [
        {
            "day": (today - timedelta(days=7)).isoformat(),
            "annotate": 2,
            "check": 0,
            "adjudicate": 0,
            "sweep": 0,
            "active_hours": 2.0,
            "people": 1,
        }
    ]
    by_name = {one["username"]: one for one in shown["people"]}
    assert by_name["ann1"]["weeks"] == [0] * 10 + [2, 0]
    assert by_name["ann1"]["weeks_per_hour"] == [None] * 10 + [1.0, None]
    assert (by_name["ann2"]["annotate"], sum(by_name["ann2"]["weeks"])) == (1, 0)
    assert by_name["ann2"]["first_day"] == (today - timedelta(days=200)).isoformat()


def test_it_counts_gold_answers_as_time_and_not_as_work(
    progress: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    face = face_factory(image_factory(dataset), BOX)
    record(face, ann1, PassKind.ANNOTATE, None, active_ms=1_800_000, is_gold=True)
    shown = progress()
    (mine,) = [one for one in shown["people"] if one["username"] == "ann1"]
    assert (mine["passes"], mine["active_hours"], mine["faces_per_active_hour"]) == (0, 0.5, 2.0)
    assert (shown["days"][0]["annotate"], shown["days"][0]["active_hours"]) == (0, 0.5)


def test_it_shows_who_checked_whom_and_how_much_was_corrected(
    progress: Any,
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    ann2: User,
    ann3: User,
) -> None:
    image = image_factory(dataset)
    for corrected in (False, True):
        face = face_factory(image, BOX)
        first = accept(face, face_labels(BOX), ann1)
        record(face, ann1, PassKind.ANNOTATE, first)
        checked(face, ann2, face_labels(BOX, age=70.0, gender="male" if corrected else "female"), first)
    checked(face, ann3, face_labels(BOX), first)
    shown = progress()
    assert shown["pairs"] == [
        {"author_id": ann1.pk, "checker_id": ann2.pk, "checks": 2, "corrected": 1},
        {"author_id": ann1.pk, "checker_id": ann3.pk, "checks": 1, "corrected": 0},
    ]


def test_it_adds_up_the_passes_that_open_items_lead_to() -> None:
    """2 faces for first labels, 3 for check 1, 1 for check 2 of 2; one check in five ended in a dispute."""
    counted = Tallies(
        {
            ("item_open", "annotate", 0): 2,
            ("item_open", "check", 1): 3,
            ("item_open", "check", 2): 1,
            ("item_open", "adjudicate", 0): 4,
            ("item_open", "sweep", 0): 5,
            ("item_done", "check", 1): 8,
            ("item_done", "check", 2): 2,
            ("item_done", "adjudicate", 0): 2,
        }
    )
    # 2 x (1 + 2) first labels with their checks; 3 x 2 + 1 checks; 4 + 5; a fifth of the 4 + 7 checks: 2.2
    assert remaining_passes(counted=counted, checks=2) == 6 + 7 + 9 + 2
    assert remaining_passes(counted=Tallies({("item_open", "annotate", 0): 2}), checks=0) == 2


def test_it_forecasts_from_the_last_four_weeks(
    progress: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset)
    for back in range(1, 29):
        made = record(face_factory(image, BOX, open_item=False), ann1, PassKind.ANNOTATE, None)
        Pass.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=back))
    face_factory(image, BOX)
    ahead = progress()["forecast"]
    in_three_days = (timezone.now().date() + timedelta(days=3)).isoformat()
    assert (ahead["state"], ahead["remaining"], ahead["pace"]) == ("estimated", 3, 1.0)
    assert (ahead["low"], ahead["middle"], ahead["high"]) == (in_three_days,) * 3


def test_it_does_not_forecast_from_a_day(
    progress: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset)
    record(face_factory(image, BOX), ann1, PassKind.ANNOTATE, None)
    move_back(ann1, 1)
    ahead = progress()["forecast"]
    assert (ahead["state"], ahead["active_days"], ahead["least_active_days"]) == ("too_few_days", 1, 5)


def test_it_shows_twelve_mondays() -> None:
    weeks = weeks_shown(date(2026, 6, 3))
    assert (weeks[0], weeks[-1], len(weeks)) == (date(2026, 3, 16), date(2026, 6, 1), 12)


def test_it_shows_people_to_admins_only(
    api: Api, dataset: Dataset, researcher: User, adjudicator: User
) -> None:
    for user in (researcher, adjudicator):
        shown = api(user).get(f"/api/v1/datasets/{dataset.pk}/progress").json()
        assert (shown["people"], shown["pairs"]) == (None, None)


def test_it_asks_the_database_equally_often_for_any_amount_of_data(
    progress: Any,
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    ann2: User,
    django_assert_num_queries: Any,
) -> None:
    with CaptureQueriesContext(connection) as empty:
        progress()
    for _ in range(3):
        face = face_factory(image_factory(dataset, sweep=True), BOX)
        first = accept(face, face_labels(BOX), ann1)
        record(face, ann1, PassKind.ANNOTATE, first)
        checked(face, ann2, face_labels(BOX), first)
    with django_assert_num_queries(len(empty)):
        progress()


def test_it_keeps_the_counts_of_somebody_who_left(
    progress: Any, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    record(face_factory(image_factory(dataset), BOX), ann1, PassKind.ANNOTATE, None)
    Membership.objects.filter(user=ann1).update(is_active=False)
    (mine,) = [one for one in progress()["people"] if one["username"] == "ann1"]
    assert (mine["is_active"], mine["annotate"]) == (False, 1)
