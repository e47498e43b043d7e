"""Training runs over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.jobs.models import Job, JobState
from annotator.releases.models import Release
from annotator.training.models import PointKind, TrainingPoint, TrainingRun
from tests.cast import Api
from tests.training.conftest import start_run


def test_it_starts_a_run_on_a_release(release: Release, api: Api, admin: User) -> None:
    body = {"release": 1, "preset": "tiny", "start": "random", "steps": {"S1": {"steps": 5}}, "threads": 1}
    answer = api(admin).post(f"/api/v1/datasets/{release.dataset_id}/training-runs", body, format="json")
    assert answer.status_code == 201, answer.content
    run = answer.json()
    assert (run["number"], run["state"], run["stages"], run["release"]) == (1, "queued", ["S1"], 1)
    assert (run["model"], run["parent"], run["gate"], run["decision"], run["error"]) == (
        None,
        None,
        {},
        "",
        "",
    )
    assert run["job"]["kind"] == "train"
    assert api(admin).get(f"/api/v1/training-runs/{run['id']}").json() == run


def test_it_freezes_now_without_a_release(release: Release, api: Api, admin: User) -> None:
    answer = api(admin).post(
        f"/api/v1/datasets/{release.dataset_id}/training-runs",
        {"release": None, "stages": "auto"},
        format="json",
    )
    assert (answer.status_code, answer.json()["state"], answer.json()["release"]) == (
        201,
        "waiting_release",
        2,
    )
    cancelled = api(admin).post(f"/api/v1/training-runs/{answer.json()['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"release": 9}, "no_release"),
        ({"release": 1, "stages": ["S1", "S2"], "start": "random"}, "stale_nets"),
        ({"release": 1, "stages": "S1"}, "invalid"),
        ({"release": 1, "steps": {"S1": {"steps": 0}}}, "invalid"),
    ],
)
def test_it_refuses_in_a_sentence(release: Release, api: Api, admin: User, body: Any, code: str) -> None:
    answer = api(admin).post(f"/api/v1/datasets/{release.dataset_id}/training-runs", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_it_answers_409_while_a_run_lives(release: Release, api: Api, admin: User) -> None:
    start_run(release)
    answer = api(admin).post(
        f"/api/v1/datasets/{release.dataset_id}/training-runs", {"release": 1}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "run_live")


def test_it_lists_runs_newest_first_without_a_query_a_row(
    release: Release, api: Api, researcher: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        run = start_run(release)
        Job.objects.filter(training_run=run).update(state=JobState.FAILED, error="It broke.")
    client = api(researcher)
    with django_assert_num_queries(3):  # session with its person, dataset with role, runs
        page = client.get(f"/api/v1/datasets/{release.dataset_id}/training-runs?limit=2").json()
    assert [row["number"] for row in page["results"]] == [3, 2]
    assert [(row["decision"], row["error"]) for row in page["results"]] == [("failed", "It broke.")] * 2
    rest = client.get(f"/api/v1/datasets/{release.dataset_id}/training-runs?cursor={page['next']}").json()
    assert [row["number"] for row in rest["results"]] == [1]


def test_it_pages_through_points(release: Release, api: Api, researcher: User) -> None:
    run = start_run(release)
    TrainingPoint.objects.bulk_create(
        TrainingPoint(
            run=run, attempt=1, seq=n, stage="S1", step=n, kind=PointKind.LOSS, values={"loss": 1 / n}
        )
        for n in range(1, 6)
    )
    client = api(researcher)
    first = client.get(f"/api/v1/training-runs/{run.pk}/points?limit=3").json()
    assert ([p["step"] for p in first["results"]], first["next"]) == ([1, 2, 3], 3)
    assert first["results"][1]["values"] == {"loss": 0.5}
    last = client.get(f"/api/v1/training-runs/{run.pk}/points?after=3").json()
    assert ([p["seq"] for p in last["results"]], last["next"]) == ([4, 5], None)
    assert client.get(f"/api/v1/training-runs/{run.pk}/points?after=x").status_code == 422


def test_it_keeps_settings_and_changes_what_is_given(release: Release, api: Api, admin: User) -> None:
    address = f"/api/v1/datasets/{release.dataset_id}/training-settings"
    before = api(admin).get(address).json()
    assert (before["is_automatic"], before["after_faces"], before["stages"]) == (False, 500, "auto")
    changed = api(admin).put(address, {"is_automatic": True, "after_faces": 40}, format="json").json()
    assert (changed["is_automatic"], changed["after_faces"], changed["preset"]) == (True, 40, "fast")
    assert api(admin).get(address).json() == changed
    assert api(admin).put(address, {"after_faces": 0}, format="json").status_code == 422


def test_it_is_for_admins_and_readable_for_researchers(
    release: Release, api: Api, researcher: User, ann1: User, outsider: User
) -> None:
    run = start_run(release)
    runs = f"/api/v1/datasets/{release.dataset_id}/training-runs"
    settings = f"/api/v1/datasets/{release.dataset_id}/training-settings"
    one = f"/api/v1/training-runs/{run.pk}"
    reads = (runs, settings, one, f"{one}/points")
    assert [api(researcher).get(path).status_code for path in reads] == [200] * 4
    assert [api(ann1).get(path).status_code for path in reads] == [403] * 4
    assert [api(outsider).get(path).status_code for path in reads] == [404] * 4
    assert [api().get(path).status_code for path in reads] == [401] * 4
    assert api(researcher).post(runs, {}, format="json").status_code == 403
    assert api(researcher).put(settings, {}, format="json").status_code == 403
    assert api(researcher).post(f"{one}/cancel").status_code == 403


def test_a_run_without_its_job_has_failed(release: Release, api: Api, admin: User) -> None:
    run = start_run(release)
    Job.objects.filter(training_run=run).delete()
    TrainingRun.objects.filter(pk=run.pk).update(created_at=timezone.now())
    told = api(admin).get(f"/api/v1/training-runs/{run.pk}").json()
    assert (told["state"], told["error"]) == ("failed", "Its job was removed.")
