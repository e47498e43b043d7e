"""The tallies' counts, taken row by row in Python: what the triggers are judged by."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import Any

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image, Verdict
from annotator.quality.selectors.tallies import day_work, tallies
from annotator.work.models import Pass, WorkItem

Counts = Counter[tuple[str, str, int]]
UNFINISHED = ("waiting", "checking", "disputed")
EDGES = (0, 30, 50, 75, 100, 150, 200, 300, 500)


def truth(dataset: Dataset) -> Counts:
    """The same counts, taken row by row."""
    found: Counts = Counter()
    for face in Face.objects.filter(dataset=dataset).select_related("current", "prelabel"):
        found["face", face.state, 0] += 1
        labels = None if face.current is None else face.current.labels
        if labels is not None and face.state != FaceState.REJECTED:
            found["size", "", sum(labels.box.min_side >= edge for edge in EDGES)] += 1
        if face.state != FaceState.ACCEPTED:
            continue
        if face.age_mean is not None:
            found["age", "", min(int(face.age_mean // 5), 19)] += 1
        if labels is not None:
            found.update(("flag", flag, 0) for flag in labels.flags)
            words = (("gender", labels.gender), ("ethnicity", labels.ethnicity))
            found.update((name, word, 0) for name, word in words if word is not None)
        if face.prelabel is not None:
            found["maker", face.prelabel.made_by, 0] += 1
    for image in Image.objects.filter(dataset=dataset):
        open_faces = Face.objects.filter(image=image, state__in=UNFINISHED).exists()
        holds = {
            "total": True,
            "prelabelled": image.prelabelled_at is not None,
            "prelabel_failed": image.prelabelled_at is None and image.prelabel_error != "",
            "swept": image.swept_at is not None,
            "rejected": image.verdict == Verdict.REJECTED,
            "complete": image.swept_at is not None and image.verdict == Verdict.NONE and not open_faces,
        }
        found.update(("image", name, 0) for name, is_so in holds.items() if is_so)
    for item in WorkItem.objects.filter(dataset=dataset, gold=None):
        found[f"item_{item.state}", item.kind, item.pass_number] += 1
    return found


def days_truth(dataset: Dataset) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    found: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    for made in Pass.objects.filter(dataset=dataset, counted=True).select_related("item"):
        day = made.created_at.astimezone(UTC).date()
        key = (made.user_id, made.kind, made.item.pass_number, made.is_gold, day)
        n, timed, ms = found.get(key, (0, 0, 0))
        found[key] = (n + 1, timed + bool(made.active_ms), ms + (made.active_ms or 0))
    return found


def assert_true(dataset: Dataset) -> None:
    assert tallies(dataset=dataset).counts == dict(truth(dataset))
    days = day_work(dataset=dataset)
    shown = {(d.user_id, d.kind, d.pass_number, d.is_gold, d.day): (d.n, d.timed, d.active_ms) for d in days}
    assert shown == days_truth(dataset)
