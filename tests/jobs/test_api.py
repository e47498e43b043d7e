"""Jobs over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobKind, JobState
from annotator.jobs.services import job_create


@pytest.fixture
def job(dataset: Dataset) -> Job:
    return job_create(dataset=dataset, kind=JobKind.IMPORT, task="tests.none", params={}, created_by=None)


def test_it_lists_jobs_newest_first_in_two_queries_more_than_access(
    dataset: Dataset, admin: Any, api: Any, django_assert_num_queries: Any
) -> None:
    made = [
        job_create(dataset=dataset, kind=JobKind.IMPORT, task="tests.none", params={}, created_by=None)
        for _ in range(5)
    ]
    client = api(admin)
    with django_assert_num_queries(3):  # session with its person, dataset with role, jobs
        page = client.get(f"/api/v1/datasets/{dataset.pk}/jobs?limit=3").json()
    assert [row["id"] for row in page["results"]] == [job.pk for job in made[:1:-1]]
    rest = client.get(f"/api/v1/datasets/{dataset.pk}/jobs?limit=3&cursor={page['next']}").json()
    assert [row["id"] for row in rest["results"]] == [made[1].pk, made[0].pk]
    assert rest["next"] is None


def test_it_shows_a_job_to_staff_and_hides_it_from_outsiders(
    job: Job, api: Any, researcher: Any, outsider: Any
) -> None:
    answer = api(researcher).get(f"/api/v1/jobs/{job.pk}")
    assert answer.status_code == 200
    assert answer.json()["state"] == "queued"
    assert api(outsider).get(f"/api/v1/jobs/{job.pk}").status_code == 404
    assert api().get(f"/api/v1/jobs/{job.pk}").status_code == 401


def test_it_lets_only_an_admin_cancel_and_retry(job: Job, api: Any, admin: Any, adjudicator: Any) -> None:
    assert api(adjudicator).post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 403
    cancelled = api(admin).post(f"/api/v1/jobs/{job.pk}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = api(admin).post(f"/api/v1/jobs/{job.pk}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_finished")
    assert api(admin).post(f"/api/v1/jobs/{job.pk}/retry").json()["state"] == "queued"
    running = api(admin).post(f"/api/v1/jobs/{job.pk}/retry")
    assert (running.status_code, running.json()["code"]) == (409, "job_not_failed")


def test_it_asks_a_running_job_to_stop(job: Job, api: Any, admin: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1)
    answer = api(admin).post(f"/api/v1/jobs/{job.pk}/cancel").json()
    assert (answer["state"], answer["cancel_requested"]) == ("running", True)
