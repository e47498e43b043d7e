"""A dataset's own shape model, made with each release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from annotator.releases.models import DatasetShapeModel, Release
from jfa_pipeline.statistics.shape_estimation import release_model
from jfa_pipeline.statistics.shape_model import ShapeModel, shape_model_text

LEAST_FACES: Final = 50
"""Fewer complete faces leave the shipped model as it is; it weighs as much as 300."""


def shape_model_of(*, release: Release, folder: Path) -> ShapeModel | None:
    """Estimate the model from the written tables of a release; None if it has too few complete faces.

    Faces of the test split are left out. Raises OSError for unreadable tables.
    """
    if release.manifest["counts"]["faces"] < LEAST_FACES:
        return None
    try:
        model = release_model(folder)
    except ValueError:  # no face has all points
        return None
    if model.faces < LEAST_FACES:
        return None
    return replace(model, source=f"accepted faces of release {release.number}")


def shape_model_store(*, release: Release, model: ShapeModel | None) -> None:
    """Make it the dataset's, unless a newer release gave one. The caller is in the transaction that publishes."""
    if model is None:
        return
    newer = DatasetShapeModel.objects.filter(
        dataset=release.dataset_id, release__number__gt=release.number
    ).exists()
    if not newer:
        DatasetShapeModel.objects.update_or_create(
            dataset_id=release.dataset_id,
            defaults={"release": release, "text": shape_model_text(model), "faces": model.faces},
        )
