"""What ``benchmarks.queue`` calls a fault."""

from __future__ import annotations

import json
import uuid

import pytest

from benchmarks.queue import _body
from benchmarks.queue_checks import double_leases, latencies, lost_submits, percentile
from benchmarks.queue_filling import LABELS

ANN, BEN = 1, 2


def test_it_takes_the_value_that_so_many_do_not_exceed() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_it_finds_two_people_on_one_item_at_once() -> None:
    assert double_leases([(10, ANN, 0.0, 5.0), (10, BEN, 4.9, 8.0)]) == 1
    assert double_leases([(10, ANN, 0.0, float("inf")), (10, BEN, 4.0, 8.0)]) == 1


def test_it_lets_people_follow_each_other_and_hold_different_items() -> None:
    assert double_leases([(10, ANN, 0.0, 5.0), (10, BEN, 5.0, 8.0), (11, BEN, 1.0, 2.0)]) == 0
    assert double_leases([(10, ANN, 0.0, 5.0), (10, ANN, 3.0, 8.0)]) == 0


def test_it_misses_what_was_acknowledged_and_is_not_stored_once_as_told() -> None:
    told = {"kept": (10, 100), "gone": (11, 101), "twice": (12, 102), "another": (13, 103)}
    stored = [
        ("kept", 10, 100),
        ("twice", 12, 102),
        ("twice", 12, 102),
        ("another", 13, 999),
        ("more", 14, 104),
    ]
    assert lost_submits(told, stored) == ["gone", "twice", "another"]


def test_it_counts_only_requests_of_the_measured_time() -> None:
    ledgers = [{"takes": [(9.9, 0.5), (10.0, 0.010), (19.9, 0.030)]}, {"takes": [(20.0, 0.7)]}]
    assert latencies(ledgers, "takes", 10.0, 20.0) == pytest.approx([10.0, 30.0])


def test_it_submits_all_points_of_a_face() -> None:
    submission = str(uuid.uuid4())
    sent = json.loads(_body(LABELS) % {"submission": submission, "token": submission, "base": 7, "age": 31})
    assert (sent["submission_id"], sent["base_revision"], sent["labels"]["age"]) == (submission, 7, 31)
    assert (len(sent["labels"]["landmarks"]), len(sent["labels"]["visibility"])) == (68, 68)
