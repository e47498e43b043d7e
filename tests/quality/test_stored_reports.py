"""Reports are computed beside the requests and stored: exact, with their time, one computation at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.datasets.services import member_resume
from annotator.faces.models import Face
from annotator.quality.gold_serializers import person_quality_json
from annotator.quality.models import ReportKind, StoredReport
from annotator.quality.selectors.agreement import agreement_get, agreement_json
from annotator.quality.selectors.skill import people_skill
from annotator.quality.services import reports
from annotator.quality.services.reports import report_compute, report_request
from annotator.quality.tasks import compute_report
from annotator.work.models import PassKind
from annotator.work.services.people import person_pause
from tests.cast import Api, face_labels
from tests.quality.gold_cast import BOX, make_gold
from tests.quality.test_watching import answer

pytestmark = pytest.mark.django_db

KINDS = {ReportKind.AGREEMENT: "agreement", ReportKind.QUALITY: "quality"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Messages that requests have sent, read by calling it with a request."""

    def of(request: Any) -> list[tuple[Any, ...]]:
        messages: list[tuple[Any, ...]] = []
        monkeypatch.setattr(reports, "message_send", lambda *, task, args: messages.append((task, *args)))
        with django_capture_on_commit_callbacks(execute=True):
            request()
        return messages

    return of


@pytest.fixture
def answered(gold_face: Face, admin: User, ann1: User) -> None:
    answer(
        make_gold(gold_face, PassKind.ANNOTATE, admin), ann1, face_labels(BOX, gender="male", age=1 / 3 + 33)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_computes_what_nobody_has_asked_for_before_and_then_shows_it(
    kind: ReportKind, dataset: Dataset, api: Api, admin: User, sent: Any
) -> None:
    path = f"/api/v1/datasets/{dataset.pk}/{KINDS[kind]}"
    assert sent(lambda: api(admin).get(path)) == [("quality.compute_report", dataset.pk, kind.value)]
    first = api(admin).get(path).json()
    assert (first["as_of"], first["is_computing"]) == (None, True)
    assert compute_report(dataset.pk, kind.value)
    then = api(admin).get(path).json()
    assert (then["as_of"] is not None, then["is_computing"]) == (True, False)


def test_it_stores_exactly_what_the_selectors_find(dataset: Dataset, answered: None) -> None:
    quality = report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    agreement = report_compute(dataset=dataset, kind=ReportKind.AGREEMENT)
    quality.refresh_from_db()
    agreement.refresh_from_db()
    assert dataset.policy is not None
    assert agreement.data == agreement_json(agreement_get(dataset=dataset, with_pairs=True))
    fresh = [person_quality_json(one) for one in people_skill(dataset=dataset, policy=dataset.policy.policy)]
    assert quality.data == fresh
    assert any(row["age_mae_years"]["value"] for row in fresh)


def test_it_asks_once_while_it_is_waited_for_and_again_when_the_message_was_lost(
    dataset: Dataset, sent: Any
) -> None:
    def request() -> object:
        return report_request(dataset=dataset, kind=ReportKind.QUALITY)

    assert [len(sent(request)), len(sent(request))] == [1, 0]
    StoredReport.objects.update(wanted_at=timezone.now() - timedelta(minutes=2))
    assert len(sent(request)) == 1


def test_it_computes_nothing_for_a_repeated_message(dataset: Dataset) -> None:
    report_request(dataset=dataset, kind=ReportKind.QUALITY)
    assert compute_report(dataset.pk, "quality")
    assert not compute_report(dataset.pk, "quality")


def test_it_shows_the_old_figures_while_it_computes_new_ones(
    dataset: Dataset, api: Api, admin: User, answered: None, sent: Any
) -> None:
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    path = f"/api/v1/datasets/{dataset.pk}/quality"
    assert sent(lambda: api(admin).get(path)) == []
    StoredReport.objects.update(as_of=timezone.now() - timedelta(minutes=11))
    assert len(sent(lambda: api(admin).get(path))) == 1
    shown = api(admin).get(path).json()
    assert shown["is_computing"]
    assert len(shown["results"]) > 0


def test_it_refreshes_when_asked(dataset: Dataset, api: Api, admin: User, sent: Any) -> None:
    report_compute(dataset=dataset, kind=ReportKind.AGREEMENT)
    path = f"/api/v1/datasets/{dataset.pk}/agreement"
    answers: list[Any] = []
    assert len(sent(lambda: answers.append(api(admin).post(path)))) == 1
    assert answers[0].status_code == 202
    assert answers[0].json()["is_computing"]


def test_it_keeps_the_newer_of_two_computations(dataset: Dataset) -> None:
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    later = timezone.now() + timedelta(seconds=30)
    StoredReport.objects.update(as_of=later, data=[])
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    assert StoredReport.objects.get().as_of == later


def test_it_shows_a_pause_at_once_and_no_verdict_after_the_person_was_resumed(
    dataset: Dataset, api: Api, admin: User, ann1: User, answered: None
) -> None:
    report_compute(dataset=dataset, kind=ReportKind.QUALITY)
    report = StoredReport.objects.get()
    for row in report.data or []:
        row["verdict"], row["reasons"] = "pause", ["Ages are far off."]
    report.save()
    path = f"/api/v1/datasets/{dataset.pk}/quality"

    def shown() -> dict[str, Any]:
        found: list[dict[str, Any]] = api(admin).get(path).json()["results"]
        return next(one for one in found if one["user_id"] == ann1.pk)

    membership = Membership.objects.get(dataset=dataset, user=ann1)
    person_pause(membership=membership, reason="Talk first.", actor=admin)
    assert (shown()["pause_reason"], shown()["verdict"]) == ("Talk first.", "pause")
    membership.refresh_from_db()
    member_resume(membership=membership, note="Talked.", actor=admin)
    assert (shown()["paused_at"], shown()["verdict"], shown()["reasons"]) == (None, "fine", [])
