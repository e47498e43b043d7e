"""One row of everything that has an address, for the permission tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, FaceNote, Revision, RevisionKind
from annotator.images.models import Import, NearDuplicate
from annotator.jobs.models import Job, JobKind
from annotator.learning.models import ModelVersion
from annotator.quality.models import Aggregation, GuideExample, TutorialFace
from annotator.releases.models import Release
from annotator.training.models import Preset, RunPhase, TrainingRun
from annotator.work.models import Delivery, Gold, PassKind, WorkItem
from tests.cast import FaceFactory, ImageFactory, face_labels, make_member, make_user


@dataclass(frozen=True)
class World:
    """``people``: who may ask, by role; ``ids``: what the names in addresses stand for."""

    people: dict[str, User | None]
    ids: dict[str, Any]


def make_world(
    dataset: Dataset, other_dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> World:
    """A dataset with a member of each role, an outsider, a superuser, somebody whose access was taken."""
    people: dict[str, User | None] = {role: make_member(dataset, f"the-{role}", role) for role in Role.values}
    former = make_member(dataset, "former-admin", Role.ADMIN)
    Membership.objects.filter(user=former).update(is_active=False)
    people |= {
        "anonymous": None,
        "outsider": make_member(other_dataset, "outsider", Role.ADMIN),
        "former": former,
        "superuser": make_user("root", is_superuser=True),
    }
    earlier, later = image_factory(dataset), image_factory(dataset)
    face: Face = face_factory(later)
    mine = Revision.objects.create(
        face=face,
        parent=face.current,
        kind=RevisionKind.ANNOTATE,
        author=people[Role.ANNOTATOR],
        **Revision.columns_of(face_labels()),
    )
    job = Job.objects.create(dataset=dataset, kind=JobKind.IMPORT, task="images.run_import")
    release = Release.objects.create(dataset=dataset, number=1, policy=dataset.policy)
    model, run = make_model_and_run(release)
    ids = {
        "upload": "0b2f4f6e-3f58-4b0e-9a55-0d5b7d6a4c11",
        "portion": 0,
        "dataset_id": dataset.pk,
        "image_id": later.pk,
        "face_id": face.pk,
        "item_id": WorkItem.objects.get(face=face).pk,
        "job_id": job.pk,
        "import_id": Import.objects.create(dataset=dataset, source="browser upload", job=job).pk,
        "delivery_id": Delivery.objects.create(dataset=dataset, name="First").pk,
        "pair_id": NearDuplicate.objects.create(dataset=dataset, earlier=earlier, later=later, distance=3).pk,
        "release_id": release.pk,
        "model_id": model.pk,
        "run_id": run.pk,
        "question_id": FaceNote.objects.create(
            dataset=dataset, face=face, author=people[Role.ADMIN], text="Is this the same point?"
        ).pk,
        "gold_id": Gold.objects.create(
            dataset=dataset, kind=PassKind.ANNOTATE, image=later, face=face, truth=mine
        ).pk,
        "tutorial_face_id": TutorialFace.objects.create(
            dataset=dataset, face=face, truth=mine, position=1
        ).pk,
        "example_id": GuideExample.objects.create(
            dataset=dataset, face=face, is_right=True, sentence="The points follow the jaw."
        ).pk,
        "aggregation_id": Aggregation.objects.create(
            dataset=dataset, rule={"attributes_by": "majority", "policy_version": 1, "reason": "New people."}
        ).pk,
        "membership_id": Membership.objects.get(user=people[Role.ANNOTATOR]).pk,
        "token_id": 1,
    }
    return World(people, ids)


def make_model_and_run(release: Release) -> tuple[ModelVersion, TrainingRun]:
    """Bare rows: a model without a file, and the ended run that would have made it."""
    model = ModelVersion.objects.create(
        dataset=release.dataset,
        number=1,
        name="m1",
        preset="fast",
        sha256="ab" * 32,
        file="models/x.pt",
        bytes=1,
    )
    run = TrainingRun.objects.create(
        dataset=release.dataset,
        number=1,
        phase=RunPhase.CANCELLED,
        release=release,
        stages=["S1"],
        preset=Preset.FAST,
        start="centerface",
    )
    return model, run
