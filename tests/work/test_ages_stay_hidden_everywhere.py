"""While a face still needs people, no address of the API tells anybody an age that somebody else gave it.

Every reading address of the permission table is asked as every person, so a new address is asked as well.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, FaceNote, FaceState
from annotator.faces.selectors import made_by_person
from annotator.faces.services import revision_create
from annotator.images.models import Import, NearDuplicate
from annotator.jobs.models import Job, JobKind
from annotator.learning.models import ModelVersion
from annotator.releases.models import Release
from annotator.training.models import TrainingRun
from annotator.work.services.reopening import face_reopen
from tests.access.test_permissions import TABLE
from tests.access.world import make_model_and_run
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desks

BOX = (100, 100, 300, 340)
AGES = {"model": 61.4375, "ann1": 62.4375, "ann2": 63.4375, "ann3": 64.4375}


@pytest.fixture
def face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    earlier, image = image_factory(dataset), image_factory(dataset, sweep=True)
    NearDuplicate.objects.create(dataset=dataset, earlier=earlier, later=image, distance=3)
    return face_factory(image, BOX, labels=face_labels(BOX, age=AGES["model"], ethnicity=None))


@pytest.fixture
def everybody(
    admin: User, adjudicator: User, researcher: User, ann1: User, ann2: User, ann3: User, superuser: User
) -> list[User]:
    return [admin, adjudicator, researcher, ann1, ann2, ann3, superuser]


def told(text: str) -> set[str]:
    """Whose ages a text holds, as numbers or in words."""
    return {
        who
        for who, age in AGES.items()
        if str(age) in text or re.search(rf"age[^\"]{{0,20}}\b{int(age)}\b", text)
    }


def look_everywhere(api: Api, face: Face, people: list[User]) -> None:
    """Ask every reading address as everybody; nobody may find an age but their own."""
    job = Job.objects.create(dataset=face.dataset, kind=JobKind.IMPORT, task="images.run_import")
    release = Release.objects.create(dataset=face.dataset, number=1, policy=face.dataset.policy)
    model, run = make_model_and_run(release)
    ids: dict[str, Any] = {
        "dataset_id": face.dataset_id,
        "image_id": face.image_id,
        "face_id": face.pk,
        "job_id": job.pk,
        "import_id": Import.objects.create(dataset=face.dataset, source="x", job=job).pk,
        "release_id": release.pk,
        "model_id": model.pk,
        "run_id": run.pk,
        "membership_id": Membership.objects.get(dataset=face.dataset, user__username="ann1").pk,
    }
    for person in people:
        if person.username in AGES and made_by_person(person.pk, face=face).exists():
            FaceNote.objects.create(
                dataset=face.dataset, face=face, author=person, text=f"About {AGES[person.username]}?"
            )
    reading = [entry.removeprefix("GET ") for entry in TABLE if entry.startswith("GET ")]
    assert len(reading) > 25
    for person in people:
        client = api(person)
        for address in reading:
            path = re.sub(r"<(\w+)>", lambda name: str(ids[name.group(1)]), address)
            answer = client.get(f"/api/v1/{path}")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # the test client's answers have both
            if not answer.get("Content-Type", "").startswith("image/"):
                assert told(content.decode()) <= {person.username}, (person.username, address)
        claimed = client.post(f"/api/v1/datasets/{face.dataset_id}/work/claim", {"count": 5}, format="json")
        assert told(claimed.content.decode()) <= {person.username}, (person.username, "claim")
        for item in claimed.json().get("items", []):
            freed = {"token": item["lease"]["token"]}
            assert client.post(f"/api/v1/work/{item['id']}/release", freed, format="json").status_code == 204


def forget_releases() -> None:
    TrainingRun.objects.all().delete()
    ModelVersion.objects.all().delete()
    Release.objects.all().delete()


def test_it_hides_the_ages_of_a_face_that_waits_is_checked_or_disputed(
    api: Api, face: Face, everybody: list[User], desk: Desks, ann1: User, ann2: User
) -> None:
    look_everywhere(api, face, everybody)
    status, _ = desk(ann1).submit(desk(ann1).next(kinds=["annotate"]), face_labels(BOX, age=AGES["ann1"]))
    assert status == 200
    forget_releases()
    look_everywhere(api, face, everybody)
    other = face_labels((140, 100, 380, 340), age=AGES["ann2"], gender="male")
    status, answer = desk(ann2).submit(desk(ann2).next(kinds=["check"]), other)
    assert (status, answer["state"]) == (200, "disputed")
    forget_releases()
    look_everywhere(api, face, everybody)


def test_it_hides_them_again_in_a_round_after_a_reopening(
    api: Api, face: Face, everybody: list[User], desk: Desks, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).submit(desk(ann1).next(kinds=["annotate"]), face_labels(BOX, age=AGES["ann1"]))
    for person in (ann2, ann3):
        desk(person).accept(age=AGES[person.username])
    face.refresh_from_db()
    assert face.state == FaceState.ACCEPTED
    face_reopen(face=face, actor=admin, reason="look again")
    look_everywhere(api, face, everybody)


def test_it_hides_them_in_the_answer_to_a_stale_save(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next(kinds=["annotate"])
    face.current = revision_create(
        face=face,
        labels=face_labels(BOX, age=AGES["ann2"]),
        kind="annotate",  # type: ignore[arg-type]  # a TextChoices member and its text are equal
        base_revision=item["face"]["base_revision"],
        author=ann2,
        policy_version=face.dataset.policy,  # type: ignore[arg-type]  # every dataset of the cast has one
    )
    face.save(update_fields=["current"])
    status, answer = desk(ann1).submit(item, face_labels(BOX, age=AGES["ann1"]))
    assert (status, answer["code"]) == (409, "stale_base")
    assert told(str(answer)) == {"ann1"}


def test_it_would_notice() -> None:
    assert told('{"age": 61.4375}') == {"model"}
    assert told('{"text": "age 30 → 63"}') == {"ann2"}
    assert told('{"box": [62.0, 63.1, 64.5, 1]}') == set()
