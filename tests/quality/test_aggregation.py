"""Combining accepted labels again: what it changes, that it repeats, and that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import run_job
from annotator.quality.models import Aggregation
from annotator.quality.services.aggregating import (
    aggregation_run,
    aggregation_start,
    aggregation_undo_start,
)
from annotator.work.models import Gold, PassKind
from jfa_pipeline.core.policy import Policy
from tests.cast import Api, FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db


def policy(dataset: Dataset, **changes: Any) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        dataset=dataset, version=dataset.policy_versions.count() + 1, data=Policy(**changes).to_json()
    )
    dataset.policy = version
    dataset.save()
    return version


class Crowd:
    """Accepted faces with what people said of them, as labelling and blind checks leave them."""

    def __init__(self, dataset: Dataset, images: ImageFactory, faces: FaceFactory) -> None:
        self.dataset, self.images, self.faces = dataset, images, faces

    def face(
        self,
        people: Sequence[User],
        *,
        ages: Sequence[float] = (),
        genders: Sequence[str] = (),
        shifts: Sequence[float] = (),
        kinds: Sequence[str] = (),
    ) -> Face:
        """The first person annotates and is current, the others check; genders, ages and shifts in their order."""
        face = self.faces(self.images(self.dataset))
        for place, person in enumerate(people):
            labels = face_labels(gender=genders[place] if genders else "female")
            columns = Revision.columns_of(labels)
            if shifts:
                assert labels.landmarks is not None
                columns["landmarks"] = labels.landmarks + np.array([shifts[place], 0], dtype=np.float32)
            columns["age"] = ages[place] if ages else 30.0
            revision = Revision.objects.create(
                face=face,
                parent=face.current,
                kind=kinds[place] if kinds else ("check" if place else "annotate"),
                author=person,
                policy=self.dataset.policy,
                **columns,
            )
            if not place:
                face.current = revision
        face.state, face.accepted_policy = FaceState.ACCEPTED, self.dataset.policy
        face.closed_at = face.created_at
        face.save()
        return face


@pytest.fixture
def crowd(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Crowd:
    policy(dataset, blind_in_checks=("landmarks", "gender"))
    return Crowd(dataset, image_factory, face_factory)


def run(job: Job) -> dict[str, Any]:
    run_job(job.pk, "test", lambda attempt: aggregation_run(run=attempt))
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    result: dict[str, Any] = job.result
    return result


def aggregate(crowd: Crowd, admin: User, *, dry_run: bool = False) -> dict[str, Any]:
    return run(aggregation_start(dataset=crowd.dataset, actor=admin, reason="a better rule", dry_run=dry_run))


def test_it_makes_the_majority_of_blind_words_current(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    face = crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    result = aggregate(crowd, admin)
    face.refresh_from_db()
    assert face.current is not None
    assert (face.current.kind, face.current.gender) == (RevisionKind.AGGREGATE, "female")
    assert (result["changed"], result["words"]["gender"]) == (1, {"combined": 1, "differ": 1, "tied": 0})
    assert face.current.made_by == f"aggregation {result['aggregation']}"


def test_it_leaves_a_tie_and_what_was_shown_to_the_checker(
    crowd: Crowd, admin: User, ann1: User, ann2: User
) -> None:
    tied = crowd.face([ann1, ann2], genders=["male", "female"])
    policy(crowd.dataset)
    shown = crowd.face([ann1, ann2], genders=["male", "female"])
    result = aggregate(crowd, admin)
    assert result["words"]["gender"] == {"combined": 1, "differ": 0, "tied": 1}
    for face in (tied, shown):
        face.refresh_from_db()
        assert face.current is not None
        assert face.current.gender == "male"


def test_it_leaves_what_an_adjudicator_decided(
    crowd: Crowd, admin: User, ann1: User, ann2: User, adjudicator: User
) -> None:
    face = crowd.face([ann1, ann2], genders=["male", "male"])
    face.current = Revision.objects.create(
        face=face, kind=RevisionKind.ADJUDICATE, author=adjudicator, **Revision.columns_of(face_labels())
    )
    face.save()
    assert aggregate(crowd, admin)["changed"] == 0


def test_it_makes_the_median_of_blind_points_current(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    face = crowd.face([ann1, ann2, ann3], shifts=[0.0, 1.0, 2.0])
    aggregate(crowd, admin)
    face.refresh_from_db()
    base = face_labels().landmarks
    assert face.current is not None
    assert base is not None
    assert face.current.landmarks == pytest.approx(base + np.array([1.0, 0.0]), abs=1e-3)


def test_it_gives_nothing_new_the_second_time(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"], shifts=[0.0, 1.0, 3.0])
    crowd.face([ann1, ann2, ann3], ages=[20.0, 25.0, 33.0])
    first, versions = aggregate(crowd, admin), Revision.objects.count()
    second = aggregate(crowd, admin)
    assert (first["changed"], first["ages_changed"]) == (1, 2)
    assert (second["changed"], second["ages_changed"]) == (0, 0)
    assert Revision.objects.count() == versions


def test_it_counts_without_writing(crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User) -> None:
    face = crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    versions = Revision.objects.count()
    result = aggregate(crowd, admin, dry_run=True)
    assert (result["would_change"], result["dry_run"]) == (1, True)
    assert Revision.objects.count() == versions
    assert not Aggregation.objects.exists()
    face.refresh_from_db()
    assert face.age_corrected is None


def test_it_lets_the_one_who_proved_right_outweigh_two_by_dawid_and_skene(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User, ann4: User
) -> None:
    """On twelve faces ann1 and ann4 agree while ann2 and ann3 say the same word whatever they see."""
    policy(crowd.dataset, blind_in_checks=("gender",), attributes_by="dawid_skene")
    for number in range(12):
        true = "male" if number % 2 else "female"
        crowd.face([ann1, ann4, ann2, ann3], genders=[true, true, "female", "female"])
    face = crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    aggregate(crowd, admin)
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.gender == "male"


def test_it_writes_ages_freed_of_biases_beside_the_plain_mean(
    crowd: Crowd, dataset: Dataset, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    """Two of three people guess 6 years older, and gold says who: the corrected mean is near the truth."""
    random = np.random.default_rng(3)
    faces = []
    for number in range(40):
        truth = 20.0 + number
        noise = random.normal(0, 0.5, 3)
        face = crowd.face(
            [ann1, ann2, ann3], ages=[truth + noise[0], truth + 6 + noise[1], truth + 6 + noise[2]]
        )
        Face.objects.filter(pk=face.pk).update(age_mean=truth + 4)
        faces.append((face, truth))
        if number % 4 == 0:
            trusted = Revision.objects.create(
                face=face, kind=RevisionKind.PLANTED, **Revision.columns_of(face_labels(age=truth))
            )
            Gold.objects.create(
                dataset=dataset, kind=PassKind.ANNOTATE, image=face.image, face=face, truth=trusted
            )
    result = aggregate(crowd, admin)
    bias = {person["person"]: person["bias_years"] for person in result["people"]}
    assert bias == pytest.approx({ann1.pk: 0, ann2.pk: 6, ann3.pk: 6}, abs=0.5)
    for face, truth in faces:
        face.refresh_from_db()
        assert face.age_mean == truth + 4
        assert face.age_corrected == pytest.approx(truth, abs=1.5)
        assert face.age_corrected_error is not None
        assert face.age_corrected_error < 1


def test_it_can_be_taken_back_as_a_whole(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    face = crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    before = face.current_id
    result = aggregate(crowd, admin)
    aggregation = Aggregation.objects.get(pk=result["aggregation"])
    undone = run(aggregation_undo_start(aggregation=aggregation, actor=admin, reason="too early"))
    face.refresh_from_db()
    aggregation.refresh_from_db()
    assert (face.current_id, face.age_corrected) == (before, None)
    assert (undone["restored"], undone["left"]) == (1, 0)
    assert aggregation.undone_by == admin


def test_it_leaves_what_was_worked_on_since(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    kept = crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    result = aggregate(crowd, admin)
    newer = Revision.objects.create(
        face=kept, kind=RevisionKind.RESTORE, author=admin, **Revision.columns_of(face_labels())
    )
    Face.objects.filter(pk=kept.pk).update(current=newer)
    aggregation = Aggregation.objects.get(pk=result["aggregation"])
    undone = run(aggregation_undo_start(aggregation=aggregation, actor=admin, reason="too early"))
    assert (undone["restored"], undone["left"]) == (1, 1)
    kept.refresh_from_db()
    assert kept.current == newer


def test_it_is_an_act_of_an_admin_with_a_reason(
    crowd: Crowd, dataset: Dataset, api: Api, admin: User, adjudicator: User, ann1: User, ann2: User
) -> None:
    crowd.face([ann1, ann2])
    path = f"/api/v1/datasets/{dataset.pk}/aggregations"
    assert api(adjudicator).post(path, {"dry_run": True}, format="json").status_code == 403
    assert api(admin).post(path, {"dry_run": False}, format="json").json()["code"] == "reason_missing"
    started = api(admin).post(path, {"dry_run": False, "reason": "more people"}, format="json")
    assert started.status_code == 202
    again = api(admin).post(path, {"dry_run": True}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "aggregation_running")
    assert AuditEntry.objects.get(verb="aggregation.start").actor == admin
    run(Job.objects.get(pk=started.json()["id"]))
    listed = api(admin).get(path).json()
    (row,) = listed["results"]
    assert (row["reason"], row["undone_at"], listed["running"]) == ("more people", None, None)
    assert {person["name"] for person in row["figures"]["people"]} == {"Ann1", "Ann2"}
    undo = f"/api/v1/aggregations/{row['id']}/undo"
    assert api(adjudicator).post(undo, {"reason": "x"}, format="json").status_code == 403
    undone = api(admin).post(undo, {"reason": "wrong policy"}, format="json")
    run(Job.objects.get(pk=undone.json()["id"]))
    assert api(admin).post(undo, {"reason": "again"}, format="json").json()["code"] == "aggregation_undone"


def test_it_goes_on_with_the_same_aggregation_after_an_interruption(
    crowd: Crowd, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    crowd.face([ann1, ann2, ann3], genders=["male", "female", "female"])
    job = aggregation_start(dataset=crowd.dataset, actor=admin, reason="a better rule", dry_run=False)
    begun = Aggregation.objects.create(
        dataset=crowd.dataset,
        rule={"job": job.pk, "reason": "x", "attributes_by": "majority", "policy_version": 2},
    )
    assert run(job)["aggregation"] == begun.pk
    assert Aggregation.objects.count() == 1
