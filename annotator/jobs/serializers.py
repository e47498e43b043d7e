"""The shape of a job in the API."""

from __future__ import annotations

from rest_framework import serializers

from annotator.jobs.models import Job, JobKind, JobState
from annotator.jobs.selectors import job_rate


class JobSerializer(serializers.ModelSerializer[Job]):
    kind = serializers.ChoiceField(choices=JobKind.choices, read_only=True)
    state = serializers.ChoiceField(choices=JobState.choices, read_only=True)
    result = serializers.DictField(read_only=True)
    rate_per_s = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "state",
            "attempt",
            "done",
            "total",
            "message",
            "error",
            "result",
            "cancel_requested",
            "created_at",
            "started_at",
            "finished_at",
            "rate_per_s",
        )
        read_only_fields = fields

    def get_rate_per_s(self, job: Job) -> float | None:
        return job_rate(job)
