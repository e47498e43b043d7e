"""Prepared statements and the rows that they read and write."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from annotator.common.rows import Rows
from annotator.common.statements import Statement, executed, together
from annotator.datasets.models import Dataset

ADD = Statement("test_add", "SELECT %(a)s + %(b)s, %(a)s", a="int", b="int")
DATASETS = Rows(Dataset)


def test_it_fills_in_each_placeholder_as_often_as_it_stands_there(db: None) -> None:
    assert ADD.row(b=2, a=40) == (42, 40)
    assert ADD.rows(a=1, b=1) == [(2, 1)]


def test_it_asks_for_a_type_of_every_placeholder() -> None:
    with pytest.raises(ValueError, match="no type for: b"):
        Statement("test_untyped", "SELECT %(a)s, %(b)s", a="int")


def test_it_is_planned_once_a_connection(db: None) -> None:
    one = Statement(f"test_once_{uuid4().hex}", "SELECT 1")
    for _ in range(3):
        one.run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = %s", [one.name])
        assert cursor.fetchone() == (1,)


def test_it_is_prepared_again_on_a_new_connection(transactional_db: None) -> None:
    ADD.run(a=1, b=2)
    connection.close()
    assert ADD.row(a=1, b=2) == (3, 1)


def test_it_finds_a_dead_connection_with_its_first_statement_and_goes_on(transactional_db: None) -> None:
    ADD.run(a=1, b=2)
    _kill_own_session()
    connection.health_check_done = False  # what Django does when a request begins
    assert ADD.row(a=1, b=2) == (3, 1)


def test_it_does_not_repeat_a_statement_in_the_middle_of_a_request(transactional_db: None) -> None:
    ADD.run(a=1, b=2)
    _kill_own_session()
    with pytest.raises(OperationalError):
        ADD.row(a=1, b=2)
    connection.close()


def test_it_sees_what_statements_before_it_in_the_same_message_did(dataset: Dataset) -> None:
    rename = Statement(
        "test_rename",
        "UPDATE datasets_dataset SET name = %(name)s WHERE id = %(id)s",
        name="text",
        id="bigint",
    )
    read = Statement("test_read", "SELECT name FROM datasets_dataset WHERE id = %(id)s", id="bigint")
    with executed((rename, {"name": "Later", "id": dataset.pk}), (read, {"id": dataset.pk})) as cursor:
        assert cursor.fetchall() == [("Later",)]


def test_it_reads_a_row_as_the_orm_does(dataset: Dataset) -> None:
    read = Statement(
        "test_row",
        f"SELECT {DATASETS.columns('d')} FROM datasets_dataset d WHERE d.id = %(id)s",
        id="bigint",
    )
    found = DATASETS.instance(read.rows(id=dataset.pk)[0])
    stored = Dataset.objects.get(pk=dataset.pk)
    names = [field.attname for field in Dataset._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(stored, name) for name in names]
    assert (found, found._state.adding, found.policy) == (stored, False, stored.policy)


def test_it_fetches_what_it_left_out(dataset: Dataset, django_assert_num_queries: Any) -> None:
    found = Rows(Dataset, only=["id"]).instance([dataset.pk])
    with django_assert_num_queries(1):
        assert found.name == dataset.name


def test_it_inserts_and_updates_like_the_orm(dataset: Dataset) -> None:
    made = DATASETS.insert(Dataset(slug="by-hand", name="By hand"))
    assert Dataset.objects.get(slug="by-hand").pk == made.pk
    made.name, made.slug = "Renamed", "not-written"
    DATASETS.update(made, "name")
    assert Dataset.objects.values_list("name", "slug").get(pk=made.pk) == ("Renamed", "by-hand")
    with pytest.raises(ValueError, match="no such columns"):
        DATASETS.update(made, "nmae")


def test_it_sends_changes_with_the_next_statement_in_their_order(dataset: Dataset) -> None:
    with CaptureQueriesContext(connection) as queries, together():
        for name in ("First", "Second"):
            dataset.name = name
            DATASETS.update(dataset, "name")
        assert len(queries) == 1  # the savepoint
        assert Dataset.objects.get(pk=dataset.pk).name == "Second"
        assert sum("datasets_dataset_update" in query["sql"] for query in queries) == 1
        dataset.name = "Third"
        DATASETS.update(dataset, "name")
    assert Dataset.objects.get(pk=dataset.pk).name == "Third"


def test_it_forgets_waiting_changes_when_the_transaction_fails(dataset: Dataset) -> None:
    before = dataset.name

    def fail() -> None:
        with together():
            dataset.name = "Never"
            DATASETS.update(dataset, "name")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()
    assert Dataset.objects.get(pk=dataset.pk).name == before


def test_it_raises_the_database_errors_of_django_where_a_change_is_sent(dataset: Dataset) -> None:
    with pytest.raises(IntegrityError), together():
        DATASETS.add(Dataset(slug=dataset.slug, name="The same address"))
    assert Dataset.objects.count() == 1


def _kill_own_session() -> None:
    """As a restart of PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy("other")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()
