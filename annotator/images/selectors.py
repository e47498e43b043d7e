"""Reads about images, imports and near duplicates. Faces are reached through the images' own relation to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotator.accounts.models import User
from annotator.accounts.selectors import within_days
from annotator.common.errors import Invalid, NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.images.models import (
    Image,
    ImageView,
    Import,
    ImportEntry,
    NearDuplicate,
    Outcome,
    PairDecision,
    Split,
    Verdict,
)

CLOSED_FACES: Final = ("accepted", "rejected", "too_small")
"""States of a face that need nobody any more; an image is complete when it is swept and has only these."""

OPEN_FACES: Final = ("waiting", "checking", "disputed")
"""States of a face that still needs people; one of them keeps its image from being complete."""

TOUCHED_FACES: Final = ("checking", "disputed", "accepted", "rejected")
"""States of a face that only a person's decision brings about."""

REPORT_CHUNK: Final = 1000
Row = tuple[int, str, str, str, str, str, int | None]


def image_access(*, user: User, image_id: int, roles: tuple[Role, ...]) -> Image:
    """The image, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        raise NotFound()
    image.dataset, _ = dataset_access(user=user, dataset_id=image.dataset_id, roles=roles)
    return image


def image_rows(images: QuerySet[Image]) -> QuerySet[Image]:
    """Images with what a row shows: ``face_count`` (without false ones), ``accepted_count``, ``is_complete``,
    ``import_id``.
    """
    one = Image.objects.filter(pk=OuterRef("pk"))
    faces = one.annotate(n=Count("faces", filter=~Q(faces__state="rejected"))).values("n")
    accepted = one.annotate(n=Count("faces", filter=Q(faces__state="accepted"))).values("n")
    unfinished = one.annotate(n=Count("faces", filter=Q(faces__state__in=OPEN_FACES))).values("n")
    brought = ImportEntry.objects.filter(
        image=OuterRef("pk"), outcome__in=(Outcome.IMPORTED, Outcome.CONVERTED)
    ).values("batch_id")[:1]
    return images.annotate(
        face_count=Coalesce(Subquery(faces), 0),
        accepted_count=Coalesce(Subquery(accepted), 0),
        # Counted image by image: an EXISTS here makes the planner read every face of the table for one page.
        unfinished_count=Coalesce(Subquery(unfinished), 0),
        is_complete=ExpressionWrapper(Q(_finished(), unfinished_count=0), output_field=BooleanField()),
        import_id=Subquery(brought),
    )


def image_list(
    *,
    dataset: Dataset,
    verdict: str | None = None,
    state: str | None = None,
    q: str | None = None,
    split: str | None = None,
) -> QuerySet[Image]:
    """The images of a dataset by verdict (``none`` for those without), state, split, and part of the name.

    ``state``: prelabelled, waiting (for pre-labelling), failed (pre-labelling), complete. Raises Invalid for
    another value.
    """
    images = Image.objects.filter(dataset=dataset)
    if split:
        if split not in Split.values:
            raise Invalid("split", f"split is one of {', '.join(Split.values)}.")
        images = images.filter(split=split)
    if verdict:
        known = {"none": Verdict.NONE, **{str(v): v for v in Verdict.values if v}}
        if verdict not in known:
            raise Invalid("verdict", f"verdict is one of {', '.join(known)}.")
        images = images.filter(verdict=known[verdict])
    if state:
        images = images.filter(_state(state))
    if q and "\0" in q:  # which PostgreSQL would not even compare; no name has it
        return images.none()
    return images.filter(name__icontains=q) if q else images


def subject_images(*, dataset_id: int, subject_key: str) -> QuerySet[Image]:
    """The images of one subject; none for the empty key, which names nobody."""
    images = Image.objects.filter(dataset_id=dataset_id, subject_key=subject_key)
    return images.exclude(subject_key="")  # as the index on it says


def worked_on() -> Q:
    """Images that a person has worked on: a pass, a draft, a lease, or a closed face."""
    same = Image.objects.filter(pk=OuterRef("pk"))
    return Q(
        Q(swept_at__isnull=False)
        | Exists(same.filter(passes__isnull=False))
        | Exists(same.filter(faces__state__in=TOUCHED_FACES))
        | Exists(same.filter(work_items__leased_to__isnull=False))
        | Exists(same.filter(work_items__drafts__isnull=False))
    )


def splits_differ(*, image: Image) -> bool:
    """Whether images of this one's subject are in another split, so that a test could know a face already."""
    others = subject_images(dataset_id=image.dataset_id, subject_key=image.subject_key)
    return others.exclude(split=image.split).exists()


def _complete() -> Q:
    unfinished = Image.objects.filter(pk=OuterRef("pk"), faces__state__in=OPEN_FACES)
    return Q(~Exists(unfinished), _finished())


def _finished() -> Q:
    return Q(swept_at__isnull=False, verdict=Verdict.NONE)


def _state(state: str) -> Q:
    states: dict[str, Q] = {
        "prelabelled": Q(prelabelled_at__isnull=False),
        "waiting": Q(prelabelled_at=None, prelabel_error="", verdict=Verdict.NONE),
        "failed": ~Q(prelabel_error=""),
        "complete": _complete(),
    }
    if state not in states:
        raise Invalid("state", f"state is one of {', '.join(states)}.")
    return states[state]


def import_access(*, user: User, import_id: int, roles: tuple[Role, ...]) -> Import:
    """The import, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    batch = Import.objects.select_related("job", "created_by").filter(pk=import_id).first()
    if batch is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=batch.dataset_id, roles=roles)
    return batch


def import_list(*, dataset: Dataset) -> QuerySet[Import]:
    return Import.objects.filter(dataset=dataset).select_related("job", "created_by")


def outcome_counts(*, imports: Sequence[Import]) -> dict[int, dict[str, int]]:
    """The number of files of each outcome, zeros included, by import id; one query."""
    counts = {batch.pk: dict.fromkeys(map(str, Outcome.values), 0) for batch in imports}
    grouped = (
        ImportEntry.objects.filter(batch__in=counts).values_list("batch_id", "outcome").annotate(Count("pk"))
    )
    for batch_id, outcome, count in grouped:
        counts[batch_id][outcome] = count
    return counts


def entry_list(*, batch: Import, outcome: str | None = None) -> QuerySet[ImportEntry]:
    """The report of an import, in the order of reading. Raises Invalid for an outcome that does not exist."""
    entries = ImportEntry.objects.filter(batch=batch)
    if outcome:
        if outcome not in Outcome.values:
            raise Invalid("outcome", f"outcome is one of {', '.join(Outcome.values)}.")
        entries = entries.filter(outcome=outcome)
    return entries


def report_rows(*, batch: Import) -> Iterator[Row]:
    """The whole report as rows (id, name, outcome, code, message, sha256, image id), in keyset chunks."""
    after = 0
    columns = ("pk", "name", "outcome", "code", "message", "sha256", "image_id")
    while True:
        chunk: list[Any] = list(
            batch.entries.filter(pk__gt=after).order_by("pk").values_list(*columns)[:REPORT_CHUNK]
        )
        yield from chunk
        if len(chunk) < REPORT_CHUNK:
            return
        after = chunk[-1][0]


def near_duplicate_list(*, dataset: Dataset, decision: str | None = None) -> QuerySet[NearDuplicate]:
    """Pairs that look alike; ``decision``: open, keep, link, reject. Raises Invalid for another value."""
    pairs = NearDuplicate.objects.filter(dataset=dataset)
    if decision:
        known = {"open": PairDecision.OPEN, **{str(d): d for d in PairDecision.values if d}}
        if decision not in known:
            raise Invalid("decision", f"decision is one of {', '.join(known)}.")
        pairs = pairs.filter(decision=known[decision])
        if decision == "open":  # a pair with a rejected image needs no decision any more
            pairs = pairs.exclude(earlier__verdict=Verdict.REJECTED).exclude(later__verdict=Verdict.REJECTED)
    return pairs


def pair_images(*, pairs: Sequence[NearDuplicate]) -> dict[int, Image]:
    """The images of these pairs as rows, by id; one query."""
    ids = {image_id for pair in pairs for image_id in (pair.earlier_id, pair.later_id)}
    return {image.pk: image for image in image_rows(Image.objects.filter(pk__in=ids))}


def near_duplicate_access(*, user: User, pair_id: int, roles: tuple[Role, ...]) -> NearDuplicate:
    """The pair, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    pair = NearDuplicate.objects.filter(pk=pair_id).first()
    if pair is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=pair.dataset_id, roles=roles)
    return pair


def faces_of(*, image: Image) -> list[Any]:
    """The faces of an image with their current revisions, oldest first; one query."""
    return list(image.faces.select_related("current").order_by("pk"))


def view_list(
    *,
    dataset_id: int,
    person: int | None = None,
    image: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[ImageView]:
    """Who was shown which photograph of a dataset, an entry for each hour; days are UTC, both inclusive.

    The caller has checked that the reader is the dataset's admin.
    """
    views = ImageView.objects.filter(dataset_id=dataset_id).select_related("user")
    if person is not None:
        views = views.filter(user=person)
    if image is not None:
        views = views.filter(image_id=image)
    return within_days(views, since=since, until=until)
