"""A blind face: people see the box alone, everywhere, until its round is over; the server compares with the truth."""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.selectors import FaceFilter, face_facets, faces_matching
from annotator.jobs.models import Job, JobKind
from annotator.quality.models import FaceEconomy
from annotator.quality.services.economy import economy_count
from tests.access.test_permissions import TABLE
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db

BOX = (100, 100, 300, 340)
GUESSED = "model-guess"
"""The gender and ethnicity of the hidden pre-label: no answer may contain it."""


@pytest.fixture
def face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    labels = face_labels(BOX, gender=GUESSED, ethnicity=GUESSED, age=61.4375)
    assert labels.landmarks is not None
    labels.landmarks[:, 0] += 0.8125
    return face_factory(image_factory(dataset, sweep=True), labels=labels, is_blind=True)


def told(text: str) -> bool:
    """Whether a text holds the hidden attributes or any point of the hidden landmarks."""
    return GUESSED in text or re.search(r"\.8125\b", text) is not None


def look_everywhere(api: Api, face: Face, people: list[User]) -> None:
    """Every address of the permission table that is about a dataset, an image or a face, as everybody."""
    ids: dict[str, Any] = {"dataset_id": face.dataset_id, "image_id": face.image_id, "face_id": face.pk}
    reading = [
        entry.removeprefix("GET ")
        for entry in TABLE
        if entry.startswith("GET ") and set(re.findall(r"<(\w+)>", entry)) <= ids.keys()
    ]
    assert len(reading) > 15
    for person in people:
        client = api(person)
        for address in reading:
            path = re.sub(r"<(\w+)>", lambda name: str(ids[name.group(1)]), address)
            answer = client.get(f"/api/v1/{path}")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # the test client's answers have both
            if not answer.get("Content-Type", "").startswith("image/"):
                assert not told(content.decode()), (person.username, address)


def test_it_shows_the_annotator_the_box_alone(face: Face, desk: Desks, ann1: User) -> None:
    shown = desk(ann1).next(kinds=["annotate"])["face"]
    nothing = dict.fromkeys(("landmarks", "visibility", "age", "gender", "ethnicity"))
    assert shown["labels"] == {"box": list(BOX), "flags": [], **nothing}
    assert shown["prelabel"] == shown["labels"]
    assert (shown["blind"], shown["roll"]) == (True, 0.0)


def test_it_shows_other_faces_as_always(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    face_factory(image_factory(dataset))
    shown = desk(ann1).next()["face"]
    assert shown["blind"] is False
    assert shown["labels"]["landmarks"] is not None
    assert shown["prelabel"]["gender"] == "female"


def test_it_tells_nobody_the_pre_label_while_people_work_on_it(
    api: Api,
    face: Face,
    desk: Desks,
    admin: User,
    adjudicator: User,
    researcher: User,
    worker: User,
    ann1: User,
    ann2: User,
    superuser: User,
) -> None:
    Job.objects.create(dataset=face.dataset, kind=JobKind.IMPORT, task="images.run_import")
    people = [admin, adjudicator, researcher, worker, ann1, ann2, superuser]
    look_everywhere(api, face, people)
    status, _ = desk(ann1).submit(desk(ann1).next(kinds=["annotate"]), face_labels(BOX))
    assert status == 200
    look_everywhere(api, face, people)
    check = desk(ann2).next(kinds=["check"])
    assert check["face"]["labels"]["landmarks"] is not None
    assert not told(str(check))


def test_it_shows_the_pre_label_once_the_face_is_closed(
    api: Api, face: Face, desk: Desks, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).submit(desk(ann1).next(kinds=["annotate"]), face_labels(BOX))
    desk(ann2).accept()
    desk(ann3).accept()
    face.refresh_from_db()
    assert face.state == FaceState.ACCEPTED
    assert told(api(admin).get(f"/api/v1/faces/{face.pk}").content.decode())


def test_it_cannot_be_found_by_its_hidden_attributes(dataset: Dataset, face: Face) -> None:
    for wanted in (FaceFilter(gender=GUESSED), FaceFilter(ethnicity=GUESSED)):
        assert not faces_matching(dataset=dataset, wanted=wanted).exists()
    assert faces_matching(dataset=dataset, wanted=FaceFilter(gender="none")).get() == face
    _, facets = face_facets(dataset=dataset, wanted=FaceFilter())
    assert facets["gender"] == {"none": 1}


def test_it_does_not_tell_it_in_the_answer_to_a_stale_save(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next(kinds=["annotate"])
    newer = Revision.objects.create(
        face=face,
        kind=RevisionKind.PRELABEL,
        made_by="tfn m2",
        policy=face.dataset.policy,
        **Revision.columns_of(face_labels(BOX, gender=GUESSED)),
    )
    Face.objects.filter(pk=face.pk).update(current=newer, prelabel=newer)
    status, answer = desk(ann1).submit(item, face_labels(BOX))
    assert (status, answer["code"]) == (409, "stale_base")
    assert not told(str(answer))


def test_it_is_compared_with_the_true_pre_label(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).submit(desk(ann1).next(kinds=["annotate"]), face_labels(BOX), active_ms=9000)
    desk(ann2).accept()
    desk(ann3).accept()
    economy_count()
    row = FaceEconomy.objects.get()
    assert (row.is_blind, row.made_by, row.gender_changed) == (True, "packaged 1", True)
    assert row.nme_box_side == pytest.approx(0.8125 / (200 * 240) ** 0.5, rel=1e-4)
