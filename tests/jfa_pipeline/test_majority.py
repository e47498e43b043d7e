"""Words and flags by majority; ties are for a person to decide."""

from __future__ import annotations

from jfa_pipeline.aggregate.majority import flags_by_majority, majority


def test_the_word_with_most_answers_wins() -> None:
    found = majority(["male", "female", "male", None])
    assert (found.winner, found.counts, found.is_tie) == ("male", {"male": 2, "female": 1}, False)


def test_a_tie_has_no_winner_and_neither_has_silence() -> None:
    assert majority(["male", "female"]).is_tie
    assert majority(["male", "female"]).winner is None
    assert (majority([None]).winner, majority([]).is_tie) == (None, False)


def test_flags_need_more_than_half() -> None:
    blurred, both = frozenset({"blurred"}), frozenset({"blurred", "profile"})
    assert flags_by_majority([both, blurred, frozenset()]) == (blurred, ())
    assert flags_by_majority([both, blurred]) == (blurred, ("profile",))
    assert flags_by_majority([]) == (frozenset(), ())
