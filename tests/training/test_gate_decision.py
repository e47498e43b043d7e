"""What the gate does with a comparison: promote, refuse, or leave the model for a person, with its reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotator.common.errors import Conflict
from annotator.jobs.models import Job
from annotator.jobs.running import JobLost
from annotator.learning.models import ModelState, ModelVersion, Promotion
from annotator.learning.selectors.registry import champion_of
from annotator.learning.services.registry import model_promote
from annotator.releases.models import Release
from annotator.training.models import Decision, TrainingRun, TrainingSettings
from annotator.training.services import gate
from annotator.training.services.gate import gate_run
from tests.learning.models import register
from tests.releases.conftest import Run, written_release
from tests.training.conftest import Labelled, start_run

FACES = 80


def outcome(*, age_error: float, wrong_for: str = "") -> dict[str, Any]:
    """What the judging process writes about a candidate: a face a picture, half of them of each gender.

    wrong_for: the gender whose faces get the wrong ethnicity, except for every eighth.
    """
    faces = []
    for number in range(FACES):
        gender = ("female", "male")[number % 2]
        faces.append(
            {
                "face_id": number,
                "image": number,
                "groups": {"age_band": "20-34", "gender": gender, "ethnicity": None, "face_size": "large"},
                "has": ["age", "ethnicity"],
                "found": True,
                "nme": None,
                "age_error": age_error + number % 3,
                "gender_ok": None,
                "ethnicity_ok": gender != wrong_for or number % 16 < 2,
            }
        )
    return {
        "version": "test",
        "images": [{"image": number, "subject": ""} for number in range(FACES)],
        "faces": faces,
        "detections": [{"image": number, "score": 0.9, "hit": True} for number in range(FACES)],
        "unreadable": [],
        "refused": [],
    }


BETTER, CHAMPION, WORSE = outcome(age_error=2.0), outcome(age_error=6.0), outcome(age_error=9.0)
UNFAIR = outcome(age_error=2.0, wrong_for="female")


@pytest.fixture
def release(label: Labelled) -> Release:
    """Release 1 of three drawn pictures, two of them to test on."""
    return written_release(label(splits=("train", "test", "test")))


@pytest.fixture
def training(release: Release, tmp_path: Path) -> TrainingRun:
    """A run whose model is registered and waits for the gate."""
    run = start_run(release, stages=["S1"])
    run.model = register(release.dataset, tmp_path, run_id=run.pk)
    run.save(update_fields=["model"])
    return run


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Outcomes instead of the judging process (test_gate_judge has that): set ``challenger`` and ``champion``."""
    outcomes: dict[str, Any] = {"challenger": BETTER, "champion": CHAMPION, "times": 0}

    def answers(*given: Any) -> tuple[Any, Any]:
        outcomes["times"] += 1
        return outcomes["challenger"], outcomes["champion"]

    monkeypatch.setattr(gate, "_outcomes", answers)
    return outcomes


def judge(training: TrainingRun) -> TrainingRun:
    assert training.job is not None
    gate_run(run=Run(training.job), training_run=training)
    return TrainingRun.objects.select_related("model", "dataset", "job").get(pk=training.pk)


def codes(training: TrainingRun) -> list[str]:
    return [entry["code"] for entry in training.gate["reasons"]]


def test_it_promotes_a_better_model_and_says_why(training: TrainingRun, judged: dict[str, Any]) -> None:
    after = judge(training)
    assert after.decision == Decision.PROMOTED
    assert champion_of(after.dataset) == after.model
    assert codes(after)[0] == "better_overall"
    assert after.gate["against"] == {"kind": "coarse", "name": "packaged", "number": None}
    assert (after.gate["test_faces"], after.gate["release"]) == (FACES, 1)
    promotion = Promotion.objects.get()
    assert (promotion.automatic, promotion.actor) == (True, None)
    assert "Better overall: age" in promotion.reason
    assert after.model is not None
    assert after.model.metrics["gate"]["decision"] == "promote"


def test_it_refuses_a_worse_model_with_the_reason(training: TrainingRun, judged: dict[str, Any]) -> None:
    judged["challenger"] = WORSE
    after = judge(training)
    assert (after.decision, codes(after)[0]) == (Decision.KEPT, "worse_overall")
    assert champion_of(after.dataset) is None
    assert after.model is not None
    assert after.model.state == ModelState.REFUSED


def test_it_refuses_a_model_that_is_better_at_the_cost_of_one_group(
    training: TrainingRun, judged: dict[str, Any]
) -> None:
    judged["challenger"] = UNFAIR
    after = judge(training)
    assert after.decision == Decision.KEPT
    blamed = [entry for entry in after.gate["reasons"] if entry["code"] == "worse_for_group"]
    assert ("gender", "female", "ethnicity") in {(e["group"], e["value"], e["task"]) for e in blamed}


def test_it_leaves_the_promotion_to_a_person_where_the_settings_say_so(
    training: TrainingRun, judged: dict[str, Any]
) -> None:
    TrainingSettings.objects.create(dataset=training.dataset, promote_automatically=False)
    after = judge(training)
    assert (after.decision, after.gate["decision"], codes(after)[0]) == (Decision.KEPT, "promote", "by_hand")
    assert after.model is not None
    assert after.model.state == ModelState.CHALLENGER
    assert champion_of(after.dataset) is None


def test_it_compares_nothing_without_test_faces_and_says_what_to_do(
    training: TrainingRun, judged: dict[str, Any]
) -> None:
    training.release.manifest["counts"]["faces_by_split"] = {"train": 8}
    after = judge(training)
    assert (after.decision, codes(after), judged["times"]) == (Decision.KEPT, ["no_test_faces"], 0)
    assert "Set the policy's test share" in after.gate["reasons"][0]["sentence"]
    assert after.model is not None
    assert after.model.state == ModelState.CHALLENGER


def test_it_compares_no_network_with_stale_parts(
    training: TrainingRun, judged: dict[str, Any], tmp_path: Path
) -> None:
    training.model = register(training.dataset, tmp_path, stages=["S1", "S2"])
    training.save(update_fields=["model"])
    after = judge(training)
    assert (after.decision, codes(after)) == (Decision.KEPT, ["stages"])


def test_it_keeps_its_decision_when_the_job_is_repeated(
    training: TrainingRun, judged: dict[str, Any]
) -> None:
    first = judge(training)
    again = judge(first)
    assert (again.gate, judged["times"], Promotion.objects.count()) == (first.gate, 1, 1)


def test_it_compares_again_when_another_model_became_champion_meanwhile(
    training: TrainingRun, judged: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = register(training.dataset, tmp_path)
    plain = gate._outcomes

    def interrupted(*given: Any) -> Any:
        if champion_of(training.dataset) is None:
            model_promote(model=other, actor=None, reason="by hand")
        return plain(*given)

    monkeypatch.setattr(gate, "_outcomes", interrupted)
    after = judge(training)
    assert judged["times"] == 2
    assert after.gate["against"]["number"] == other.number
    assert champion_of(after.dataset) == after.model


def test_it_writes_nothing_for_an_attempt_that_lost_its_job(
    training: TrainingRun, judged: dict[str, Any]
) -> None:
    assert training.job is not None
    run = Run(training.job)
    Job.objects.filter(pk=training.job.pk).update(attempt=99)
    with pytest.raises(JobLost):
        gate_run(run=run, training_run=training)
    assert TrainingRun.objects.get(pk=training.pk).decision == ""
    assert not Promotion.objects.exists()


def test_it_uses_no_champion_whose_file_was_changed(
    training: TrainingRun, tmp_path: Path, files_folder: Path
) -> None:
    champion = register(training.dataset, tmp_path)
    model_promote(model=champion, actor=None, reason="the first")
    (files_folder / ModelVersion.objects.get(pk=champion.pk).file).write_bytes(b"other weights")
    with pytest.raises(Conflict, match="roll the champion back"):
        judge(training)
