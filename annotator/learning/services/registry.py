"""Writes of the model registry: register a trained network, make it the champion, go back, turn it down.

Whoever changes the champion of a dataset holds the dataset's row lock, so changes come one after the other and
the log of promotions is a chain. A constraint allows one champion, whatever the code does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.images.services.storing import file_store, local_path
from annotator.jobs.services import message_send
from annotator.learning.model_card import model_card
from annotator.learning.models import ModelState, ModelVersion, Promotion
from annotator.learning.selectors.registry import (
    CHUNK,
    ModelFileCorrupt,
    champion_of,
    file_sha256,
    model_local_file,
)
from jfa_pipeline.core.stages import is_promotable

RELABEL_TASK: Final = "learning.relabel"
ANY: Final = -1
LONGEST_REASON: Final = 500


def model_register(
    *,
    dataset: Dataset,
    path: Path,
    run_id: int | None,
    release_number: int | None,
    release_sha256: str,
    preset: str,
    stages: Sequence[str],
    parent: ModelVersion | None,
    metrics: Mapping[str, Any],
    facts: Mapping[str, Any],
    created_by: User | None,
    name: str = "",
) -> ModelVersion:
    """Store a trained network's file under its SHA-256 and add the next version of the dataset's models.

    Idempotent for one run and the same bytes: the version made before is returned. ``facts`` may name the
    network's configuration (``config``) and what the card tells: ``start``, ``pictures``, ``faces``,
    ``val_pictures``, ``val_faces``, ``seed``, ``seconds``, ``device``. The file is complete in the storage before
    its row exists. Locks the dataset's row. A worker calls it inside the transaction of its job's fence. Raises
    FileNotFoundError, Conflict ``other_dataset`` for a parent of another dataset.
    """
    if parent is not None and parent.dataset_id != dataset.pk:
        raise Conflict("other_dataset", "The parent of a model belongs to the same dataset.")
    digest = file_sha256(path)
    place = f"models/{digest}.pt"
    size = path.stat().st_size
    if not _is_stored(place, digest, size):
        file_store(path=place, chunks=_chunks(path))
    with transaction.atomic():
        _lock(dataset)
        made = ModelVersion.objects.filter(dataset=dataset, training_run_id=run_id, sha256=digest).first()
        if made is not None:
            return made
        last = ModelVersion.objects.filter(dataset=dataset).aggregate(last=Max("number"))["last"] or 0
        told = dict(facts)
        model = ModelVersion(
            dataset=dataset,
            number=last + 1,
            name=name or f"{preset} m{last + 1}",
            preset=preset,
            config=told.pop("config", {}),
            stages=list(stages),
            parent=parent,
            release_number=release_number,
            release_sha256=release_sha256,
            training_run_id=run_id,
            facts=told,
            metrics=dict(metrics),
            sha256=digest,
            file=place,
            bytes=size,
            created_by=created_by,
        )
        model.save()
        model.card = model_card(model)
        model.save(update_fields=["card"])
        audit(
            actor=created_by,
            verb="model.registered",
            target=model,
            dataset_id=dataset.pk,
            number=model.number,
            sha256=digest,
        )
        return model


@transaction.atomic
def model_promote(
    *,
    model: ModelVersion,
    actor: User | None,
    reason: str,
    automatic: bool = False,
    judged_against: int | None = ANY,
) -> Promotion:
    """Make this model the champion of its dataset; the one before retires, and untouched faces wait for new labels.

    ``judged_against``: number of the champion it was compared with (None: the coarse provider); left out, any.
    Locks the dataset's row. The message for the new labels goes out on commit; the beat looks for promotions
    without them too. Raises Invalid ``reason``; Conflict ``already_champion``, ``stages`` (parts are stale
    between S2 and S4), ``champion_changed`` since it was judged, ``model_file`` (ModelFileCorrupt).
    """
    reason = _checked(reason)
    dataset = _lock(model.dataset)
    model = ModelVersion.objects.select_related("dataset").get(pk=model.pk)
    if not is_promotable(model.stages):
        raise Conflict(
            "stages",
            f"Model m{model.number} has been through {', '.join(model.stages) or 'no stage'}: parts of it are stale "
            "until S2 is followed by S3 and S4. Train the missing stages first.",
        )
    previous = champion_of(dataset)
    if previous == model:
        raise Conflict("already_champion", f"Model m{model.number} already pre-labels this dataset.")
    if judged_against not in (ANY, None if previous is None else previous.number):
        raise Conflict(
            "champion_changed",
            "Another model became the champion while this one was compared with the one before. Compare again.",
        )
    model_local_file(model)
    return _crown(
        dataset=dataset, previous=previous, chosen=model, actor=actor, reason=reason, automatic=automatic
    )


@transaction.atomic
def champion_rollback(*, dataset: Dataset, actor: User | None, reason: str) -> Promotion:
    """Back to what pre-labelled before the champion did: an older model or, in the end, the coarse provider.

    An older model whose file is damaged is passed over, so that one action always leads to something that works.
    Locks the dataset's row. Raises Invalid ``reason``, Conflict ``no_champion``.
    """
    reason = _checked(reason)
    dataset = _lock(dataset)
    present = champion_of(dataset)
    if present is None:
        raise Conflict(
            "no_champion", "The coarse provider pre-labels this dataset: there is nothing before it."
        )
    chosen = _before(present)
    passed: list[str] = []
    while chosen is not None:
        try:
            model_local_file(chosen)
            break
        except ModelFileCorrupt:
            passed.append(f"m{chosen.number}")
            chosen = _before(chosen)
    if passed:
        reason = f"{reason} (passed over because their files are damaged: {', '.join(passed)})"[
            :LONGEST_REASON
        ]
    return _crown(
        dataset=dataset, previous=present, chosen=chosen, actor=actor, reason=reason, is_rollback=True
    )


@transaction.atomic
def model_refuse(*, model: ModelVersion, reason: str) -> ModelVersion:
    """Turn a challenger down; the reason goes into the audit trail. A model that was ever champion stays as it is.

    Locks the dataset's row. Raises Conflict ``is_champion``.
    """
    reason = _checked(reason)
    _lock(model.dataset)
    model = ModelVersion.objects.select_related("dataset").get(pk=model.pk)
    if model.state == ModelState.CHAMPION:
        raise Conflict("is_champion", "The champion is not refused: roll it back.")
    if model.state == ModelState.CHALLENGER:
        model.state = ModelState.REFUSED
        model.save(update_fields=["state"])
        audit(
            actor=None,
            verb="model.refused",
            target=model,
            dataset_id=model.dataset_id,
            number=model.number,
            reason=reason,
        )
    return model


@transaction.atomic
def model_judged(*, model: ModelVersion, gate: Mapping[str, Any]) -> ModelVersion:
    """Keep the promotion gate's report with the model and write its card anew. Locks the model's row."""
    model = ModelVersion.objects.select_for_update(no_key=True).get(pk=model.pk)
    model.metrics = {**model.metrics, "gate": dict(gate)}
    model.card = model_card(model)
    model.save(update_fields=["metrics", "card"])
    return model


def _crown(
    *,
    dataset: Dataset,
    previous: ModelVersion | None,
    chosen: ModelVersion | None,
    actor: User | None,
    reason: str,
    automatic: bool = False,
    is_rollback: bool = False,
) -> Promotion:
    """The change itself; the caller holds the dataset's row lock."""
    if previous is not None:
        ModelVersion.objects.filter(pk=previous.pk).update(state=ModelState.RETIRED)
    if chosen is not None:
        chosen.state = ModelState.CHAMPION
        chosen.save(update_fields=["state"])
    promotion = Promotion.objects.create(
        dataset=dataset,
        model=chosen,
        previous=previous,
        reason=reason,
        actor=actor,
        automatic=automatic,
        is_rollback=is_rollback,
    )
    audit(
        actor=actor,
        verb="model.rolled_back" if is_rollback else "model.promoted",
        target=chosen or dataset,
        dataset_id=dataset.pk,
        number=None if chosen is None else chosen.number,
        previous=None if previous is None else previous.number,
        automatic=automatic,
        reason=reason,
    )
    transaction.on_commit(partial(message_send, task=RELABEL_TASK, args=(dataset.pk,)))
    return promotion


def _before(model: ModelVersion) -> ModelVersion | None:
    """What the model took over from when it last became champion other than by going back to it."""
    crowned = (
        Promotion.objects.filter(model=model, is_rollback=False)
        .select_related("previous")
        .order_by("-pk")
        .first()
    )
    return None if crowned is None else crowned.previous


def _lock(dataset: Dataset) -> Dataset:
    return Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", "Say why: the reason stays with the model.")
    return reason[:LONGEST_REASON]


def _is_stored(place: str, digest: str, size: int) -> bool:
    """Whether the storage has the file already; a local one is read, another one is asked for the size."""
    if (stored := local_path(place)) is not None:
        return stored.is_file() and file_sha256(stored) == digest
    return bool(default_storage.exists(place) and default_storage.size(place) == size)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            yield data
