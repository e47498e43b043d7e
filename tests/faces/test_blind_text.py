"""Ages that people tell each other in words are hidden from those who give an age."""

import pytest

from annotator.faces.blind_text import without_ages


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Is he 40 or 50?", "Is he ·· or ··?"),
        ("a 40yo, mid-30s at most", "a ··yo, mid-··s at most"),
        ("She is 7.", "She is ··."),
        ("about 35,5 years", "about ·· years"),
        ("Forty-two, or in her thirties?", "··, or in her ··?"),
        ("a teenager, eighteen", "a ··, ··"),
        ("a hundred years", "a ·· years"),
    ],
)  # fmt: skip
def test_it_hides_numbers_that_may_be_an_age(written: str, shown: str) -> None:
    assert without_ages(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "Point 36 is on the wrong eye.",
        "points 36, 37 and 41 look swapped",
        "Version 12 restored. The jaw was better.",
        "off by 12 px, 3.5 % of the box",
        "See face #18 of this image.",
        "The boxes overlap with an IoU of 0.62; the policy asks for at least 0.5.",
        "3 landmark points are removed in one labelling and placed in the other.",
        "One of them has often been seen; nobody can tell.",
    ],
)
def test_it_keeps_what_a_number_names_and_what_it_measures(written: str) -> None:
    assert without_ages(written) == written


def test_it_hides_an_age_beside_a_point() -> None:
    assert without_ages("Point 36 fits, he is 36.") == "Point 36 fits, he is ··."
