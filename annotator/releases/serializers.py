"""Shapes of releases in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.jobs.serializers import JobSerializer
from annotator.releases.models import Release, ReleaseState


class NewReleaseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    complete_images_only = serializers.BooleanField(required=False, default=False)


class ReleaseCountsSerializer(serializers.Serializer[Any]):
    images = serializers.IntegerField()
    faces = serializers.IntegerField(help_text="Accepted faces.")
    ignored = serializers.IntegerField(help_text="Faces that go out as ignore regions.")
    images_by_split = serializers.DictField(child=serializers.IntegerField(), required=False)
    faces_by_split = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text="Accepted faces; not in older releases."
    )


class ReleaseDownloadsSerializer(serializers.Serializer[Any]):
    native = serializers.CharField()
    coco = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=ReleaseState.choices)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)
    policy_version = serializers.IntegerField()
    complete_images_only = serializers.BooleanField()
    manifest = serializers.DictField()
    job = JobSerializer(allow_null=True)
    counts = ReleaseCountsSerializer(allow_null=True)
    downloads = ReleaseDownloadsSerializer(allow_null=True)


def release_json(release: Release) -> dict[str, Any]:
    """The Release of the contract; ``release_list`` and ``release_access`` fetch what it reads."""
    base = f"/api/v1/releases/{release.pk}/download"
    is_ready = release.state == ReleaseState.READY
    shaped: dict[str, Any] = ReleaseSerializer(
        {
            "id": release.pk,
            "number": release.number,
            "name": release.name,
            "state": release.shown_state,
            "created_at": release.created_at,
            "created_by": release.created_by.username if release.created_by else None,
            "policy_version": release.policy.version,
            "complete_images_only": release.complete_images_only,
            "manifest": release.manifest,
            "job": release.job,
            "counts": release.manifest.get("counts"),
            "downloads": {"native": f"{base}/native", "coco": f"{base}/coco"} if is_ready else None,
        }
    ).data
    return shaped
