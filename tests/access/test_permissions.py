"""Who may ask what, for every address of the API. An address that is not in the table fails the first test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from annotator.datasets.models import Dataset, Role
from tests.access.world import World, make_world
from tests.cast import Api, FaceFactory, ImageFactory

ADMIN = {Role.ADMIN}
DECIDERS = {Role.ADMIN, Role.ADJUDICATOR}
LABELLERS = {Role.ADMIN, Role.ADJUDICATOR, Role.ANNOTATOR}
STAFF = {Role.ADMIN, Role.ADJUDICATOR, Role.RESEARCHER}
LEARNERS = {Role.ADMIN, Role.RESEARCHER}
READERS = {*STAFF, *LABELLERS}
MEMBERS = set(Role)

ANYBODY = "anybody"
"""Also without a log-in."""

LOG_IN = "log-in"
"""Every signed-in person, about themselves or about nothing private."""

SUPERUSER = "superuser"
"""Admins of all datasets only."""

TABLE: dict[str, set[Role] | str] = {
    "GET schema": LOG_IN,
    "GET session": LOG_IN,
    "POST session": ANYBODY,
    "DELETE session": LOG_IN,
    "GET tokens": LOG_IN,
    "POST tokens": LOG_IN,
    "DELETE tokens/<token_id>": LOG_IN,
    "POST account/password": LOG_IN,
    "GET me/preferences": LOG_IN,
    "PATCH me/preferences": LOG_IN,
    "GET datasets": LOG_IN,
    "POST datasets": SUPERUSER,
    "GET datasets/<dataset_id>": MEMBERS,
    "GET datasets/<dataset_id>/policy/versions": MEMBERS,
    "PUT datasets/<dataset_id>/policy": ADMIN,
    "GET datasets/<dataset_id>/people": ADMIN,
    "POST datasets/<dataset_id>/people": ADMIN,
    "PATCH people/<membership_id>": ADMIN,
    "POST people/<membership_id>/reset-password": ADMIN,
    "POST people/<membership_id>/pause": ADMIN,
    "POST people/<membership_id>/resume": ADMIN,
    "GET people/<membership_id>/skill": ADMIN,
    "GET datasets/<dataset_id>/quality": ADMIN,
    "POST datasets/<dataset_id>/quality": ADMIN,
    "GET datasets/<dataset_id>/group-bias": ADMIN,
    "GET datasets/<dataset_id>/gold": ADMIN,
    "POST datasets/<dataset_id>/gold": ADMIN,
    "GET datasets/<dataset_id>/gold/candidates": ADMIN,
    "PATCH gold/<gold_id>": ADMIN,
    "GET datasets/<dataset_id>/tutorial": LABELLERS,
    "GET datasets/<dataset_id>/tutorial/state": LABELLERS,
    "POST datasets/<dataset_id>/tutorial/restart": LABELLERS,
    "GET datasets/<dataset_id>/tutorial/faces": ADMIN,
    "POST datasets/<dataset_id>/tutorial/faces": ADMIN,
    "PATCH tutorial/<tutorial_face_id>": ADMIN,
    "POST tutorial/<tutorial_face_id>/answer": LABELLERS,
    "GET datasets/<dataset_id>/guide": MEMBERS,
    "PUT datasets/<dataset_id>/guide": ADMIN,
    "POST datasets/<dataset_id>/guide/examples": ADMIN,
    "DELETE guide-examples/<example_id>": ADMIN,
    "GET datasets/<dataset_id>/agreement": STAFF,
    "POST datasets/<dataset_id>/agreement": STAFF,
    "GET datasets/<dataset_id>/agreement.csv": STAFF,
    "GET datasets/<dataset_id>/aggregations": ADMIN,
    "POST datasets/<dataset_id>/aggregations": ADMIN,
    "POST aggregations/<aggregation_id>/undo": ADMIN,
    "GET datasets/<dataset_id>/audit": ADMIN,
    "GET datasets/<dataset_id>/audit.csv": ADMIN,
    "GET datasets/<dataset_id>/views": ADMIN,
    "GET datasets/<dataset_id>/views.csv": ADMIN,
    "GET datasets/<dataset_id>/questions": DECIDERS,
    "GET datasets/<dataset_id>/questions/count": LABELLERS,
    "POST datasets/<dataset_id>/answers/seen": LABELLERS,
    "GET datasets/<dataset_id>/work/feedback": LABELLERS,
    "GET faces/<face_id>/notes": LABELLERS,
    "POST faces/<face_id>/notes": LABELLERS,
    "POST questions/<question_id>/answers": LABELLERS,
    "POST questions/<question_id>/resolve": LABELLERS,
    "POST faces/<face_id>/restore": DECIDERS,
    "GET datasets/<dataset_id>/overview": STAFF,
    "GET datasets/<dataset_id>/blocked": DECIDERS,
    "GET datasets/<dataset_id>/progress": STAFF,
    "GET datasets/<dataset_id>/progress.csv": DECIDERS,
    "GET datasets/<dataset_id>/economy": LEARNERS,
    "GET datasets/<dataset_id>/economy.csv": LEARNERS,
    "GET datasets/<dataset_id>/models": LEARNERS,
    "POST datasets/<dataset_id>/champion/rollback": ADMIN,
    "GET models/<model_id>": LEARNERS,
    "GET models/<model_id>/card": LEARNERS,
    "GET models/<model_id>/download": LEARNERS,
    "POST models/<model_id>/promote": ADMIN,
    "GET datasets/<dataset_id>/training-runs": LEARNERS,
    "POST datasets/<dataset_id>/training-runs": ADMIN,
    "GET datasets/<dataset_id>/training-settings": LEARNERS,
    "PUT datasets/<dataset_id>/training-settings": ADMIN,
    "GET training-runs/<run_id>": LEARNERS,
    "POST training-runs/<run_id>/cancel": ADMIN,
    "GET training-runs/<run_id>/points": LEARNERS,
    "GET workers": LOG_IN,
    "POST datasets/<dataset_id>/prelabel": ADMIN,
    "GET datasets/<dataset_id>/jobs": STAFF,
    "GET jobs/<job_id>": STAFF,
    "POST jobs/<job_id>/cancel": ADMIN,
    "POST jobs/<job_id>/retry": ADMIN,
    "GET datasets/<dataset_id>/imports": ADMIN,
    "POST datasets/<dataset_id>/imports": ADMIN,
    "POST datasets/<dataset_id>/uploads/<upload>/portions/<portion>": ADMIN,
    "POST datasets/<dataset_id>/uploads/<upload>/finish": ADMIN,
    "GET imports/<import_id>": ADMIN,
    "GET imports/<import_id>/entries": ADMIN,
    "GET imports/<import_id>/report.csv": ADMIN,
    "GET datasets/<dataset_id>/images": STAFF,
    "GET images/<image_id>": STAFF,
    "PATCH images/<image_id>": ADMIN,
    "POST images/<image_id>/verdict": ADMIN,
    "PATCH faces/<face_id>/provenance": ADMIN,
    "GET images/<image_id>/file": MEMBERS,
    "GET images/<image_id>/crop": MEMBERS,
    "GET datasets/<dataset_id>/near-duplicates": ADMIN,
    "POST near-duplicates/<pair_id>/decide": ADMIN,
    "GET datasets/<dataset_id>/faces": READERS,
    "POST datasets/<dataset_id>/faces/bulk": ADMIN,
    "GET datasets/<dataset_id>/deliveries": STAFF,
    "POST datasets/<dataset_id>/deliveries": ADMIN,
    "PATCH deliveries/<delivery_id>": ADMIN,
    "POST deliveries/<delivery_id>/images": ADMIN,
    "GET faces/<face_id>": READERS,
    "GET faces/<face_id>/crop": MEMBERS,
    "POST faces/<face_id>/reopen": DECIDERS,
    "POST datasets/<dataset_id>/work/claim": LABELLERS,
    "GET datasets/<dataset_id>/work/mine": LABELLERS,
    "GET datasets/<dataset_id>/work/waiting": LABELLERS,
    "POST work/heartbeat": LOG_IN,
    "PUT work/<item_id>/draft": LABELLERS,
    "DELETE work/<item_id>/draft": LABELLERS,
    "POST work/<item_id>/submit": LABELLERS,
    "POST work/<item_id>/release": LABELLERS,
    "POST work/<item_id>/skip": LABELLERS,
    "POST work/<item_id>/take_back": LABELLERS,
    "GET datasets/<dataset_id>/releases": STAFF,
    "POST datasets/<dataset_id>/releases": ADMIN,
    "GET datasets/<dataset_id>/shape-model": LABELLERS,
    "GET releases/<release_id>": STAFF,
    "GET releases/<release_id>/download/native": STAFF,
    "GET releases/<release_id>/download/coco": STAFF,
}

PAGES = {"healthz", "sign-in/", "sign-in", "^api(?:/.*)?$", "^(?!static/)(?P<path>.*)$"}
"""Addresses outside the API, tested one by one below."""


def _patterns(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield here, pattern.callback
        else:
            yield from _patterns(pattern.url_patterns, here)


def served() -> set[str]:
    """``METHOD address`` of everything below /api/v1/ that the URL table answers."""
    found = set()
    for address, view in _patterns(get_resolver().url_patterns):
        if not address.startswith("api/v1/"):
            continue
        short = re.sub(r"<\w+:(\w+)>", r"<\1>", address.removeprefix("api/v1/"))
        methods = [m for m in ("get", "post", "put", "patch", "delete") if hasattr(view.view_class, m)]
        found |= {f"{method.upper()} {short}" for method in methods}
    return found


def test_it_covers_every_address_and_method() -> None:
    assert served() == set(TABLE)


def test_it_covers_every_page() -> None:
    addresses = {a for a, _ in _patterns(get_resolver().url_patterns) if not a.startswith("api/v1/")}
    assert addresses == PAGES


@pytest.fixture
def world(
    dataset: Dataset, other_dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> World:
    return make_world(dataset, other_dataset, image_factory, face_factory)


def expected(rule: set[Role] | str, person: str, by_id: bool) -> int | None:
    """401, 403 or 404; None: the person gets in (whatever comes of the request)."""
    if rule == ANYBODY:
        return None
    if person == "anonymous":
        return 401
    if person == "superuser" or rule == LOG_IN:
        return None
    if rule == SUPERUSER:
        return 403
    if person in ("outsider", "former"):
        return 404 if by_id else 403
    return None if person in rule else 403


@pytest.mark.parametrize("entry", sorted(TABLE))
def test_it_lets_in_exactly_the_people_of_the_table(entry: str, api: Api, world: World) -> None:
    method, address = entry.split(" ")
    path = "/api/v1/" + re.sub(r"<(\w+)>", lambda found: str(world.ids[found[1]]), address)
    for person, user in world.people.items():
        client = api(user)
        client.raise_request_exception = False
        with transaction.atomic():
            answer = client.generic(method, path, content_type="application/json")
            body = b"" if answer.streaming else answer.content
            transaction.set_rollback(True)
        must_be = expected(TABLE[entry], person, by_id="<" in address)
        shown = f"{person}: {entry} → {answer.status_code} {body[:200]!r}"
        if must_be is not None:
            assert answer.status_code == must_be, shown
            problem = yaml.safe_load(body)  # JSON too; the schema's own errors are YAML
            assert set(problem) == {"code", "message", "details"}, shown
            assert problem["message"], shown
        else:
            assert answer.status_code not in (401, 403), shown
            assert answer.status_code < 500, shown
            assert address.startswith(("tokens/", "releases/")) or answer.status_code != 404, shown


def test_it_shows_no_picture_to_strangers(api: Api, world: World) -> None:
    for picture in ("images/{image_id}/file?side=256", "faces/{face_id}/crop",
                    "images/{image_id}/crop?x=0&y=0&w=50&h=50&pixels=50"):  # fmt: skip
        path = f"/api/v1/{picture.format(**world.ids)}"
        for person, user in world.people.items():
            answer = api(user).get(path)
            if person in ("anonymous", "outsider", "former"):
                assert answer.status_code == (401 if user is None else 404), (person, path)
                assert answer["Content-Type"] == "application/json"
            else:
                assert answer.status_code == 200, (person, path)
                assert answer["Content-Type"] == "image/jpeg"
                assert answer["Cache-Control"] == "private, no-store"


def test_it_does_not_tell_a_strangers_row_from_a_missing_one(api: Api, world: World) -> None:
    client = api(world.people["outsider"])
    for address in ("datasets/{}", "images/{}/file", "faces/{}", "jobs/{}", "releases/{}", "people/{}"):
        name = {"people": "membership_id"}.get(address.split("/")[0], address.split("s/")[0] + "_id")
        method = client.patch if address.startswith("people") else client.get
        theirs = method(f"/api/v1/{address.format(world.ids[name])}")
        missing = method(f"/api/v1/{address.format(999_999_999)}")
        assert theirs.status_code == missing.status_code == 404, address
        assert theirs.json() == missing.json(), address


def test_it_serves_no_file_by_its_path(world: World, dataset: Dataset) -> None:
    image = dataset.images.get(pk=world.ids["image_id"])
    for prefix in ("/static/", "/media/", "/files/", "/"):
        answer = Client().get(f"{prefix}{image.file}")
        assert answer.status_code in (302, 404), prefix


def test_it_treats_a_token_like_its_person(api: Api, world: World) -> None:
    address = f"/api/v1/datasets/{world.ids['dataset_id']}/overview"
    for person, status in (("admin", 200), ("annotator", 403), ("outsider", 404)):
        made = api(world.people[person]).post("/api/v1/tokens", {"name": "t"}, format="json").json()
        answer = api().get(address, headers={"Authorization": f"Bearer {made['key']}"})
        assert answer.status_code == status, person
