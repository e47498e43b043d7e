"""Two admins at the same moment, on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from annotator.accounts.models import User
from annotator.common.errors import Conflict
from annotator.datasets import services
from annotator.datasets.models import Dataset, Membership, Role
from tests.cast import make_dataset, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads that start together; what each returned or the Conflict it raised."""
    start = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int) -> None:
        try:
            start.wait()
            results[place] = calls[place]()
        except Conflict as conflict:
            results[place] = conflict
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def shared() -> tuple[Dataset, list[User], list[Membership]]:
    dataset = make_dataset("Shared")
    admins = [make_member(dataset, name, Role.ADMIN) for name in ("ada", "bo")]
    return dataset, admins, [Membership.objects.get(dataset=dataset, user=user) for user in admins]


def test_it_keeps_one_admin_when_two_demote_each_other(
    shared: tuple[Dataset, list[User], list[Membership]],
) -> None:
    dataset, (ada, bo), (of_ada, of_bo) = shared
    for _ in range(5):
        Membership.objects.filter(dataset=dataset).update(role=Role.ADMIN)
        results = at_once(
            lambda: services.membership_update(membership=of_bo, role=Role.ANNOTATOR, actor=ada),
            lambda: services.membership_update(membership=of_ada, role=Role.ANNOTATOR, actor=bo),
        )
        assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
        assert Membership.objects.filter(dataset=dataset, role=Role.ADMIN).count() == 1


def test_it_invites_a_new_name_once(shared: tuple[Dataset, list[User], list[Membership]]) -> None:
    dataset, admins, _ = shared
    results = at_once(
        *(
            lambda actor=actor: services.user_invite(
                dataset=dataset, username="mo", role=Role.ANNOTATOR, actor=actor
            )
            for actor in admins
        )
    )
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert Membership.objects.filter(dataset=dataset, user__username="mo").count() == 1


def test_it_publishes_one_policy_of_two_on_the_same_base(
    shared: tuple[Dataset, list[User], list[Membership]],
) -> None:
    dataset, admins, _ = shared
    data = dataset.policy.data if dataset.policy else {}
    results = at_once(
        *(
            lambda actor=actor: services.policy_publish(
                dataset=Dataset.objects.get(pk=dataset.pk), data=data, comment="", base_version=1, actor=actor
            )
            for actor in admins
        )
    )
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert dataset.policy_versions.count() == 2
