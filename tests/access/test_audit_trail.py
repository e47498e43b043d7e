"""Every action of those who run a dataset, and every download, leaves an entry in its audit trail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, FaceState, Revision
from annotator.images.models import Image
from annotator.images.services.portions import portion_store
from annotator.jobs.models import Job, JobState
from annotator.learning.models import ModelState, ModelVersion, Promotion
from annotator.quality.models import Aggregation, GuideExample, TutorialFace
from annotator.releases.models import Release, ReleaseState
from annotator.training.models import RunPhase, TrainingRun
from annotator.work.models import Gold
from tests.access.test_permissions import ADMIN, DECIDERS, SUPERUSER, TABLE
from tests.access.world import World, make_world
from tests.cast import Api, FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db

RUNNING_IT = (ADMIN, DECIDERS, SUPERUSER)
DOWNLOAD = re.compile(r"\.csv$|/download")


@dataclass(frozen=True)
class Action:
    """verb: of the entry that the request leaves. body: what is sent. before: what has to be so for it to work."""

    verb: str
    body: Callable[[World], Any] = lambda world: {}
    before: Callable[[World], None] = lambda world: None


def _accepted(world: World) -> None:
    face = Face.objects.get(pk=world.ids["face_id"])
    made = Revision.objects.create(face=face, kind="adjudicate", **Revision.columns_of(face_labels()))
    Face.objects.filter(pk=face.pk).update(
        state=FaceState.ACCEPTED,
        current=made,
        accepted_policy=Dataset.objects.get(pk=world.ids["dataset_id"]).policy,
        closed_at=made.created_at,
    )
    face.work_items.update(state="done")


def _free(world: World) -> None:
    """Accepted, and neither gold nor shown anywhere."""
    _accepted(world)
    for shown in (Gold, TutorialFace, GuideExample):
        shown.objects.all().delete()


def _other_version(world: World) -> None:
    _accepted(world)
    face = Face.objects.get(pk=world.ids["face_id"])
    made = Revision.objects.create(face=face, kind="aggregate", **Revision.columns_of(face_labels()))
    Face.objects.filter(pk=face.pk).update(current=made)


def _restore(world: World) -> dict[str, Any]:
    face = Face.objects.get(pk=world.ids["face_id"])
    version = Revision.objects.get(face=face, kind="adjudicate")
    return {"revision": version.pk, "base_revision": face.current_id, "reason": "Better."}


def _release_files(world: World) -> None:
    default_storage.save("releases/x/coco/annotations.json", ContentFile(b"{}"))
    Release.objects.filter(pk=world.ids["release_id"]).update(state=ReleaseState.READY, folder="releases/x")


def _model_file(world: World) -> None:
    path = default_storage.save("models/x.pt", ContentFile(b"weights"))
    ModelVersion.objects.filter(pk=world.ids["model_id"]).update(
        file=path,
        bytes=7,
        sha256=hashlib.sha256(b"weights").hexdigest(),
        stages=["S1", "S2", "S3", "S4"],
    )


def _champion(world: World) -> None:
    _model_file(world)
    champion = ModelVersion.objects.get(pk=world.ids["model_id"])
    ModelVersion.objects.filter(pk=champion.pk).update(state=ModelState.CHAMPION)
    Promotion.objects.create(dataset=champion.dataset, model=champion, reason="Better.")


def _waiting_run(world: World) -> None:
    TrainingRun.objects.filter(pk=world.ids["run_id"]).update(phase=RunPhase.WAITING_RELEASE)


def _paused(world: World) -> None:
    Membership.objects.filter(pk=world.ids["membership_id"]).update(
        paused_at=timezone.now(), pause_reason="Too fast."
    )


def _aggregation(world: World) -> None:
    Aggregation.objects.filter(pk=world.ids["aggregation_id"]).update(finished_at=timezone.now())


def _failed_job(world: World) -> None:
    Job.objects.filter(pk=world.ids["job_id"]).update(state=JobState.FAILED)


def _waiting_image(world: World) -> None:
    Image.objects.filter(pk=world.ids["image_id"]).update(prelabelled_at=None)


def _portion(world: World) -> None:
    actor = world.people[Role.ADMIN]
    assert isinstance(actor, User)
    portion_store(
        dataset=Dataset.objects.get(pk=world.ids["dataset_id"]),
        actor=actor,
        upload=UUID(world.ids["upload"]),
        portion=0,
        files=[SimpleUploadedFile("a.jpg", b"picture")],
        names=["a.jpg"],
        pieces=[],
    )


def _policy(world: World) -> dict[str, Any]:
    policy = Dataset.objects.get(pk=world.ids["dataset_id"]).policy
    assert policy is not None
    return {"data": {**policy.complete, "checks": 1}, "comment": "One is enough", "base_version": 1}


AUDITED: dict[str, Action] = {
    "POST datasets": Action("dataset.created", lambda _: {"name": "Another"}),
    "PUT datasets/<dataset_id>/policy": Action("policy.published", _policy),
    "POST datasets/<dataset_id>/people": Action(
        "member.added", lambda _: {"username": "newcomer", "role": "annotator"}
    ),
    "PATCH people/<membership_id>": Action("member.changed", lambda _: {"role": "researcher"}),
    "POST people/<membership_id>/reset-password": Action("password.reset"),
    "POST datasets/<dataset_id>/imports": Action(
        "import_create", lambda _: {"files": SimpleUploadedFile("a.jpg", b"picture"), "licence": "CC0"}
    ),
    "POST datasets/<dataset_id>/uploads/<upload>/finish": Action(
        "import_create", lambda _: {"portions": 1, "licence": "CC0"}, _portion
    ),
    "PATCH images/<image_id>": Action("image_provenance", lambda _: {"licence": "CC0"}),
    "POST images/<image_id>/verdict": Action(
        "image_rejected", lambda _: {"verdict": "rejected", "reason": "Blank."}
    ),
    "PATCH faces/<face_id>/provenance": Action("face.provenance", lambda _: {"consent": "signed"}),
    "POST near-duplicates/<pair_id>/decide": Action("near_duplicate_decide", lambda _: {"decision": "keep"}),
    "POST faces/<face_id>/reopen": Action("face.reopened", lambda _: {"reason": "Look again."}, _accepted),
    "POST datasets/<dataset_id>/faces/bulk": Action(
        "bulk.reopen",
        lambda world: {"ids": [world.ids["face_id"]], "action": "reopen", "reason": "Look again."},
        _accepted,
    ),
    "POST datasets/<dataset_id>/deliveries": Action("delivery.created", lambda _: {"name": "Spring"}),
    "PATCH deliveries/<delivery_id>": Action("delivery.changed", lambda _: {"name": "Summer"}),
    "POST deliveries/<delivery_id>/images": Action(
        "bulk.deliver", lambda world: {"images": {"ids": [world.ids["image_id"]]}}
    ),
    "POST people/<membership_id>/pause": Action("member.paused", lambda _: {"reason": "Too fast."}),
    "POST people/<membership_id>/resume": Action("member.resumed", lambda _: {"note": "We spoke."}, _paused),
    "POST datasets/<dataset_id>/gold": Action(
        "gold.made", lambda world: {"face_ids": [world.ids["face_id"]], "kind": "check"}, _free
    ),
    "POST datasets/<dataset_id>/tutorial/faces": Action(
        "tutorial.added", lambda world: {"face_ids": [world.ids["face_id"]]}, _free
    ),
    "PATCH tutorial/<tutorial_face_id>": Action("tutorial.changed", lambda _: {"is_active": False}),
    "PUT datasets/<dataset_id>/guide": Action("guide.written", lambda _: {"text": "Hats off."}),
    "POST datasets/<dataset_id>/guide/examples": Action(
        "guide.example_added",
        lambda world: {"face_id": world.ids["face_id"], "is_right": False, "sentence": "The chin is cut."},
        _free,
    ),
    "DELETE guide-examples/<example_id>": Action("guide.example_removed"),
    "PATCH gold/<gold_id>": Action("gold.changed", lambda _: {"note": "Clear."}),
    "POST datasets/<dataset_id>/aggregations": Action(
        "aggregation.start", lambda _: {"dry_run": False, "reason": "New people."}
    ),
    "POST aggregations/<aggregation_id>/undo": Action(
        "aggregation.undo", lambda _: {"reason": "Worse."}, _aggregation
    ),
    "POST faces/<face_id>/restore": Action("face.restored", _restore, _other_version),
    "POST datasets/<dataset_id>/prelabel": Action("prelabel.started", before=_waiting_image),
    "POST jobs/<job_id>/cancel": Action("job_cancel"),
    "POST jobs/<job_id>/retry": Action("job_retry", before=_failed_job),
    "POST datasets/<dataset_id>/releases": Action("release.created", lambda _: {"name": "First"}, _accepted),
    "POST datasets/<dataset_id>/training-runs": Action("training.created", before=_accepted),
    "PUT datasets/<dataset_id>/training-settings": Action(
        "training.settings", lambda _: {"auto_promote": True}
    ),
    "POST training-runs/<run_id>/cancel": Action("training.cancelled", before=_waiting_run),
    "POST models/<model_id>/promote": Action("model.promoted", lambda _: {"reason": "Better."}, _model_file),
    "POST datasets/<dataset_id>/champion/rollback": Action(
        "model.rolled_back", lambda _: {"reason": "Worse."}, _champion
    ),
    "GET datasets/<dataset_id>/audit.csv": Action("download"),
    "GET datasets/<dataset_id>/views.csv": Action("download"),
    "GET datasets/<dataset_id>/progress.csv": Action("download"),
    "GET datasets/<dataset_id>/agreement.csv": Action("download"),
    "GET datasets/<dataset_id>/economy.csv": Action("download"),
    "GET imports/<import_id>/report.csv": Action("download"),
    "GET models/<model_id>/download": Action("download", before=_model_file),
    "GET releases/<release_id>/download/native": Action("download", before=_release_files),
    "GET releases/<release_id>/download/coco": Action("download", before=_release_files),
}

UNCHANGING: set[str] = {
    # Figures are counted again from what is there.
    "POST datasets/<dataset_id>/quality",
    "POST datasets/<dataset_id>/agreement",
    # Bytes that nobody sees before the upload is finished, which is noted.
    "POST datasets/<dataset_id>/uploads/<upload>/portions/<portion>",
}
"""Requests of those who run a dataset that only compute something; each with its reason."""


def to_be_audited() -> set[str]:
    """Of the addresses that the permission table knows (all that are served): actions of admins and downloads."""
    actions = {entry for entry, rule in TABLE.items() if rule in RUNNING_IT and not entry.startswith("GET ")}
    downloads = {entry for entry in TABLE if entry.startswith("GET ") and DOWNLOAD.search(entry)}
    return actions | downloads


def test_it_knows_every_action_and_download() -> None:
    assert to_be_audited() - UNCHANGING == set(AUDITED)


@pytest.fixture
def world(
    dataset: Dataset, other_dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> World:
    return make_world(dataset, other_dataset, image_factory, face_factory)


@pytest.mark.parametrize("entry", sorted(AUDITED))
def test_it_leaves_an_entry(entry: str, api: Api, world: World) -> None:
    action = AUDITED[entry]
    method, address = entry.split(" ")
    actor = world.people["superuser" if TABLE.get(entry) == SUPERUSER else Role.ADMIN]
    assert isinstance(actor, User)
    action.before(world)
    body = action.body(world)
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    path = "/api/v1/" + re.sub(r"<(\w+)>", lambda found: str(world.ids[found[1]]), address)
    kind = "multipart" if address.endswith("/imports") else "json"
    call = getattr(api(actor), method.lower())
    answer = call(path) if method == "GET" else call(path, body, format=kind)
    said = b"(a stream)" if answer.streaming else answer.content
    assert answer.status_code < 300, said
    entries = AuditEntry.objects.filter(id__gt=last)
    assert action.verb in set(entries.values_list("verb", flat=True)), list(entries.values())
    found = entries.filter(verb=action.verb).latest("id")
    assert found.actor == actor
    if "<" in address:
        assert found.dataset_id == world.ids["dataset_id"]


@pytest.mark.parametrize(
    "change", ["UPDATE accounts_auditentry SET verb = 'nothing'", "DELETE FROM accounts_auditentry"]
)
def test_it_cannot_be_changed_afterwards(change: str, api: Api, world: World) -> None:
    api(world.people[Role.ADMIN]).patch(
        f"/api/v1/faces/{world.ids['face_id']}/provenance", {"consent": "signed"}, format="json"
    )
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
