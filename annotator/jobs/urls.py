"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.jobs.apis import JobApi, JobCancelApi, JobListApi, JobRetryApi

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/jobs", JobListApi.as_view(), name="jobs"),
    path("jobs/<int:job_id>", JobApi.as_view(), name="job"),
    path("jobs/<int:job_id>/cancel", JobCancelApi.as_view(), name="job-cancel"),
    path("jobs/<int:job_id>/retry", JobRetryApi.as_view(), name="job-retry"),
]
