"""Questions about a face: who may ask, who sees what, and that an answer arrives."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceNote, FaceState, Revision, RevisionKind
from annotator.work.models import Gold, PassKind, WorkItem
from tests.cast import Api, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


class Notes:
    """One person's questions and answers over HTTP."""

    def __init__(self, client: Any, dataset: Dataset) -> None:
        self.client = client
        self.dataset = dataset

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api/v1/{path}", body, format="json")

    def ask(self, face: Face, text: str = "Is this a scar?") -> int:
        answer = self.post(f"faces/{face.pk}/notes", {"text": text})
        assert answer.status_code == 201, answer.json()
        return int(answer.json()["results"][-1]["id"])

    def answer(self, question: int, text: str = "Yes.") -> dict[str, Any]:
        answer = self.post(f"questions/{question}/answers", {"text": text})
        assert answer.status_code == 201, answer.json()
        shaped: dict[str, Any] = answer.json()
        return shaped

    def of(self, face: Face) -> list[dict[str, Any]]:
        answer = self.client.get(f"/api/v1/faces/{face.pk}/notes")
        assert answer.status_code == 200, answer.json()
        threads: list[dict[str, Any]] = answer.json()["results"]
        return threads

    def counts(self) -> tuple[int | None, int]:
        answer = self.client.get(f"/api/v1/datasets/{self.dataset.pk}/questions/count").json()
        return answer["open_questions"], answer["unseen_answers"]

    def feedback(self) -> dict[str, Any]:
        shaped: dict[str, Any] = self.client.get(f"/api/v1/datasets/{self.dataset.pk}/work/feedback").json()
        return shaped


@pytest.fixture
def notes(api: Api, dataset: Dataset) -> Any:
    return lambda user: Notes(api(user), dataset)


@pytest.fixture
def gold_item(dataset: Dataset, face: Face, ann2: User) -> WorkItem:
    """``face`` is accepted, and ann2 is tested with it: a lease on a gold item, or an answer to it."""
    truth = Revision.objects.create(
        face=face, kind=RevisionKind.ADJUDICATE, **Revision.columns_of(face_labels())
    )
    gold = Gold.objects.create(
        dataset=dataset, kind=PassKind.ANNOTATE, image=face.image, face=face, truth=truth
    )
    WorkItem.objects.filter(face=face).update(state="done")
    Face.objects.filter(pk=face.pk).update(
        state=FaceState.ACCEPTED, accepted_policy=dataset.policy, closed_at=truth.created_at
    )
    return WorkItem.objects.create(
        dataset=dataset,
        image=face.image,
        face=face,
        kind=PassKind.ANNOTATE,
        gold=gold,
        reserved_for=ann2,
        leased_to=ann2,
        lease_token="6b3c6d1e-1111-4111-8111-111111111111",
        leased_until=truth.created_at,
    )


def test_it_lets_ask_who_works_or_worked_on_the_face(
    face: Face, desk: Desks, notes: Any, ann1: User, ann2: User, adjudicator: User, researcher: User
) -> None:
    refused = notes(ann1).post(f"faces/{face.pk}/notes", {"text": "?"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_face")
    item = desk(ann1).next()
    notes(ann1).ask(face)
    assert desk(ann1).submit(item, face_labels())[0] == 200
    notes(ann1).ask(face, "And this?")
    notes(adjudicator).ask(face, "Who drew this?")
    assert len(notes(ann1).of(face)) == 3
    for stranger in (ann2, researcher):
        assert notes(stranger).client.get(f"/api/v1/faces/{face.pk}/notes").status_code == 403


def test_it_brings_the_answer_to_who_asked(
    face: Face, desk: Desks, notes: Any, ann1: User, adjudicator: User
) -> None:
    desk(ann1).next()
    question = notes(ann1).ask(face)
    assert (notes(adjudicator).counts(), notes(ann1).counts()) == ((1, 0), (None, 0))
    notes(adjudicator).answer(question, "It is a scar.")
    assert notes(ann1).counts() == (None, 1)
    told = notes(ann1).feedback()
    (thread,) = told["questions"]
    assert (thread["text"], thread["is_mine"], thread["unseen"]) == ("Is this a scar?", True, 1)
    (line,) = thread["answers"]
    assert (line["author"], line["text"]) == ("an adjudicator or admin", "It is a scar.")
    answer = notes(ann1).post(f"datasets/{face.dataset_id}/answers/seen", {"up_to": told["newest_answer"]})
    assert answer.json() == {"seen": 1}
    assert notes(ann1).counts() == (None, 0)
    assert notes(ann1).feedback()["questions"][0]["unseen"] == 0


def test_it_lets_colleagues_who_worked_on_the_face_answer_without_telling_who_they_are(
    face: Face, desk: Desks, notes: Any, ann1: User, ann2: User, admin: User
) -> None:
    desk(ann1).annotate()
    question = notes(ann1).ask(face, "Is he 40 or rather 60? Point 36 is hidden.")
    desk(ann2).next(kinds=["check"])
    (thread,) = notes(ann2).of(face)
    assert thread["author"] == "a colleague"
    assert thread["text"] == "Is he ·· or rather ··? Point 36 is hidden."
    notes(ann2).answer(question, "Rather sixty.")
    (thread,) = notes(ann1).of(face)
    assert thread["text"].startswith("Is he 40")
    assert [(line["author"], line["text"]) for line in thread["answers"]] == [("a colleague", "Rather ··.")]
    (thread,) = notes(admin).of(face)  # age is asked blind of admins too, while the face is in work
    assert (thread["author"], thread["answers"][0]["text"]) == ("Ann1", "Rather ··.")
    Face.objects.filter(pk=face.pk).update(state=FaceState.REJECTED)
    assert notes(admin).of(face)[0]["answers"][0]["text"] == "Rather sixty."


def test_it_closes_a_question_and_opens_it_with_the_askers_next_word(
    face: Face, desk: Desks, notes: Any, ann1: User, ann2: User, adjudicator: User
) -> None:
    desk(ann1).annotate()
    question = notes(ann1).ask(face)
    desk(ann2).next(kinds=["check"])
    refused = notes(ann2).post(f"questions/{question}/resolve", {"resolved": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_question")
    done = notes(adjudicator).post(f"questions/{question}/resolve", {"resolved": True}).json()
    assert done["resolved_at"] is not None
    assert notes(adjudicator).counts() == (0, 0)
    assert notes(ann1).answer(question, "But look at the left side.")["resolved_at"] is None
    assert notes(adjudicator).counts() == (1, 0)
    verbs = list(AuditEntry.objects.filter(target_id=face.pk).order_by("id").values_list("verb", flat=True))
    assert verbs == ["question.asked", "question.resolved", "question.answered"]


def test_it_does_not_tell_who_is_tested_that_others_know_the_face(
    face: Face, notes: Any, gold_item: WorkItem, ann2: User, adjudicator: User
) -> None:
    notes(adjudicator).ask(face, "Why is this face gold?")
    assert notes(ann2).of(face) == []
    question = notes(ann2).ask(face, "Is this a scar?")
    assert [thread["id"] for thread in notes(ann2).of(face)] == [question]
    assert len(notes(adjudicator).of(face)) == 2


def test_it_hides_the_question_of_a_tested_person_from_those_who_labelled_the_face(
    face: Face, desk: Desks, notes: Any, gold_item: WorkItem, ann1: User, ann2: User, adjudicator: User
) -> None:
    Revision.objects.create(
        face=face, kind=RevisionKind.ANNOTATE, author=ann1, **Revision.columns_of(face_labels())
    )
    gold_item.delete()
    Revision.objects.create(
        face=face, kind=RevisionKind.PLANTED, author=ann2, **Revision.columns_of(face_labels())
    )
    question = notes(ann2).ask(face)
    assert FaceNote.objects.get(pk=question).is_private
    assert notes(ann1).of(face) == []
    assert notes(ann1).post(f"questions/{question}/answers", {"text": "Hm."}).status_code == 404
    notes(adjudicator).answer(question, "Leave it out.")
    assert notes(ann2).feedback()["questions"][0]["answers"][0]["text"] == "Leave it out."


def test_it_lists_open_questions_for_those_who_run_the_dataset(
    face: Face, desk: Desks, notes: Any, ann1: User, adjudicator: User
) -> None:
    desk(ann1).next()
    first, second = (notes(ann1).ask(face, text) for text in ("First?", "Second?"))
    judge = notes(adjudicator)
    judge.post(f"questions/{first}/resolve", {"resolved": True})
    address = f"/api/v1/datasets/{face.dataset_id}/questions"

    def listed(state: str) -> list[int]:
        return [one["id"] for one in judge.client.get(f"{address}?state={state}").json()["results"]]

    assert (listed("open"), listed("resolved"), listed("all")) == ([second], [first], [second, first])
    assert notes(ann1).client.get(address).status_code == 403


def test_it_reads_a_page_of_questions_in_as_many_queries_as_one(
    face: Face,
    dataset: Dataset,
    notes: Any,
    ann1: User,
    adjudicator: User,
    django_assert_num_queries: Any,
) -> None:
    judge = notes(adjudicator)
    address = f"/api/v1/datasets/{dataset.pk}/questions"

    def add(count: int) -> None:
        for _ in range(count):
            asked = FaceNote.objects.create(dataset=dataset, face=face, author=ann1, text="?")
            FaceNote.objects.create(
                dataset=dataset, face=face, author=adjudicator, text=".", question=asked, addressee=ann1
            )

    add(1)
    with CaptureQueriesContext(connection) as one:
        judge.client.get(address)
    add(5)
    with django_assert_num_queries(len(one)):
        assert len(judge.client.get(address).json()["results"]) == 6


def test_it_counts_what_is_new_from_an_index(face: Face, ann1: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT count(*) FROM faces_facenote"
            " WHERE addressee_id = %s AND dataset_id = %s AND seen_at IS NULL",
            [ann1.pk, face.dataset_id],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "note_unseen" in plan


def test_it_refuses_an_empty_question(face: Face, notes: Any, adjudicator: User) -> None:
    assert notes(adjudicator).post(f"faces/{face.pk}/notes", {"text": "  "}).status_code == 422
    assert notes(adjudicator).post(f"faces/{face.pk}/notes", {"text": "x" * 1001}).status_code == 422
