"""Agreement of the newest faces: what was answered blind apart from what was corrected."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision
from annotator.quality.models import ReportKind
from annotator.quality.selectors.agreement import agreement_get
from annotator.quality.services.reports import report_compute
from jfa_pipeline.core.policy import Policy
from tests.cast import Api, FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db

SIDE = 100.0


def policy(dataset: Dataset, **changes: Any) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        dataset=dataset, version=dataset.policy_versions.count() + 1, data=Policy(**changes).to_json()
    )
    dataset.policy = version
    dataset.save()
    return version


@pytest.fixture
def said(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Any:
    """A face of 100 × 100 px that the first person annotated and the others checked, with ages, words, shifts in px."""

    def make(people: list[User], ages: list[float], genders: list[str], shifts: list[float]) -> Face:
        face = face_factory(image_factory(dataset))
        for place, (person, age, gender, shift) in enumerate(zip(people, ages, genders, shifts, strict=True)):
            labels = face_labels(box=(50, 50, 150, 150), gender=gender, age=age)
            columns = Revision.columns_of(labels)
            assert labels.landmarks is not None
            columns["landmarks"] = labels.landmarks + np.array([shift, 0], dtype=np.float32)
            revision = Revision.objects.create(
                face=face,
                kind="check" if place else "annotate",
                author=person,
                policy=dataset.policy,
                **columns,
            )
            if not place:
                face.current = revision
        face.state, face.accepted_policy, face.age_mean = FaceState.ACCEPTED, dataset.policy, ages[0]
        face.closed_at = face.created_at
        face.save()
        return face

    return make


def report(api: Api, dataset: Dataset, person: User) -> dict[str, Any]:
    report_compute(dataset=Dataset.objects.get(pk=dataset.pk), kind=ReportKind.AGREEMENT)
    answer = api(person).get(f"/api/v1/datasets/{dataset.pk}/agreement")
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()["report"]
    return found


def figure(row: dict[str, Any], measure: str) -> dict[str, Any]:
    (found,) = [one for one in row["measures"] if one["measure"] == measure]
    shaped: dict[str, Any] = found
    return shaped


def test_it_measures_landmarks_and_words_only_where_they_were_asked_blind(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    said([ann1, ann2], [20, 26], ["male", "female"], [0.0, 2.0])
    found = report(api, dataset, admin)
    assert found["asked_blind"] == ["age"]
    blind, seen = found["blind"]["overall"], found["seen"]["overall"]
    assert figure(blind, "nme_box_all")["n"] == 0
    assert figure(blind, "alpha_gender")["n"] == 0
    assert figure(blind, "age_difference_years")["value"] == 6
    assert figure(seen, "nme_box_all")["value"] == pytest.approx(2 / SIDE, rel=1e-4)


def test_it_reports_blind_answers_in_terms_of_faces(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    policy(dataset, blind_in_checks=("landmarks", "gender"))
    for gender in ("male", "female"):
        said([ann1, ann2], [20, 26], [gender, gender], [0.0, 3.0])
    overall = report(api, dataset, admin)["blind"]["overall"]
    assert (overall["faces"], overall["pairs"]) == (2, 2)
    assert figure(overall, "nme_box_eyes")["value"] == pytest.approx(3 / SIDE, rel=1e-4)
    assert figure(overall, "within_eyes")["value"] == 1.0
    assert figure(overall, "alpha_gender")["value"] == 1.0
    assert figure(overall, "age_sd_years")["value"] == pytest.approx(18**0.5)
    assert not any(one["measure"].startswith("box") for one in overall["measures"])


def test_it_takes_the_tolerances_from_the_policy(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    policy(dataset, blind_in_checks=("landmarks",), region_nme_max={"eyes": 0.02})
    said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 3.0])
    overall = report(api, dataset, admin)["blind"]["overall"]
    assert figure(overall, "within_eyes")["value"] == 0.0
    assert figure(overall, "within_jaw")["value"] == 1.0


def test_it_names_the_pair_and_how_much_older_the_second_guesses(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    said([ann1, ann2, ann3], [20, 26, 23], ["male"] * 3, [0.0] * 3)
    pairs = {row["name"]: row for row in report(api, dataset, admin)["blind"]["pairs"]}
    assert set(pairs) == {"Ann1 and Ann2", "Ann1 and Ann3", "Ann2 and Ann3"}
    assert figure(pairs["Ann2 and Ann3"], "age_shift_years")["value"] == -3
    assert figure(pairs["Ann1 and Ann2"], "kappa_gender")["n"] == 0


def test_it_tells_researchers_no_names(
    said: Any, api: Api, dataset: Dataset, researcher: User, ann1: User, ann2: User
) -> None:
    said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 0.0])
    found = report(api, dataset, researcher)
    assert (found["blind"]["pairs"], found["seen"]["pairs"]) == ([], [])
    assert found["blind"]["overall"]["faces"] == 1


def test_it_is_nothing_for_annotators(api: Api, dataset: Dataset, ann1: User) -> None:
    assert api(ann1).get(f"/api/v1/datasets/{dataset.pk}/agreement").status_code == 403
    assert api(ann1).get(f"/api/v1/datasets/{dataset.pk}/agreement.csv").status_code == 403


def test_it_groups_faces_by_what_is_accepted_of_them(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 0.0])
    said([ann1, ann2], [70, 60], ["female", "female"], [0.0, 0.0])
    groups = {one["name"]: one["rows"] for one in report(api, dataset, admin)["blind"]["groups"]}
    assert [row["name"] for row in groups["age"]] == ["20-34", "65+"]
    assert [row["name"] for row in groups["gender"]] == ["female", "male"]
    assert [(row["name"], row["faces"]) for row in groups["size"]] == [("61 to 120 px", 2)]
    assert figure(groups["age"][1], "age_difference_years")["value"] == 10


def test_it_counts_only_the_present_round(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    face = said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 0.0])
    Face.objects.filter(pk=face.pk).update(round=2)
    assert report(api, dataset, admin)["faces"] == 0


def test_it_asks_as_many_queries_for_many_faces_as_for_one(
    said: Any,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    django_assert_num_queries: Any,
) -> None:
    said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 0.0])
    with CaptureQueriesContext(connection) as one:
        agreement_get(dataset=dataset, with_pairs=True)
    for _ in range(4):
        said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 0.0])
    with django_assert_num_queries(len(one)):
        assert agreement_get(dataset=dataset, with_pairs=True).faces == 5


def test_it_gives_the_whole_report_as_a_table(
    said: Any, api: Api, dataset: Dataset, admin: User, ann1: User, ann2: User
) -> None:
    said([ann1, ann2], [20, 26], ["male", "male"], [0.0, 2.0])
    answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/agreement.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    (shift,) = [row for row in rows if row["measure"] == "age_shift_years" and row["answers"] == "blind"]
    assert (shift["scope"], shift["name"], shift["value"], shift["n"]) == (
        "pair",
        "Ann1 and Ann2",
        "6.0",
        "1",
    )
    assert {row["scope"] for row in rows} == {"everybody", "pair", "gender", "ethnicity", "age", "size"}
