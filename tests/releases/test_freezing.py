"""A release holds the accepted faces of one moment; every other face of those images is an ignore region."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Verdict
from annotator.jobs.models import Job, JobKind, JobState
from annotator.releases.models import Release, ReleaseFace
from annotator.releases.services.freezing import release_create
from tests.cast import FaceFactory, ImageFactory

pytestmark = pytest.mark.django_db


def frozen(release: Release) -> dict[int, bool]:
    return dict(
        ReleaseFace.objects.filter(release=release).order_by("pk").values_list("face_id", "is_ignored")
    )


def test_it_freezes_accepted_faces_and_ignores_the_rest_of_their_images(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    accepted = face_factory(
        image,
        state="accepted",
        age_mean=31.5,
        age_sd=0.7,
        age_n=3,
        age_corrected=29.0,
        age_corrected_error=1.2,
    )
    waiting = face_factory(image, (300, 100, 400, 220))
    small = face_factory(image, (10, 10, 30, 30), state="too_small")
    face_factory(image, (500, 10, 560, 80), state="rejected")
    face_factory(image_factory(dataset))
    release = release_create(dataset=dataset, actor=admin)
    assert frozen(release) == {accepted.pk: False, waiting.pk: True, small.pk: True}
    assert release.manifest == {
        "counts": {
            "images": 1,
            "faces": 1,
            "ignored": 2,
            "images_by_split": {"train": 1},
            "faces_by_split": {"train": 1},
            "subjects_in_several_splits": 0,
        }
    }
    row = ReleaseFace.objects.get(release=release, face=accepted)
    assert (row.revision_id, row.age_mean, row.age_sd, row.age_n) == (accepted.current_id, 31.5, 0.7, 3)
    assert (row.age_corrected, row.age_corrected_error) == (29.0, 1.2)


def test_it_keeps_the_revisions_of_that_moment(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset), state="accepted")
    release = release_create(dataset=dataset, actor=admin)
    before = face.current_id
    face.current = face_factory(image_factory(dataset)).current
    face.save()
    assert ReleaseFace.objects.get(release=release).revision_id == before


def test_it_orders_the_rows_image_by_image(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    first, second = image_factory(dataset), image_factory(dataset)
    made = [(image, face_factory(image, state="accepted")) for image in (first, second, first, second)]
    release = release_create(dataset=dataset, actor=admin)
    expected = [face.pk for wanted in (first, second) for image, face in made if image == wanted]
    assert list(frozen(release)) == expected


def test_it_leaves_out_images_with_a_verdict_and_other_datasets(
    dataset: Dataset,
    other_dataset: Dataset,
    admin: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    kept = face_factory(image_factory(dataset), state="accepted")
    face_factory(image_factory(dataset, verdict=Verdict.QUARANTINED), state="accepted")
    face_factory(image_factory(other_dataset), state="accepted")
    assert list(frozen(release_create(dataset=dataset, actor=admin))) == [kept.pk]


def test_it_can_leave_out_images_that_are_not_complete(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    now = timezone.now()
    complete = image_factory(dataset, swept_at=now)
    inside = [face_factory(complete, state=state) for state in ("accepted", "too_small", "rejected")]
    in_work = image_factory(dataset, swept_at=now)
    face_factory(in_work, state="accepted")
    face_factory(in_work)
    face_factory(image_factory(dataset), state="accepted")
    release = release_create(dataset=dataset, complete_images_only=True, actor=admin)
    assert frozen(release) == {inside[0].pk: False, inside[1].pk: True}


@pytest.mark.parametrize("complete_only", [False, True])
def test_it_refuses_when_nothing_is_accepted(
    dataset: Dataset,
    admin: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    complete_only: bool,
) -> None:
    face_factory(image_factory(dataset))
    with pytest.raises(Invalid) as refused:
        release_create(dataset=dataset, complete_images_only=complete_only, actor=admin)
    assert refused.value.code == "nothing_accepted"
    assert not Release.objects.exists()
    assert not Job.objects.exists()


def test_it_numbers_releases_and_starts_a_job_for_each(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face_factory(image_factory(dataset), state="accepted")
    made = [release_create(dataset=dataset, name=f" v{n} ", actor=admin) for n in (1, 2)]
    assert [(r.number, r.name, r.shown_state) for r in made] == [(1, "v1", "building"), (2, "v2", "building")]
    for release in made:
        assert release.job is not None
        assert (release.job.kind, release.job.params) == (JobKind.RELEASE, {"release": release.pk})
    assert AuditEntry.objects.filter(verb="release.created", actor=admin).count() == 2


def test_it_shows_a_release_as_failed_when_its_job_ended_without_files(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face_factory(image_factory(dataset), state="accepted")
    release = release_create(dataset=dataset, actor=admin)
    assert release.job is not None
    for state, shown in (
        (JobState.FAILED, "failed"),
        (JobState.CANCELLED, "failed"),
        (JobState.QUEUED, "building"),
    ):
        release.job.state = state
        assert release.shown_state == shown
