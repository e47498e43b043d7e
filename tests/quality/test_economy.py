"""What accepted faces cost: counted once, compared with the pre-label, summed up by model."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.quality.models import FaceEconomy
from annotator.quality.selectors.economy import economy_get
from annotator.quality.services.economy import economy_count
from annotator.quality.tasks import count_economy
from annotator.work.models import Acceptance
from annotator.work.services.reopening import face_reopen
from jfa_pipeline.core.boxes import Box
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desk, Desks, desk  # noqa: F401  # the fixture is asked for by name

pytestmark = pytest.mark.django_db

BOX = (100, 100, 300, 300)
"""Side 200 px: a point counts as moved beyond 2 px."""


@pytest.fixture
def policy(dataset: Dataset) -> None:
    """One check, so that two people finish a face."""
    version = dataset.policy
    assert version is not None
    type(version).objects.filter(pk=version.pk).update(data={**version.data, "checks": 1})
    dataset.refresh_from_db()


def labelled(annotator: Desk, checker: Desk, labels: Any, *, ms: tuple[int, int] = (20_000, 10_000)) -> int:
    """One face through both passes, the second person giving the same labels at age 40; its id."""
    item = annotator.next(kinds=["annotate"])
    status, answer = annotator.submit(item, labels, active_ms=ms[0])
    assert status == 200, answer
    check = checker.next(kinds=["check"])
    status, answer = checker.submit(check, None, "accept", age=40.0, active_ms=ms[1])
    assert (status, answer["state"]) == (200, "accepted"), answer
    face_id: int = answer["face_id"]
    return face_id


@pytest.fixture
def accepted(
    policy: None,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    desk: Desks,  # noqa: F811  # pytest's way
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> Face:
    """Pre-label: age 25, female, no ethnicity. Accepted: jaw 10 px to the right, male, asian, ages 30 and 40."""
    before = face_labels(BOX, age=25.0, ethnicity=None)
    face = face_factory(image_factory(dataset), labels=before)
    assert before.landmarks is not None
    points = before.landmarks.copy()
    points[:17, 0] += 10
    labelled(desk(ann1), desk(ann2), face_labels(BOX, landmarks=points, gender="male", ethnicity="asian"))
    return face


def test_it_measures_one_accepted_face(accepted: Face) -> None:
    assert economy_count() == 1
    row = FaceEconomy.objects.get()
    assert (row.face_id, row.round, row.made_by, row.is_blind) == (accepted.pk, 1, "packaged 1", False)
    assert row.nme_jaw == pytest.approx(10 / 200)
    assert row.nme_box_side == pytest.approx(10 / 200 * 17 / 68)
    assert row.nme_lips == 0
    assert (row.box_iou, row.age_difference) == (1.0, 35.0 - 25.0)
    assert (row.gender_changed, row.ethnicity_changed) == (True, None)
    assert (row.points_moved, row.sides_moved, row.attributes_changed) == (17, 0, 2)
    assert (row.passes, row.active_ms, row.annotate_ms) == (2, 30_000, 20_000)


def test_it_counts_each_acceptance_once(accepted: Face) -> None:
    assert Acceptance.objects.count() == 1
    assert count_economy() == 1
    assert count_economy() == 0
    assert (Acceptance.objects.count(), FaceEconomy.objects.count()) == (0, 1)


def test_it_notes_nothing_for_a_face_that_is_none(
    policy: None,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    desk: Desks,  # noqa: F811  # pytest's way
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    face_factory(image_factory(dataset))
    gone = face_labels(landmarks=None, age=None, gender=None, ethnicity=None, flags={"not_a_face"})
    status, _ = desk(ann1).submit(desk(ann1).next(), gone)
    assert status == 200
    status, answer = desk(ann2).submit(desk(ann2).next(), gone, "save")
    assert (status, answer["state"]) == (200, FaceState.REJECTED)
    assert not Acceptance.objects.exists()


def test_it_counts_a_reopened_face_with_its_last_acceptance(
    accepted: Face,
    dataset: Dataset,
    admin: User,
    ann1: User,
    ann2: User,
    desk: Desks,  # noqa: F811
) -> None:
    economy_count()
    face_reopen(face=accepted, actor=admin, reason="look again")
    assert economy_get(dataset=dataset).versions == []
    labelled(desk(ann1), desk(ann2), face_labels(BOX), ms=(5_000, 1_000))
    economy_count()
    (version,) = economy_get(dataset=dataset).versions
    assert version.faces == 1
    assert version.samples["edits"].mean == 1
    assert version.samples["active_seconds"].mean == 36.0
    assert version.samples["annotate_seconds"].mean == 5.0
    assert FaceEconomy.objects.count() == 2


def test_it_takes_the_labels_of_the_acceptance_though_the_face_went_on(
    accepted: Face,
    admin: User,
    ann1: User,
    desk: Desks,  # noqa: F811
) -> None:
    face_reopen(face=accepted, actor=admin, reason="look again")
    desk(ann1).submit(desk(ann1).next(), face_labels(Box(0, 0, 50, 50)))
    economy_count()
    row = FaceEconomy.objects.get()
    assert (row.round, row.box_iou, row.points_moved, row.active_ms) == (1, 1.0, 17, 30_000)


def test_it_counts_everything_of_a_face_that_a_person_drew(
    policy: None,
    dataset: Dataset,
    ann1: User,
    ann2: User,
    desk: Desks,  # noqa: F811  # pytest's way
    image_factory: ImageFactory,
) -> None:
    image_factory(dataset, sweep=True)
    sweeper = desk(ann1)
    status, _ = sweeper.sweep(sweeper.next(), added=[{"box": list(BOX)}])
    assert status == 200
    labelled(sweeper, desk(ann2), face_labels(BOX))
    economy_count()
    row = FaceEconomy.objects.get()
    assert (row.made_by, row.box_iou, row.nme_box_side) == ("", None, None)
    assert (row.points_moved, row.sides_moved, row.attributes_changed) == (68, 4, 2)


def economy_row(face: Face, **columns: Any) -> FaceEconomy:
    Face.objects.filter(pk=face.pk).update(
        state=FaceState.ACCEPTED, accepted_policy=face.image.dataset.policy, closed_at=face.created_at
    )
    return FaceEconomy.objects.create(
        **{
            "dataset_id": face.dataset_id,
            "face": face,
            "round": face.round,
            "accepted_at": face.created_at,
            "made_by": "tfn m1 0123abcd",
            **columns,
        }
    )


@pytest.fixture
def rows(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[FaceEconomy]:
    """Shown faces with 10, 20 and 30 edits and gender changed once; blind ones with 60 and 80."""
    image = image_factory(dataset)
    shown = [(10, False), (20, True), (30, None)]
    made = [
        economy_row(face_factory(image), points_moved=edits, gender_changed=changed, active_ms=edits * 1000)
        for edits, changed in shown
    ]
    made += [economy_row(face_factory(image), points_moved=edits, is_blind=True) for edits in (60, 80)]
    return made


def test_it_sums_up_by_model_without_the_blind_faces(dataset: Dataset, rows: list[FaceEconomy]) -> None:
    (version,) = economy_get(dataset=dataset).versions
    assert (version.made_by, version.faces, version.blind_faces) == ("tfn m1 0123abcd", 3, 2)
    edits = version.samples["edits"]
    assert (edits.n, edits.mean, edits.variance) == (3, 20, 100)
    assert version.samples["active_seconds"].mean == 20
    gender = version.samples["gender_changed"]
    assert (gender.n, gender.mean) == (2, 0.5)


def test_it_compares_blind_with_shown(dataset: Dataset, rows: list[FaceEconomy]) -> None:
    found = {one.measure: one for one in economy_get(dataset=dataset).blind}["edits"]
    assert (found.shown.n, found.shown.mean, found.blind.n, found.blind.mean) == (3, 20, 2, 70)
    assert found.difference is not None
    assert found.difference.mean == 50
    assert found.difference.low < 50 < found.difference.high


def test_it_gives_each_week_and_model_a_point(dataset: Dataset, rows: list[FaceEconomy]) -> None:
    (week,) = economy_get(dataset=dataset).weeks
    assert (week.made_by, week.faces, week.edits, week.active_seconds) == ("tfn m1 0123abcd", 3, 20, 20)
    assert week.week.weekday() == 0


def test_it_answers_admins_and_researchers_in_two_queries(
    api: Api,
    dataset: Dataset,
    admin: User,
    researcher: User,
    rows: list[FaceEconomy],
    django_assert_num_queries: Any,
) -> None:
    answer = api(researcher).get(f"/api/v1/datasets/{dataset.pk}/economy")
    assert answer.status_code == 200
    shown = answer.json()
    measures = shown["versions"][0]["measures"]
    assert measures["edits"]["mean"] == 20
    assert measures["edits"]["low"] == pytest.approx(20 - 4.3027 * 10 / 3**0.5)
    assert measures["nme_box_side_jaw"] == {"n": 0, "mean": None, "low": None, "high": None}
    assert (shown["pause_seconds"], shown["point_tolerance_box_side"]) == (30, 0.01)
    with django_assert_num_queries(2):
        economy_get(dataset=dataset, weeks=1)
    client = api(admin)
    assert client.get(f"/api/v1/datasets/{dataset.pk}/economy?weeks=4").json()["versions"][0]["faces"] == 3
    assert client.get(f"/api/v1/datasets/{dataset.pk}/economy?weeks=0").status_code == 422


def test_it_refuses_people_who_label(
    api: Api, dataset: Dataset, ann1: User, adjudicator: User, outsider: User
) -> None:
    statuses = [
        api(user).get(f"/api/v1/datasets/{dataset.pk}/economy{kind}").status_code
        for user in (ann1, adjudicator, outsider)
        for kind in ("", ".csv")
    ]
    assert statuses == [403, 403, 403, 403, 404, 404]


def test_it_writes_a_table_for_spreadsheets(
    api: Api, dataset: Dataset, admin: User, rows: list[FaceEconomy]
) -> None:
    answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/economy.csv")
    (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
    assert (row["made_by"], row["faces"], row["blind_faces"]) == ("tfn m1 0123abcd", "3", "2")
    assert (float(row["edits"]), row["edits_n"], row["box_iou"]) == (20.0, "3", "")


def test_it_keeps_the_first_row_of_a_round(accepted: Face) -> None:
    FaceEconomy.objects.create(
        dataset_id=accepted.dataset_id, face=accepted, round=1, accepted_at=accepted.created_at, made_by="x"
    )
    assert economy_count() == 1
    assert FaceEconomy.objects.get().made_by == "x"
