"""Temperatures per task, fitted on faces the network has not seen (Part 6, 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from tfn.assign import iou
from tfn.data.pictures import Pictures
from tfn.losses import age_class
from tfn.postprocess import Temperatures
from tfn.serve.predictor import Predictor
from tfn.targets import MISSING_CLASS

GRID: Final = torch.logspace(-1, 1, 81)
MATCH_IOU: Final = 0.5


def fit_temperatures(predictor: Predictor, pictures: Pictures) -> Temperatures:
    """Temperatures that make held-out faces most likely; 1 for a task without labels there.

    A few faces without a mistake prove no certainty, so the wanted probabilities are (n + 1) / (n + 2), as Platt
    has them, instead of 1. ``points`` scales the landmark spread so that its mean is the mean error. Faces are
    matched by IoU > 0.5; a detection without a face counts as background for the score.
    """
    scores: list[Tensor] = []
    hits: list[Tensor] = []
    logits: dict[str, list[Tensor]] = {"age": [], "gender": [], "ethnicity": []}
    truth: dict[str, list[Tensor]] = {"age": [], "gender": [], "ethnicity": []}
    errors: list[Tensor] = []
    spreads: list[Tensor] = []
    for index in range(len(pictures)):
        picture = pictures.picture(index)
        raw, scale = predictor.raw([picture.pixels])[0]
        if len(raw.boxes) == 0:
            continue
        by = torch.tensor(scale)
        boxes = raw.boxes.cpu() / by.repeat(2)
        targets = picture.targets
        swallowed = iou(boxes, targets.ignored).amax(dim=1) > MATCH_IOU if len(targets.ignored) else None
        overlap = iou(boxes, targets.boxes)
        best, owner = overlap.max(dim=1) if len(targets) else (torch.zeros(len(boxes)), torch.zeros(0))
        hit = best > MATCH_IOU
        judged = hit if swallowed is None else hit | ~swallowed
        scores.append(raw.scores.cpu()[judged])
        hits.append(hit[judged])
        rows = torch.nonzero(hit).flatten()
        own = owner[rows].long()
        ages = targets.age[own]
        known_age = torch.where(
            torch.isnan(ages), torch.full_like(ages, MISSING_CLASS).long(), age_class(ages.nan_to_num(0))
        )
        for name, labels in (
            ("age", known_age),
            ("gender", targets.gender[own]),
            ("ethnicity", targets.ethnicity[own]),
        ):
            known = labels != MISSING_CLASS
            logits[name].append(getattr(raw, name).cpu()[rows][known])
            truth[name].append(labels[known])
        seen = targets.has_point[own]
        area = (boxes[rows, 2:] - boxes[rows, :2]).prod(dim=1).sqrt()[:, None]
        distance = ((raw.points.cpu()[rows] / by) - targets.landmarks[own]).norm(dim=2) / area
        errors.append(distance[seen])
        spreads.append(raw.spread.cpu()[rows][seen])
    return Temperatures(
        score=_score_temperature(torch.cat(scores), torch.cat(hits)) if scores else 1.0,
        **{name: _class_temperature(logits[name], truth[name]) for name in logits},
        points=_factor(errors, spreads),
    )


def _score_temperature(scores: Tensor, hits: Tensor) -> float:
    odds = torch.logit(scores.double(), eps=1e-9)
    right, wrong = int(hits.sum()), int((~hits).sum())
    wanted = torch.where(hits, (right + 1) / (right + 2), 1 / (wrong + 2)).double()
    return _best(lambda t: functional.binary_cross_entropy_with_logits(odds / t, wanted))


def _class_temperature(logits: list[Tensor], truth: list[Tensor]) -> float:
    labels = torch.cat(truth) if truth else torch.zeros(0)
    if len(labels) == 0:
        return 1.0
    values = torch.cat(logits)
    doubt = 2 / (len(labels) + 2)
    return _best(lambda t: functional.cross_entropy(values / t, labels, label_smoothing=doubt))


def _factor(errors: list[Tensor], spreads: list[Tensor]) -> float:
    error, spread = (torch.cat(parts) if parts else torch.zeros(0) for parts in (errors, spreads))
    if len(error) == 0 or float(spread.mean()) <= 0:
        return 1.0
    return float(error.mean() / spread.mean())


def _best(loss: Callable[[float], Tensor]) -> float:
    found: float = min(GRID.tolist(), key=lambda t: float(loss(t)))
    return found
