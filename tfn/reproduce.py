"""The paper's experiments on public data: train with its settings, print the result beside its tables (T31).

"TFN" starts from ImageNet and runs S2 on WIDER FACE, S3 on the 300-W training parts, S4 on MORPH II; each step goes
on from the network of the step before. ``jfa`` runs S1 to S4 on a release of the platform.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from jfa_pipeline.core.pixels import decode
from tfn.config import TfnConfig
from tfn.data.batches import Augmentation
from tfn.data.morph2 import ETHNICITIES, GENDERS, Part, morph2_pictures
from tfn.data.pictures import Pictures
from tfn.data.records import release_pictures
from tfn.data.w300 import w300_pictures
from tfn.data.widerface import widerface_pictures
from tfn.model_file import Model, load_model, save_model
from tfn.serve.evaluation import Evaluation, evaluate
from tfn.serve.predictor import Predictor
from tfn.start import new_network
from tfn.train.events import Events
from tfn.train.loop import Options, Trainer
from tfn.train.schedule import PAPER, PAPER_HEATMAP, PAPER_JOINT, Schedule
from tfn.train.stages import PROMOTABLE_AFTER, StageName

TABLE_IV: Final[dict[str, tuple[float, ...]]] = {
    "TFN": (0.3932, 0.0783, 0.6813, 0.0117, 0.7843, 0.0083),
    "TFN+JFA": (0.4076, 0.0683, 0.6946, 0.0050, 0.7955, 0.0017),
    "TFN+JFA (heatmap)": (0.4483, 0.0383, 0.7188, 0.0033, 0.8114, 0.0033),
    "TAFN+JFA (heatmap)": (0.4796, 0.0317, 0.7356, 0.0033, 0.8226, 0.0033),
}
"""300-W test: AUC and failure rate at 0.1, 0.2 and 0.3."""

TABLE_V: Final[dict[str, tuple[float, ...]]] = {
    "TFN": (3.23, 3.18, 0.9871, 0.9866, 0.9805, 0.9813),
    "TFN+JFA": (3.15, 2.94, 0.9907, 0.9906, 0.9835, 0.9847),
}
"""MORPH II, trained on S1 then on S2: age MAE, gender accuracy, ethnicity accuracy."""

WIDERFACE_MAX_FACES: Final = 750
EXPERIMENTS: Final = ("widerface", "300w", "morph2", "jfa")


@dataclass(frozen=True, slots=True)
class Run:
    """folder: the dataset in its own layout. out: where networks, checkpoints and caches go.

    model: network to go on from; None starts a new one from ``start``. steps: None for the paper's lengths.
    stages: of the experiment jfa; a comparison of frameworks is S1 only (A12, T30). joint: rates of S1, for the
    fusion study PAPER_FUSION (T29).
    """

    folder: Path
    out: Path
    config: TfnConfig
    start: str = "imagenet"
    model: Path | None = None
    steps: int | None = None
    batch: int | None = None
    stages: tuple[StageName, ...] = ("S1", "S2", "S3", "S4")
    joint: Schedule = PAPER_JOINT
    augmentation: Augmentation = field(default_factory=Augmentation)


def reproduce(name: str, run: Run, events: Events) -> dict[str, Any]:
    """Train and evaluate one experiment; the returned object has ours and the paper's figures.

    Raises DatasetLayoutError, WeightsMissing, or ValueError for a name that is none of EXPERIMENTS.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"'{name}' is none of {', '.join(EXPERIMENTS)}.")
    steps = {"widerface": _widerface, "300w": _w300, "morph2": _morph2, "jfa": _jfa}
    return {"experiment": name} | steps[name](run, events)


def _widerface(run: Run, events: Events) -> dict[str, Any]:
    """S2 alone from ImageNet; AP on the validation pictures (the paper's numbers are lost with its figure)."""
    many = replace(run.config.test, max_faces=WIDERFACE_MAX_FACES)
    model = _first(replace(run, config=replace(run.config, test=many)))
    _stage(model, "S2", widerface_pictures(run.folder, "train"), run, events)
    figures = _judged(model, widerface_pictures(run.folder, "val")).figures()
    return {
        "ap50": figures["ap50"],
        "faces_n": figures["faces_n"],
        "paper": None,
        "network": _kept(model, run, "S2"),
    }


def _w300(run: Run, events: Events) -> dict[str, Any]:
    """S3 on 3,148 pictures; AUC and failure rate on the 600 test pictures beside Table IV."""
    model = _first(run)
    _stage(model, "S3", w300_pictures(run.folder, "train"), run, events)
    figures = _judged(model, w300_pictures(run.folder, "test")).figures()
    ours = {key: figures[key] for key in figures if key.startswith(("auc", "failure", "nme"))}
    return {"ours": ours, "paper": TABLE_IV, "network": _kept(model, run, "S3")}


def _morph2(run: Run, events: Events) -> dict[str, Any]:
    """S4 twice, on S1 and on S2, each tested on the other two sets, beside Table V; Avg.E is the mean (T47)."""
    config = replace(run.config, genders=GENDERS, ethnicities=ETHNICITIES)
    first = _first(replace(run, config=config))
    seer = Predictor(Model(first.network), score=0.0)

    def box_of(path: Path) -> tuple[float, float, float, float]:
        pixels = decode(path.read_bytes())
        faces = seer.label(pixels)
        if not faces:
            return 0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0])
        box = faces[0].labels.box
        return box.x1, box.y1, box.x2, box.y2

    parts = morph2_pictures(run.folder, box_of)
    ours: dict[str, Any] = {}
    protocol: tuple[tuple[Part, tuple[Part, ...]], ...] = (("S1", ("S2", "S3")), ("S2", ("S1", "S3")))
    for train, tests in protocol:
        model = _first(replace(run, config=config))
        _stage(model, "S4", parts[train], replace(run, out=run.out / f"on-{train}"), events)
        judged = Evaluation(GENDERS, ETHNICITIES)
        for test in tests:
            judged = _judged(model, parts[test], judged)
        figures = judged.figures()
        ours[train] = {key: figures[key] for key in ("age_mae", "gender_acc", "ethnicity_acc", "age_mae_n")}
        _kept(model, run, f"S4-on-{train}")
    errors = [ours[train]["age_mae"] for train in ("S1", "S2")]
    ours["age_mae_average"] = None if None in errors else sum(errors) / 2
    return {"ours": ours, "paper": TABLE_V}


def _jfa(run: Run, events: Events) -> dict[str, Any]:
    """S1 (T30), then S2 to S4 with T31's settings, on a release; the paper's own numbers are lost (Table III)."""
    pictures = release_pictures(run.folder, "train")
    config = replace(run.config, genders=pictures.genders, ethnicities=pictures.ethnicities)
    model = _first(replace(run, config=config))
    test = release_pictures(run.folder, "test")
    found: dict[str, Any] = {}
    for stage in run.stages:
        _stage(model, stage, pictures, run, events)
        if stage in PROMOTABLE_AFTER:
            found[f"after_{stage}"] = _judged(model, test).figures()
        _kept(model, run, stage)
    return {"ours": found, "paper": None}


def _first(run: Run) -> Model:
    """A new network, or ``run.config`` filled from the given one wherever names and shapes agree.

    So a heatmap network starts its fused block from the trained landmark net's (T40), and decisions over other
    classes start anew.
    """
    if run.model is None:
        return Model(new_network(run.config, run.start))
    given = load_model(run.model)
    if given.network.config == run.config:
        return given
    network = new_network(run.config, "random")
    own = network.state_dict()
    kept = {
        name: value
        for name, value in given.network.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
    for name, classes in (("gender", "genders"), ("ethnicity", "ethnicities")):
        if getattr(given.network.config, classes) != getattr(run.config, classes):
            kept = {key: value for key, value in kept.items() if f"attribute_decision.{name}." not in key}
    network.load_state_dict(own | kept)
    return Model(network, given.stages)


def _stage(model: Model, stage: StageName, pictures: Pictures, run: Run, events: Events) -> None:
    heatmap = stage == "S3" and model.network.config.landmark_head == "heatmap"
    schedule: Schedule = PAPER_HEATMAP if heatmap else PAPER[stage]
    if stage == "S1":
        schedule = run.joint
    schedule = replace(
        schedule,
        steps=schedule.steps if run.steps is None else run.steps,
        batch=schedule.batch if run.batch is None else run.batch,
    )
    options = Options(run.out, augmentation=run.augmentation)
    Trainer(model.network, stage, schedule, pictures, options, events=events).run()
    model.stages = (*model.stages, stage)
    model.facts = {"schedule": asdict(schedule)}


def _judged(model: Model, pictures: Pictures, into: Evaluation | None = None) -> Evaluation:
    """Stages are not asked for here: detection alone is judged after S2, landmarks after S3."""
    predictor = Predictor(Model(model.network), score=model.network.config.test.score)
    return evaluate(predictor, pictures, into)


def _kept(model: Model, run: Run, name: str) -> str:
    path = run.out / f"after-{name}.pt"
    save_model(model, path)
    return str(path)
