"""People of a dataset: figures, invitation, roles, access, passwords."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.work.models import Draft, PassKind, WorkItem
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import record

BOX = (100, 100, 200, 200)


def member(dataset: Dataset, user: User) -> Membership:
    return Membership.objects.get(dataset=dataset, user=user)


def version(face: Face, author: User, kind: RevisionKind, **labels: Any) -> Revision:
    return Revision.objects.create(
        face=face,
        kind=kind,
        author=author,
        parent=face.current,
        **Revision.columns_of(face_labels(BOX, **labels)),
    )


@pytest.fixture
def people(api: Api, dataset: Dataset, admin: User) -> Any:
    client = api(admin)

    def rows() -> dict[str, dict[str, Any]]:
        answer = client.get(f"/api/v1/datasets/{dataset.pk}/people")
        return {row["username"]: row for row in answer.json()["results"]}

    return rows


def test_it_counts_what_each_person_did(
    people: Any,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    image = image_factory(dataset)
    for corrected in (True, False, False, False):
        face = face_factory(image, BOX)
        mine = version(face, ann1, RevisionKind.ANNOTATE, age=20)
        record(face, ann1, PassKind.ANNOTATE, mine, active_ms=30_000)
        gender = "male" if corrected else "female"
        theirs = version(face, ann2, RevisionKind.CHECK, age=40, gender=gender)
        record(face, ann2, PassKind.CHECK, theirs)
    unchecked = face_factory(image, BOX)
    record(unchecked, ann1, PassKind.ANNOTATE, version(unchecked, ann1, RevisionKind.ANNOTATE))
    first, second = people()["ann1"], people()["ann2"]
    assert (first["annotated"], first["checked"]) == (5, 0)
    assert first["corrected_by_others_share"] == 0.25
    assert first["faces_per_active_hour"] == 120
    assert (second["annotated"], second["checked"]) == (0, 4)
    assert second["corrected_by_others_share"] is None
    assert second["faces_per_active_hour"] is None
    assert second["last_seen_at"] is not None


def test_it_lists_people_in_a_constant_number_of_queries(
    people: Any, ann1: User, ann2: User, ann3: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):
        assert len(people()) == 4


def test_it_invites_a_person(api: Api, dataset: Dataset, admin: User) -> None:
    answer = api(admin).post(
        f"/api/v1/datasets/{dataset.pk}/people",
        {"username": "mo", "name": "Mo", "role": "annotator"},
        format="json",
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["username"], made["name"], made["role"], made["annotated"]) == ("mo", "Mo", "annotator", 0)
    assert User.objects.get(username="mo").check_password(made["password"])


def test_it_takes_access_and_gives_leases_and_drafts_back(
    api: Api,
    dataset: Dataset,
    admin: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    item = WorkItem.objects.get(face=face_factory(image_factory(dataset), BOX))
    item.leased_to, item.lease_token = ann1, uuid.uuid4()
    item.leased_until = timezone.now() + timedelta(minutes=5)
    item.save()
    Draft.objects.create(item=item, user=ann1, sequence=1, data={})
    address = f"/api/v1/people/{member(dataset, ann1).pk}"
    answer = api(admin).patch(address, {"is_active": False}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["is_active"], answer.json()["leased"]) == (False, 0)
    item.refresh_from_db()
    assert item.leased_to is None
    assert not Draft.objects.exists()
    assert api(ann1).get(f"/api/v1/datasets/{dataset.pk}").status_code == 404
    assert api(admin).patch(address, {"is_active": True}, format="json").json()["is_active"] is True
    assert api(ann1).get(f"/api/v1/datasets/{dataset.pk}").status_code == 200


def test_it_gives_leases_back_when_the_new_role_does_not_label(
    api: Api,
    dataset: Dataset,
    admin: User,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    item = WorkItem.objects.get(face=face_factory(image_factory(dataset), BOX))
    item.leased_to, item.lease_token = ann1, uuid.uuid4()
    item.leased_until = timezone.now() + timedelta(minutes=5)
    item.save()
    api(admin).patch(f"/api/v1/people/{member(dataset, ann1).pk}", {"role": "researcher"}, format="json")
    item.refresh_from_db()
    assert item.leased_to is None


def test_it_keeps_the_last_admin(api: Api, dataset: Dataset, admin: User) -> None:
    address = f"/api/v1/people/{member(dataset, admin).pk}"
    for change in ({"is_active": False}, {"role": "annotator"}):
        answer = api(admin).patch(address, change, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert member(dataset, admin).role == Role.ADMIN


def test_it_changes_all_or_nothing(api: Api, dataset: Dataset, admin: User, superuser: User) -> None:
    address = f"/api/v1/people/{member(dataset, admin).pk}"
    change = {"role": "annotator", "is_active": False}
    assert api(superuser).patch(address, change, format="json").status_code == 409
    assert member(dataset, admin).is_active
    assert not AuditEntry.objects.filter(verb="member.changed").exists()


def test_it_refuses_an_empty_change(api: Api, dataset: Dataset, admin: User, ann1: User) -> None:
    answer = api(admin).patch(f"/api/v1/people/{member(dataset, ann1).pk}", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_change")


def test_it_resets_a_password(api: Api, dataset: Dataset, admin: User, ann1: User) -> None:
    answer = api(admin).post(f"/api/v1/people/{member(dataset, ann1).pk}/reset-password")
    ann1.refresh_from_db()
    assert ann1.check_password(answer.json()["password"])


def test_it_pages_through_the_audit_trail_newest_first(api: Api, dataset: Dataset, admin: User) -> None:
    for name in ("a", "b", "c"):
        api(admin).post(
            f"/api/v1/datasets/{dataset.pk}/people", {"username": name, "role": "annotator"}, format="json"
        )
    address = f"/api/v1/datasets/{dataset.pk}/audit"
    first = api(admin).get(address, {"limit": 2}).json()
    second = api(admin).get(address, {"limit": 2, "cursor": first["next"]}).json()
    users = [e["details"].get("user") for e in first["results"] + second["results"]]
    assert users == ["c", "b", "a"]
    assert second["next"] is None
    assert first["results"][0]["actor"] == "admin"
