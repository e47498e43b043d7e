"""Transactions of the hot paths: BEGIN and COMMIT travel with the statements."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from annotator.common.rows import Rows
from annotator.common.statements import Statement, together
from annotator.datasets.models import Dataset

DATASETS = Rows(Dataset)
NAME = Statement("test_name", "SELECT name FROM datasets_dataset WHERE id = %(id)s", id="bigint")


@pytest.fixture
def stored(transactional_db: None) -> Dataset:
    return Dataset.objects.create(slug="stored", name="Before")


def _renamed(dataset: Dataset, name: str) -> None:
    dataset.name = name
    DATASETS.update(dataset, "name")


def _name_seen_by_others(dataset: Dataset) -> str:
    other = connection.copy("other")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT name FROM datasets_dataset WHERE id = %s", [dataset.pk])
            (name,) = cursor.fetchone()
            return str(name)
    finally:
        other.close()


def test_it_begins_with_its_first_statement_and_commits_with_its_last_change(stored: Dataset) -> None:
    with CaptureQueriesContext(connection) as queries, together():
        assert NAME.row(id=stored.pk) == ("Before",)
        _renamed(stored, "After")
        assert _name_seen_by_others(stored) == "Before"
    sent = [query["sql"] for query in queries if "test_name" in query["sql"] or "COMMIT" in query["sql"]]
    assert sent[0].startswith("BEGIN; EXECUTE test_name")
    assert sent[1].startswith("EXECUTE datasets_dataset_update")
    assert sent[1].endswith("; COMMIT")
    assert len(sent) == 2
    assert _name_seen_by_others(stored) == "After"


def test_it_sends_nothing_for_a_transaction_without_statements(stored: Dataset) -> None:
    NAME.row(id=stored.pk)
    watched = CaptureQueriesContext(connection)
    with watched, together():
        pass
    assert [
        query["sql"] for query in watched if query["sql"] not in ("BEGIN", "COMMIT")
    ] == []  # Django's own notes
    assert not connection.in_atomic_block
    assert connection.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE


def test_it_takes_everything_back_when_the_block_fails(stored: Dataset) -> None:
    def fail() -> None:
        with together():
            _renamed(stored, "Sent")
            assert NAME.row(id=stored.pk) == ("Sent",)
            _renamed(stored, "Waiting")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()
    assert _name_seen_by_others(stored) == "Before"
    assert NAME.row(id=stored.pk) == ("Before",)


def test_it_takes_everything_back_when_the_last_change_is_refused(stored: Dataset) -> None:
    def add_twice() -> None:
        with together():
            assert NAME.row(id=stored.pk) == ("Before",)
            _renamed(stored, "Never")
            DATASETS.add(Dataset(slug="stored", name="The same address"))

    with pytest.raises(IntegrityError):
        add_twice()
    assert _name_seen_by_others(stored) == "Before"
    with transaction.atomic():  # the connection goes on as if nothing had been
        Dataset.objects.filter(pk=stored.pk).update(name="Later")
    assert _name_seen_by_others(stored) == "Later"


def test_it_lets_savepoints_and_queries_of_the_orm_take_part(stored: Dataset) -> None:
    with together():
        _renamed(stored, "First")
        with pytest.raises(IntegrityError), transaction.atomic():
            Dataset.objects.create(slug="stored", name="The same address")
        assert Dataset.objects.get(pk=stored.pk).name == "First"
        assert _name_seen_by_others(stored) == "Before"
    assert _name_seen_by_others(stored) == "First"


def test_it_runs_what_waits_for_the_commit_after_it(stored: Dataset) -> None:
    seen: list[str] = []
    with together():
        transaction.on_commit(lambda: seen.append(_name_seen_by_others(stored)))
        _renamed(stored, "After")
    assert seen == ["After"]


def test_it_refuses_to_be_inside_itself(stored: Dataset) -> None:
    with pytest.raises(RuntimeError, match="inside another"), together(), together():
        pass
    assert NAME.row(id=stored.pk) == ("Before",)
