"""The model registry: versions by hash, one champion, a chain of promotions, and the way back."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.learning.models import ModelState, ModelVersion, Promotion
from annotator.learning.selectors.registry import ModelFileCorrupt, champion_of, model_local_file
from annotator.learning.services.registry import (
    champion_rollback,
    model_judged,
    model_promote,
    model_refuse,
    model_register,
)
from tests.learning.models import register

pytestmark = pytest.mark.django_db


def state_of(model: ModelVersion) -> str:
    return ModelVersion.objects.get(pk=model.pk).state


def damage(model: ModelVersion) -> None:
    Path(default_storage.path(model.file)).write_bytes(b"other weights")


def test_it_stores_the_file_under_its_hash(dataset: Dataset, tmp_path: Path) -> None:
    model = register(dataset, tmp_path, content=b"abc", stages=["S1", "S2", "S3", "S4"])
    digest = hashlib.sha256(b"abc").hexdigest()
    assert (model.number, model.sha256, model.file, model.bytes) == (1, digest, f"models/{digest}.pt", 3)
    assert (model.state, model.config) == (ModelState.CHALLENGER, {"backbone": "mobile"})
    assert model_local_file(model).read_bytes() == b"abc"
    assert register(dataset, tmp_path).number == 2


def test_it_registers_a_runs_model_once(dataset: Dataset, tmp_path: Path) -> None:
    first = register(dataset, tmp_path, content=b"abc", run_id=7)
    assert register(dataset, tmp_path, content=b"abc", run_id=7) == first
    assert register(dataset, tmp_path, content=b"abc", run_id=8) != first
    without_run = register(dataset, tmp_path, content=b"abc", run_id=None)
    assert register(dataset, tmp_path, content=b"abc", run_id=None) == without_run


def test_registering_again_mends_a_damaged_file(dataset: Dataset, tmp_path: Path) -> None:
    model = register(dataset, tmp_path, content=b"abc", run_id=7)
    Path(default_storage.path(model.file)).write_bytes(b"abd")
    assert register(dataset, tmp_path, content=b"abc", run_id=7) == model
    assert model_local_file(model).read_bytes() == b"abc"


def test_it_counts_versions_in_each_dataset(dataset: Dataset, other_dataset: Dataset, tmp_path: Path) -> None:
    register(dataset, tmp_path)
    assert register(other_dataset, tmp_path).number == 1
    with pytest.raises(Conflict) as refused:
        register(other_dataset, tmp_path, parent=ModelVersion.objects.get(dataset=dataset))
    assert refused.value.code == "other_dataset"


def test_it_promotes_and_the_one_before_retires(dataset: Dataset, admin: User, tmp_path: Path) -> None:
    one, two = register(dataset, tmp_path), register(dataset, tmp_path)
    assert champion_of(dataset) is None
    model_promote(model=one, actor=admin, reason="first")
    promotion = model_promote(model=two, actor=None, reason="better by 3 %", automatic=True)
    assert champion_of(dataset) == two
    assert (state_of(one), state_of(two)) == ("retired", "champion")
    assert (promotion.previous, promotion.automatic, promotion.actor) == (one, True, None)
    assert AuditEntry.objects.filter(verb="model.promoted", dataset_id=dataset.pk).count() == 2


def test_it_sends_the_relabelling_when_the_promotion_is_committed(
    dataset: Dataset,
    admin: User,
    tmp_path: Path,
    django_capture_on_commit_callbacks: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, tuple[int, ...]]] = []

    def send(*, task: str, args: tuple[int, ...]) -> bool:
        sent.append((task, args))
        return True

    monkeypatch.setattr("annotator.learning.services.registry.message_send", send)
    model = register(dataset, tmp_path)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a pytest-django fixture
        model_promote(model=model, actor=admin, reason="first")
        assert sent == []
    assert sent == [("learning.relabel", (dataset.pk,))]


def test_it_rolls_back_step_by_step_to_the_coarse_provider(
    dataset: Dataset, admin: User, tmp_path: Path
) -> None:
    one, two, three = (register(dataset, tmp_path) for _ in range(3))
    for model in (one, two, three):
        model_promote(model=model, actor=admin, reason="better")
    assert champion_rollback(dataset=dataset, actor=admin, reason="worse in practice").model == two
    assert champion_rollback(dataset=dataset, actor=admin, reason="and this one too").model == one
    last = champion_rollback(dataset=dataset, actor=admin, reason="all of them")
    assert (last.model, last.previous, last.is_rollback) == (None, one, True)
    assert champion_of(dataset) is None
    with pytest.raises(Conflict) as refused:
        champion_rollback(dataset=dataset, actor=admin, reason="once more")
    assert refused.value.code == "no_champion"
    assert [state_of(model) for model in (one, two, three)] == ["retired"] * 3


def test_it_rolls_back_to_what_a_model_last_took_over_from(
    dataset: Dataset, admin: User, tmp_path: Path
) -> None:
    one, two = register(dataset, tmp_path), register(dataset, tmp_path)
    for model in (one, two, one):
        model_promote(model=model, actor=admin, reason="better")
    assert champion_rollback(dataset=dataset, actor=admin, reason="no").model == two


def test_it_refuses_a_file_that_does_not_match_its_hash(
    dataset: Dataset, admin: User, tmp_path: Path
) -> None:
    model = register(dataset, tmp_path)
    damage(model)
    with pytest.raises(ModelFileCorrupt, match="changed or damaged"):
        model_local_file(model)
    with pytest.raises(ModelFileCorrupt):
        model_promote(model=model, actor=admin, reason="try")
    default_storage.delete(model.file)
    with pytest.raises(ModelFileCorrupt, match="is gone"):
        model_local_file(model)
    assert champion_of(dataset) is None


def test_it_passes_over_damaged_models_on_the_way_back(dataset: Dataset, admin: User, tmp_path: Path) -> None:
    one, two, three = (register(dataset, tmp_path) for _ in range(3))
    for model in (one, two, three):
        model_promote(model=model, actor=admin, reason="better")
    damage(two)
    back = champion_rollback(dataset=dataset, actor=admin, reason="worse")
    assert back.model == one
    assert "m2" in back.reason


@pytest.mark.parametrize(
    ("stages", "promotable"),
    [
        (["S1"], True),
        (["S1", "S2"], False),
        (["S1", "S2", "S3"], False),
        (["S1", "S2", "S4"], False),
        (["S1", "S2", "S3", "S4"], True),
        (["S1", "S2", "S3", "S4", "S3"], True),
        (["S1", "S2", "S3", "S4", "S2"], False),
        (["S1", "S2", "S1"], True),
        (["S3"], False),
        (["S2", "S3", "S4"], False),
        ([], False),
    ],
)
def test_it_promotes_nothing_between_s2_and_s4(
    dataset: Dataset, admin: User, tmp_path: Path, stages: list[str], promotable: bool
) -> None:
    model = register(dataset, tmp_path, stages=stages)
    if promotable:
        model_promote(model=model, actor=admin, reason="first")
        assert champion_of(dataset) == model
        return
    with pytest.raises(Conflict) as refused:
        model_promote(model=model, actor=admin, reason="first")
    assert refused.value.code == "stages"


def test_it_promotes_nothing_that_was_judged_against_another_champion(
    dataset: Dataset, admin: User, tmp_path: Path
) -> None:
    one, two = register(dataset, tmp_path), register(dataset, tmp_path)
    model_promote(model=one, actor=admin, reason="first", judged_against=None)
    with pytest.raises(Conflict) as refused:
        model_promote(model=two, actor=None, reason="better", automatic=True, judged_against=None)
    assert refused.value.code == "champion_changed"
    with pytest.raises(Conflict) as again:
        model_promote(model=one, actor=admin, reason="again")
    assert again.value.code == "already_champion"
    model_promote(model=two, actor=None, reason="better", automatic=True, judged_against=1)
    assert champion_of(dataset) == two


def test_it_asks_for_a_reason(dataset: Dataset, admin: User, tmp_path: Path) -> None:
    model = register(dataset, tmp_path)
    with pytest.raises(Invalid):
        model_promote(model=model, actor=admin, reason="  ")


def test_the_database_allows_one_champion(dataset: Dataset, tmp_path: Path) -> None:
    register(dataset, tmp_path), register(dataset, tmp_path)
    with pytest.raises(IntegrityError, match="one_champion_per_dataset"), transaction.atomic():
        ModelVersion.objects.update(state=ModelState.CHAMPION)


def test_it_refuses_challengers_only(dataset: Dataset, admin: User, tmp_path: Path) -> None:
    one, two = register(dataset, tmp_path), register(dataset, tmp_path)
    model_promote(model=one, actor=admin, reason="first")
    with pytest.raises(Conflict):
        model_refuse(model=one, reason="worse")
    assert model_refuse(model=two, reason="worse for ages 0-12").state == ModelState.REFUSED
    model_promote(model=two, actor=admin, reason="I looked at it myself")
    assert model_refuse(model=one, reason="late").state == ModelState.RETIRED


def test_it_writes_a_card(dataset: Dataset, tmp_path: Path) -> None:
    start = {"start": "centerface", "pictures": 120, "faces": 300, "seconds": 61.5}
    first = register(dataset, tmp_path, facts=start)
    model = register(
        dataset, tmp_path, name="Portraits 2", parent=first, facts={**start, "start": "champion"}
    )
    assert "has not been compared" in model.card
    gate = {
        "decision": "promote",
        "reasons": [{"code": "better", "sentence": "Landmarks are better by 0.4 points."}],
        "overall": {"landmarks": {"challenger": 0.03, "champion": 0.034, "difference": -0.004, "n": 90}},
        "groups": [
            {
                "group": "age_band",
                "value": "0-12",
                "task": "landmarks",
                "n": 4,
                "challenger": 0.05,
                "champion": 0.05,
                "difference": 0.0,
                "low": -0.01,
                "high": 0.01,
                "verdict": "not_enough_evidence",
            }
        ],
        "against": {"kind": "coarse", "name": "packaged", "number": None},
        "release": 1,
        "test_faces": 90,
        "test_images": 60,
    }
    card = model_judged(model=model, gate=gate).card
    for part in (
        "# Portraits 2",
        model.sha256,
        "Release 1, manifest SHA-256 `abab",
        "the weights of m1; the first of that line: The stem of CenterFace (MIT licence",
        "WIDER FACE",
        "photographs it learnt from (split train): 120",
        "the packaged provider on the test split of release 1: 90 faces",
        "| age_band 0-12 | landmarks | 0.05 | 0.05 | 0 | -0.01 to 0.01 | 4 | not enough evidence |",
        "Landmarks are better by 0.4 points.",
        "## Intended use",
        "## Limits",
    ):
        assert part in card


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_chain_of_promotions_made_at_once(dataset: Dataset, tmp_path: Path) -> None:
    models = [register(dataset, tmp_path) for _ in range(6)]
    start = threading.Barrier(len(models))
    failed: list[BaseException] = []

    def promote(model: ModelVersion) -> None:
        try:
            start.wait(10)
            model_promote(model=model, actor=None, reason="at once")
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=promote, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    chain = list(Promotion.objects.order_by("pk"))
    assert chain[0].previous is None
    assert [one.previous_id for one in chain[1:]] == [one.model_id for one in chain[:-1]]
    champion = champion_of(dataset)
    assert champion is not None
    assert champion.pk == chain[-1].model_id
    assert ModelVersion.objects.filter(state=ModelState.RETIRED).count() == 5


def test_registering_needs_a_file(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        model_register(
            dataset=dataset,
            path=tmp_path / "absent.pt",
            run_id=1,
            release_number=None,
            release_sha256="",
            preset="fast",
            stages=["S1"],
            parent=None,
            metrics={},
            facts={},
            created_by=None,
        )
