"""The progress page as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.faces.models import Revision, RevisionKind
from annotator.work.models import PassKind
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import BOX, accept, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(
    api: Api,
    dataset: Dataset,
    admin: User,
    ann1: User,
    ann2: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> Any:
    """Two faces by ann1, one of them checked and corrected by ann2; read as a table of text."""
    ann1.display_name = "=HYPERLINK(1)"
    ann1.save()
    image = image_factory(dataset)
    for _ in range(2):
        face = face_factory(image, BOX)
        first = accept(face, face_labels(BOX), ann1)
        record(face, ann1, PassKind.ANNOTATE, first, active_ms=900_000)
    saved = Revision.objects.create(
        face=face,
        parent=first,
        kind=RevisionKind.CHECK,
        author=ann2,
        **Revision.columns_of(face_labels(BOX, gender="male")),
    )
    record(face, ann2, PassKind.CHECK, saved)

    def read(**query: str) -> list[dict[str, str]]:
        answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/progress.csv", query)
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    return read


def test_it_lists_people_by_pass(table: Any) -> None:
    rows = table()
    today = timezone.now().date().isoformat()
    assert [(r["username"], r["name"], r["kind"], r["passes"], r["active_hours"]) for r in rows] == [
        ("ann1", "'=HYPERLINK(1)", "annotate", "2", "0.5"),
        ("ann2", "Ann2", "check", "1", "0.0"),
    ]
    assert {(r["first_day"], r["last_day"]) for r in rows} == {(today, today)}


def test_it_lists_passes(table: Any) -> None:
    assert [
        (r["kind"], r["open"], r["done"], r["per_active_hour"], r["people"]) for r in table(table="passes")
    ] == [("annotate", "2", "2", "4.0", "1"), ("check", "0", "1", "", "1")]


def test_it_lists_days(table: Any) -> None:
    assert [(r["username"], r["kind"], r["passes"]) for r in table(table="days")] == [
        ("ann1", "annotate", "2"),
        ("ann2", "check", "1"),
    ]


def test_it_lists_pairs(table: Any) -> None:
    assert [(r["author"], r["checker"], r["checks"], r["corrected_share"]) for r in table(table="pairs")] == [
        ("ann1", "ann2", "1", "1.0")
    ]


def test_it_refuses_a_table_that_there_is_not(api: Api, dataset: Dataset, admin: User) -> None:
    answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/progress.csv", {"table": "cats"})
    assert answer.status_code == 422


def test_it_notes_who_took_a_table_along(table: Any, admin: User) -> None:
    table(table="pairs")
    entry = AuditEntry.objects.get(verb="download")
    assert (entry.actor, entry.details["what"]) == (admin, "progress-pairs.csv")
