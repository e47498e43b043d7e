"""Gold among ordinary work: nothing that an annotator can read tells which is which."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.kinds import Extra
from annotator.work.models import Gold, ItemState, Pass, PassKind, Skip, WorkItem
from annotator.work.selectors.blocked import blocked_list
from annotator.work.selectors.queue import waiting_count
from annotator.work.services.claiming import items_claim
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.quality.gold_cast import BOX, accepted_face, make_gold, policy_set
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db

IDS = re.compile(r"\d+")


@pytest.fixture
def gold_only(dataset: Dataset) -> None:
    """Each item that can be gold is: what is drawn does not hang on chance."""
    policy_set(dataset, gold_share=0.5)


@pytest.fixture(autouse=True)
def every_draw_is_gold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of one half of the draws becomes all of them."""
    monkeypatch.setattr("annotator.work.services.gold_items.secrets.randbelow", lambda top: 0)


def shape(value: Any) -> Any:
    """The keys and the kinds of values, with ids taken out of addresses."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    if isinstance(value, str) and value.startswith("/api/"):
        return IDS.sub("N", value)
    return type(value).__name__


@pytest.fixture
def gold_face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    return accepted_face(dataset, image_factory, face_factory)


@pytest.fixture
def waiting(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    """An ordinary face for first labels."""
    return face_factory(image_factory(dataset), BOX)


def to_check(face: Face, author: User) -> None:
    """Put an ordinary waiting face before its first check."""
    WorkItem.objects.filter(face=face).update(state=ItemState.DONE)
    face.current = Revision.objects.create(
        face=face,
        kind=RevisionKind.ANNOTATE,
        author=author,
        policy=face.dataset.policy,
        **Revision.columns_of(face_labels(BOX)),
    )
    face.state = FaceState.CHECKING
    face.save(update_fields=["current", "state"])
    WorkItem.objects.create(
        dataset=face.dataset, image=face.image, face=face, kind=PassKind.CHECK, pass_number=1
    )


def both(desk: Desk, dataset: Dataset, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ordinary item of a kind, given back, and the gold one that comes in its place."""
    ordinary = desk.next(kinds=[kind])
    assert desk.post(f"/work/{ordinary['id']}/release", {"token": ordinary["lease"]["token"]})[0] == 204
    policy_set(dataset, gold_share=0.5)
    gold = desk.next(kinds=[kind])
    assert WorkItem.objects.get(pk=gold["id"]).gold is not None
    return ordinary, gold


def test_it_looks_like_an_ordinary_face_for_first_labels(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    ordinary, gold = both(desk(ann1), dataset, "annotate")
    assert shape(gold) == shape(ordinary)
    for key in ("kind", "pass_number", "passes_total", "round"):
        assert gold[key] == ordinary[key]
    for key in ("labels", "prelabel", "blind", "needs_person", "roll"):
        assert gold["face"][key] == ordinary["face"][key]
    assert gold["face"]["id"] == gold_face.pk
    assert gold["face"]["base_revision"] == gold_face.prelabel_id


def test_it_looks_like_an_ordinary_check_and_shows_the_planted_labels(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    to_check(waiting, ann2)
    made = make_gold(gold_face, PassKind.CHECK, admin, "gender")
    ordinary, gold = both(desk(ann1), dataset, "check")
    assert shape(gold) == shape(ordinary)
    assert (gold["pass_number"], gold["round"]) == (ordinary["pass_number"], ordinary["round"])
    assert (ordinary["face"]["labels"]["gender"], gold["face"]["labels"]["gender"]) == ("female", "male")
    assert gold["face"]["base_revision"] == made.planted_id
    assert gold["face"]["crop"]["url"].startswith(f"/api/v1/images/{gold_face.image_id}/crop?")


def test_it_leaves_the_missed_face_out_of_a_sweep(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    admin: User,
) -> None:
    face_factory(image_factory(dataset, sweep=True), BOX, open_item=False)
    image = image_factory(dataset)
    missed = accepted_face(dataset, image_factory, face_factory, image=image)
    other = accepted_face(dataset, image_factory, face_factory, image=image, box=(400, 100, 500, 220))
    make_gold(missed, PassKind.SWEEP, admin)
    ordinary, gold = both(desk(ann1), dataset, "sweep")
    assert shape(gold) == shape(ordinary)
    assert [face["id"] for face in gold["sweep"]["faces"]] == [other.pk]


def test_it_answers_and_lists_gold_like_ordinary_work(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    mine = desk(ann1)
    _, gold = both(mine, dataset, "annotate")
    _, said_gold = mine.submit(gold, face_labels(BOX))
    policy_set(dataset, gold_share=0.0)
    _, said = mine.submit(mine.next(kinds=["annotate"]), face_labels(BOX))
    assert said_gold.keys() == said.keys()
    for key in ("state", "kept_as", "message"):
        assert said_gold[key] == said[key]
    work = mine.client.get(f"/api/v1/datasets/{dataset.pk}/work/mine").json()
    ordinary, tested = work["results"]
    assert shape(tested) == shape(ordinary)
    assert (tested["state"], tested["kind"]) == (ordinary["state"], "annotate") == ("checking", "annotate")
    assert work["total"]["annotate"] == 2


def test_it_shows_the_persons_own_answer_on_the_page_of_a_gold_face(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    mine = desk(ann1)
    _, gold = both(mine, dataset, "annotate")
    mine.submit(gold, face_labels(BOX, gender="male", age=44.0))
    policy_set(dataset, gold_share=0.0)
    mine.submit(mine.next(kinds=["annotate"]), face_labels(BOX, gender="male", age=44.0))
    ordinary = mine.client.get(f"/api/v1/faces/{waiting.pk}").json()
    tested = mine.client.get(f"/api/v1/faces/{gold_face.pk}").json()
    assert shape(tested) == shape(ordinary)
    for key in (
        "state",
        "round",
        "gender",
        "author",
        "closed_at",
        "age_n",
        "policy_version",
        "blocked_reason",
    ):
        assert tested[key] == ordinary[key], key
    assert [row["kind"] for row in tested["revisions"]] == ["prelabel", "annotate"]
    assert [row["changes"] for row in tested["revisions"]] == [
        row["changes"] for row in ordinary["revisions"]
    ]
    assert tested["labels"]["age"] == 44.0
    assert desk(ann2).client.get(f"/api/v1/faces/{gold_face.pk}").status_code == 403


def test_it_lists_gold_among_the_faces_that_the_person_worked_on(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    mine = desk(ann1)
    url = f"/api/v1/datasets/{dataset.pk}/faces"
    _, gold = both(mine, dataset, "annotate")
    assert mine.client.get(url).json()["results"] == []
    mine.submit(gold, face_labels(BOX, gender="male"))
    policy_set(dataset, gold_share=0.0)
    mine.submit(mine.next(kinds=["annotate"]), face_labels(BOX, gender="male"))
    told = mine.client.get(url).json()
    ordinary, tested = sorted(told["results"], key=lambda row: row["id"] == gold_face.pk)
    assert shape(tested) == shape(ordinary)
    for key in ("state", "round", "gender", "author", "closed_at", "age_n", "made_by"):
        assert tested[key] == ordinary[key], key
    assert (told["total"], told["facets"]["state"]) == (2, {"checking": 2})
    assert mine.client.get(f"{url}?state=accepted").json()["results"] == []
    assert len(mine.client.get(f"{url}?state=checking").json()["results"]) == 2
    everything = desk(admin).client.get(f"{url}?state=accepted").json()["results"]
    assert [row["id"] for row in everything] == [gold_face.pk]


def test_it_leaves_the_face_its_chain_and_its_image_alone(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.CHECK, admin, "gender")
    make_gold(gold_face, PassKind.SWEEP, admin)
    to_check(waiting, admin)
    before = Face.objects.filter(pk=gold_face.pk).values().get()
    _, item = both(desk(ann1), dataset, "check")
    assert desk(ann1).submit(item, None, "accept", age=70.0)[0] == 200
    assert Face.objects.filter(pk=gold_face.pk).values().get() == before
    chain = desk(admin).client.get(f"/api/v1/faces/{gold_face.pk}").json()
    assert [row["kind"] for row in chain["revisions"]] == ["prelabel", "annotate"]
    assert chain["open_item"] is None
    made = Pass.objects.get(item=item["id"])
    assert (made.is_gold, made.counted, made.revision and made.revision.kind) == (True, True, "planted")


def test_it_gives_a_sweep_on_gold_no_effect(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    admin: User,
) -> None:
    image_factory(dataset, sweep=True)
    missed = accepted_face(dataset, image_factory, face_factory)
    make_gold(missed, PassKind.SWEEP, admin)
    _, item = both(desk(ann1), dataset, "sweep")
    status, answer = desk(ann1).sweep(item, added=[{"box": list(BOX)}])
    assert (status, answer["message"], answer["state"]) == (200, "Saved: 1 added, 0 rejected.", "done")
    assert Face.objects.filter(image=missed.image).count() == 1
    missed.image.refresh_from_db()
    assert missed.image.swept_at is None


def test_it_says_of_a_verdict_on_a_gold_image_what_it_says_of_any(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    admin: User,
) -> None:
    image_factory(dataset, sweep=True)
    missed = accepted_face(dataset, image_factory, face_factory)
    make_gold(missed, PassKind.SWEEP, admin)
    _, item = both(desk(ann1), dataset, "sweep")
    assert desk(ann1).sweep(item, verdict="reject")[1]["code"] == "reason"
    status, answer = desk(ann1).sweep(item, verdict="reject", reason="a drawing")
    assert (status, answer["message"]) == (
        200,
        "Saved. The image is rejected; its faces are not offered any more.",
    )
    missed.image.refresh_from_db()
    assert missed.image.verdict == ""


def test_it_refuses_what_it_would_refuse_of_an_ordinary_face(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    mine = desk(ann1)
    _, item = both(mine, dataset, "annotate")
    assert mine.submit(item, face_labels(BOX, gender="robot"))[1]["code"] == "policy"
    assert mine.submit(item, None, "accept")[1]["code"] == "verdict"
    stale = {**item, "face": {**item["face"], "base_revision": gold_face.current_id}}
    assert mine.submit(stale, face_labels(BOX))[1]["code"] == "stale_base"
    body = mine.body(item, face_labels(BOX))
    first = mine.post(f"/work/{item['id']}/submit", body)
    assert first[0] == 200
    assert mine.post(f"/work/{item['id']}/submit", body) == first
    assert mine.submit(item, face_labels(BOX))[1]["code"] == "already_yours"


@pytest.mark.usefixtures("gold_only")
def test_it_hands_each_person_each_gold_once_and_only_new_faces(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    make_gold(gold_face, PassKind.CHECK, admin, "gender")
    mine = desk(ann1)
    item = mine.next(kinds=["annotate"])
    assert item["face"]["id"] == gold_face.pk
    mine.submit(item, face_labels(BOX))
    assert mine.next(kinds=["annotate"])["face"]["id"] == waiting.pk
    assert desk(ann2).claim(1, kinds=["annotate"]) == []


@pytest.mark.usefixtures("gold_only")
def test_it_never_tests_people_on_faces_that_they_worked_on(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = WorkItem.objects.create(
        dataset=dataset, image=gold_face.image, face=gold_face, kind=PassKind.CHECK, state=ItemState.DONE
    )
    Pass.objects.create(
        submission_id="00000000-0000-4000-8000-000000000001",
        item=item,
        dataset=dataset,
        image=gold_face.image,
        face=gold_face,
        round=1,
        kind=PassKind.CHECK,
        user=ann1,
        answer={},
    )
    assert desk(ann1).next(kinds=["annotate"])["face"]["id"] == waiting.pk


@pytest.mark.usefixtures("gold_only")
def test_it_tests_nobody_where_nothing_is_waiting_or_the_face_was_reopened(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    gold = make_gold(gold_face, PassKind.ANNOTATE, admin)
    assert desk(ann1).claim(5, kinds=["check", "sweep"]) == []
    Gold.objects.filter(pk=gold.pk).update(is_active=False)
    assert desk(ann1).next()["face"]["id"] == waiting.pk
    Gold.objects.filter(pk=gold.pk).update(is_active=True)
    Face.objects.filter(pk=gold_face.pk).update(state=FaceState.WAITING, accepted_policy=None, closed_at=None)
    assert desk(ann2).claim(5) == []
    assert not WorkItem.objects.filter(gold=gold).exists()


@pytest.mark.usefixtures("gold_only")
def test_it_returns_released_gold_to_the_same_person_and_ends_it_when_passed_over(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = desk(ann1).next()
    token = {"token": item["lease"]["token"]}
    assert desk(ann1).post(f"/work/{item['id']}/release", token)[0] == 204
    assert item["id"] not in [other["id"] for other in desk(ann2).claim(5)]
    again = desk(ann1).next()
    assert again["id"] == item["id"]
    skip = {"token": again["lease"]["token"], "reason": "too dark"}
    assert desk(ann1).post(f"/work/{item['id']}/skip", skip)[0] == 204
    assert WorkItem.objects.get(pk=item["id"]).state == ItemState.CANCELLED
    assert Skip.objects.filter(user=ann1).count() == 1
    assert [other["face"]["id"] for other in desk(ann1).claim(5)] == [waiting.pk]


@pytest.mark.usefixtures("gold_only")
def test_it_counts_gold_nowhere_as_work_that_waits(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = desk(ann1).next()
    assert waiting_count(dataset=dataset)["annotate"] == 1
    assert blocked_list(dataset=dataset) == []
    assert WorkItem.objects.get(face=waiting).leased_to is None
    desk(ann1).submit(item, face_labels(BOX))
    people = desk(admin).client.get(f"/api/v1/datasets/{dataset.pk}/people").json()["results"]
    assert {person["username"]: person["annotated"] for person in people}["ann1"] == 0


def test_it_gives_gold_the_number_of_an_ordinary_item(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """Numbers grow with time: one that is younger than those around it would tell."""
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    ordinary, gold = both(desk(ann1), dataset, "annotate")
    assert gold["id"] == ordinary["id"]
    moved = WorkItem.objects.get(face=waiting)
    before = WorkItem.objects.get(pk=gold["id"])
    assert (moved.bucket, moved.priority, moved.created_at) == (
        before.bucket,
        before.priority,
        before.created_at,
    )
    assert (moved.state, moved.leased_to, moved.reserved_for, moved.gold) == ("open", None, None, None)


@pytest.mark.usefixtures("gold_only")
def test_it_takes_over_no_item_that_somebody_had_before(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """What they did is still on its way to it, and must not end with the gold."""
    policy_set(dataset, gold_share=0.0)
    late = desk(ann1).next()
    WorkItem.objects.filter(pk=late["id"]).update(leased_until=timezone.now() - timedelta(minutes=1))
    policy_set(dataset, gold_share=0.5)
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    assert desk(ann2).next()["face"]["id"] == waiting.pk
    status, answer = desk(ann1).submit(late, face_labels(BOX))
    assert (status, answer["kept_as"]) == (200, "side")


@pytest.mark.usefixtures("gold_only")
def test_it_takes_over_no_check_that_says_what_it_is_for(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """ "Everything else is agreed" would tell people to wave planted labels through."""
    make_gold(gold_face, PassKind.CHECK, admin, "gender")
    to_check(waiting, ann2)
    WorkItem.objects.filter(face=waiting, kind=PassKind.CHECK).update(extra=Extra.AGE, reason="One more age.")
    assert desk(ann1).next(kinds=["check"])["face"]["id"] == waiting.pk


def test_it_costs_nothing_while_the_share_is_zero(
    dataset: Dataset, waiting: Face, gold_face: Face, ann1: User, admin: User, django_assert_num_queries: Any
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    fresh = Dataset.objects.select_related("policy").get(pk=dataset.pk)
    with django_assert_num_queries(3):  # begin, the claim, the end
        items_claim(dataset=fresh, user=ann1, role=Role.ANNOTATOR, count=5)
