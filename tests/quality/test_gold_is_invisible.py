"""Gold among ordinary work: nothing that an annotator can read tells which is which."""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.work.models import Pass, PassKind
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.quality.gold_cast import BOX, accepted_face, both, make_gold, policy_set, to_check
from tests.work.conftest import Desks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_draw_is_gold")]

IDS = re.compile(r"\d+")


def shape(value: Any) -> Any:
    """The keys and the kinds of values, with ids taken out of addresses."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    if isinstance(value, str) and value.startswith("/api/"):
        return IDS.sub("N", value)
    return type(value).__name__


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
