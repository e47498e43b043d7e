"""Datasets, memberships and policy versions: the rules of their services."""

from __future__ import annotations

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid, NotAllowed
from annotator.datasets import services
from annotator.datasets.access import role_in
from annotator.datasets.models import Dataset, Membership, PolicyVersion, Role
from tests.cast import Api


def member(dataset: Dataset, user: User) -> Membership:
    return Membership.objects.get(dataset=dataset, user=user)


def test_it_creates_a_dataset_with_the_default_policy(api: Api, superuser: User) -> None:
    answer = api(superuser).post("/api/v1/datasets", {"name": "Vieux Québec 1900"}, format="json")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["slug"], made["role"], made["policy"]["version"]) == ("vieux-quebec-1900", "admin", 1)
    data = made["policy"]["data"]
    assert (data["checks"], data["test_share"], data["blind_share"]) == (2, 0.1, 0.02)
    again = api(superuser).post("/api/v1/datasets", {"name": "Vieux Québec 1900"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")


def test_it_creates_a_dataset_with_a_policy_of_its_own(api: Api, superuser: User) -> None:
    client = api(superuser)
    given = {"name": "Own rules", "policy": {"checks": 1, "test_share": 0.25}}
    data = client.post("/api/v1/datasets", given, format="json").json()["policy"]["data"]
    assert (data["checks"], data["test_share"], data["blind_share"]) == (1, 0.25, 0.0)
    refused = client.post("/api/v1/datasets", {"name": "Odd", "policy": {"checks": 99}}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_invalid")
    assert not Dataset.objects.filter(name="Odd").exists()


def test_it_lets_only_an_admin_of_all_create_one(api: Api, admin: User) -> None:
    assert api(admin).post("/api/v1/datasets", {"name": "Mine"}, format="json").status_code == 403
    assert Dataset.objects.count() == 1


def test_it_lists_my_datasets_in_a_constant_number_of_queries(
    api: Api, superuser: User, dataset: Dataset, other_dataset: Dataset, django_assert_num_queries: object
) -> None:
    client = api(superuser)
    with django_assert_num_queries(2):  # type: ignore[operator]
        names = [d["name"] for d in client.get("/api/v1/datasets").json()["results"]]
    assert names == ["Other faces", "Street portraits"]


def test_it_publishes_a_policy_version_only_on_the_newest(dataset: Dataset, admin: User) -> None:
    assert dataset.policy is not None
    data = {**dataset.policy.data, "checks": 1}
    version = services.policy_publish(
        dataset=dataset, data=data, comment="One check", base_version=1, actor=admin
    )
    assert (version.version, dataset.policy.pk) == (2, version.pk)
    with pytest.raises(Conflict) as stale:
        services.policy_publish(dataset=dataset, data=data, comment="", base_version=1, actor=admin)
    assert stale.value.details["current_version"] == 2
    with pytest.raises(Invalid, match="checks"):
        services.policy_publish(
            dataset=dataset, data={**data, "checks": 99}, comment="", base_version=2, actor=admin
        )
    assert PolicyVersion.objects.filter(dataset=dataset).count() == 2


def test_it_invites_a_new_person_with_a_password_shown_once(dataset: Dataset, admin: User) -> None:
    membership, password = services.user_invite(
        dataset=dataset, username="mo", name="Mo", role=Role.ANNOTATOR, actor=admin
    )
    assert password is not None
    assert membership.user.check_password(password)
    with pytest.raises(Conflict, match="already a member"):
        services.user_invite(dataset=dataset, username="mo", role=Role.ANNOTATOR, actor=admin)


def test_it_adds_an_existing_person_without_touching_the_password(
    dataset: Dataset, admin: User, outsider: User
) -> None:
    _, password = services.user_invite(
        dataset=dataset, username="outsider", role=Role.RESEARCHER, actor=admin
    )
    assert password is None
    assert role_in(user=outsider, dataset=dataset) == Role.RESEARCHER


def test_it_undoes_the_new_account_when_the_invitation_fails(dataset: Dataset, admin: User) -> None:
    with pytest.raises(Invalid):
        services.user_invite(dataset=dataset, username="no spaces", role=Role.ANNOTATOR, actor=admin)
    assert not User.objects.filter(username="no spaces").exists()


def test_it_keeps_the_last_active_admin(dataset: Dataset, admin: User, ann1: User) -> None:
    mine = member(dataset, admin)
    with pytest.raises(Conflict, match="only active admin"):
        services.membership_update(membership=mine, is_active=False, actor=admin)
    with pytest.raises(Conflict, match="only active admin"):
        services.membership_update(membership=mine, role=Role.ANNOTATOR, actor=admin)
    services.membership_update(membership=member(dataset, ann1), role=Role.ADMIN, actor=admin)
    services.membership_update(membership=mine, role=Role.ANNOTATOR, actor=admin)
    assert role_in(user=admin, dataset=dataset) == Role.ANNOTATOR


def test_it_writes_what_changed_into_the_audit_trail(dataset: Dataset, admin: User, ann1: User) -> None:
    services.membership_update(membership=member(dataset, ann1), role=Role.ADJUDICATOR, actor=admin)
    entry = AuditEntry.objects.get(verb="member.changed")
    assert entry.details == {"user": "ann1", "role": {"from": "annotator", "to": "adjudicator"}}


def test_it_ends_access_with_the_membership(api: Api, dataset: Dataset, admin: User, ann1: User) -> None:
    client = api(ann1)
    assert client.get(f"/api/v1/datasets/{dataset.pk}").status_code == 200
    services.membership_update(membership=member(dataset, ann1), is_active=False, actor=admin)
    assert client.get(f"/api/v1/datasets/{dataset.pk}").status_code == 404
    assert client.get("/api/v1/session").json()["memberships"] == []


def test_it_resets_a_password_and_ends_sessions_and_tokens(
    api: Api, dataset: Dataset, admin: User, ann1: User
) -> None:
    client = api(ann1)
    key = client.post("/api/v1/tokens", {"name": "t"}, format="json").json()["key"]
    password = services.member_password_reset(membership=member(dataset, ann1), actor=admin)
    ann1.refresh_from_db()
    assert ann1.check_password(password)
    assert client.get("/api/v1/session").status_code == 401
    assert api().get("/api/v1/session", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_it_refuses_to_reset_the_password_of_somebody_with_more_access(
    dataset: Dataset, admin: User, outsider: User, superuser: User
) -> None:
    for person in (outsider, superuser):
        membership = Membership.objects.create(dataset=dataset, user=person, role=Role.ANNOTATOR)
        with pytest.raises(NotAllowed, match="beyond your datasets"):
            services.member_password_reset(membership=membership, actor=admin)
    services.member_password_reset(membership=member(dataset, admin), actor=superuser)
