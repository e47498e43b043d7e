"""`manage.py seed_demo` makes people and a dataset, and adds only what lacks when it is repeated."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from annotator.accounts.models import User
from annotator.accounts.services import password_reset
from annotator.datasets.models import Dataset, Membership
from annotator.demo import services
from annotator.demo.pictures import rendered
from annotator.demo.services import PHOTOGRAPHS, demo_draw
from annotator.images.models import Import, Split
from annotator.images.services.splits import split_draw
from annotator.jobs.models import Job, JobState
from jfa_pipeline.core.policy import Policy

pytestmark = pytest.mark.django_db

NAMES = ["admin", "adjudicator", "annotator1", "annotator2", "annotator3", "annotator4"]


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    settings.JFA_DATA_DIR = tmp_path / "var"
    return tmp_path / "var"


def seed(*options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("seed_demo", "--json", *options, stdout=out)
    seeded: dict[str, Any] = json.loads(out.getvalue())
    return seeded


def test_it_makes_one_admin_one_adjudicator_and_four_annotators_who_can_sign_in() -> None:
    logins = seed()["logins"]
    assert [login["username"] for login in logins] == NAMES
    for login in logins:
        assert authenticate(username=login["username"], password=login["password"]) is not None
        membership = Membership.objects.get(user__username=login["username"])
        assert (membership.role, membership.dataset.slug) == (login["role"], "demo")
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]
    assert len({login["password"] for login in logins}) == 6


def test_it_keeps_a_part_for_testing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the dataset's number, which is drawn from, leaves the photographs outside that part."""
    monkeypatch.setattr(services, "split_draw", lambda **given: Split.TRAIN)
    seed()
    policy = Dataset.objects.get(slug="demo").policy
    assert policy is not None
    assert (policy.version, policy.policy.test_share, policy.policy.blind_share) == (1, 0.1, 0.0)


def test_it_never_tests_on_the_photographs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of forty numbers that the demo dataset could have, some put the photographs' subject into the test split."""
    key = PHOTOGRAPHS["subject_key"]
    whole = Policy.of_new_dataset()
    lots = [split_draw(dataset_id=n, policy=whole, sha256="", subject_key=key) for n in range(1, 41)]
    assert Split.TEST in lots
    monkeypatch.setattr(services, "split_draw", lambda **given: Split.TEST)
    seed()
    demo = Dataset.objects.get(slug="demo")
    assert demo.policy is not None
    assert (demo.policy.version, demo.policy.policy.test_share) == (2, 0.0)


def test_it_shows_the_same_log_ins_again_and_changes_nothing() -> None:
    first = seed()
    second = seed()
    assert first["logins"] == second["logins"]
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert (User.objects.count(), Dataset.objects.count(), Import.objects.count()) == (6, 1, 1)


def test_it_keeps_the_log_ins_for_the_owner_of_the_folder_only(data_folder: Path) -> None:
    seed()
    assert stat.S_IMODE((data_folder / "demo-logins.json").stat().st_mode) == 0o600


def test_it_shows_no_password_that_a_person_has_changed() -> None:
    seed()
    admin = User.objects.get(username="admin")
    password_reset(user=User.objects.get(username="annotator2"), actor=admin)
    shown = {login["username"]: login["password"] for login in seed()["logins"]}
    assert shown["annotator2"] == "(changed by its owner)"
    assert "(" not in shown["annotator1"]


def test_it_takes_nobodys_account_over() -> None:
    User.objects.create_user(username="adjudicator", password="my own secret")
    shown = {login["username"]: login["password"] for login in seed()["logins"]}
    assert shown["adjudicator"] == "(changed by its owner)"
    assert authenticate(username="adjudicator", password="my own secret") is not None


def test_it_starts_the_import_of_the_photographs_with_their_licence(data_folder: Path) -> None:
    seed()
    batch = Import.objects.get()
    assert batch.source == str(data_folder / "demo" / "photographs")
    assert batch.defaults["licence"] == "public domain"
    assert batch.job is not None
    assert sorted(path.name for path in Path(batch.source).iterdir())[0] == "astronaut-close.jpg"


def test_it_imports_the_rendered_scenes_once_they_are_drawn(data_folder: Path) -> None:
    seed()
    folder = data_folder / "demo" / "rendered"
    folder.mkdir()
    for name in rendered():
        (folder / name).write_bytes(b"drawn before")
    assert demo_draw()
    assert not demo_draw()
    assert Import.objects.filter(source=str(folder)).count() == 1


def test_it_draws_nothing_without_a_demo_dataset(tmp_path: Path) -> None:
    assert not demo_draw()
    assert not (tmp_path / "var").exists()


def test_it_names_a_dataset_after_the_users_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Family Photos (2019)"
    folder.mkdir()
    seeded = seed("--images", str(folder))
    assert seeded["dataset"] == "family-photos-2019"
    dataset = Dataset.objects.get()
    assert dataset.name == "Family Photos (2019)"
    assert Import.objects.get(dataset=dataset).source == str(folder)
    assert dataset.memberships.count() == 6


def test_it_looks_for_added_files_at_each_start_unless_it_is_still_importing(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    assert seed("--images", str(folder))["is_new"]
    seed("--images", str(folder))
    assert Import.objects.count() == 1
    Job.objects.update(state=JobState.DONE)
    assert not seed("--images", str(folder))["is_new"]
    assert Import.objects.count() == 2


def test_it_says_which_path_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not exist"):
        seed("--images", str(tmp_path / "nothing"))
    assert not User.objects.exists()


def test_it_prints_a_table_for_people() -> None:
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "Dataset: demo"
    assert [line.split()[1] for line in lines[1:]] == NAMES
