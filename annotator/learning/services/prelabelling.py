"""The body of a pre-label job: decode, predict, and write a group of images in one short transaction.

A worker killed half-way leaves whole images labelled and the others waiting; whoever goes on finds out under
a lock on the image which of the two an image is. So nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, Final, Literal, Protocol

from django.db import transaction
from django.utils import timezone

from annotator.common.errors import Invalid
from annotator.faces.services import faces_prelabel_many, suggestions_replace
from annotator.images.models import Image, Split, Verdict
from annotator.jobs.models import Job
from annotator.learning.providers import BatchProvider
from annotator.learning.selectors.waiting import (
    images_to_relabel,
    images_to_relabel_chunk,
    images_waiting,
    images_waiting_blind,
    images_waiting_chunk,
)
from annotator.learning.services.decoding import Decoded, decoded_ahead, image_decode
from annotator.learning.services.looking import Seen, labelled
from annotator.learning.services.relabelling import image_relabel
from annotator.work.services.opening import items_open_for_images
from jfa_pipeline.coarse.protocol import CoarseFace, Provider, Suggestion

logger = logging.getLogger(__name__)

CHUNK: Final = 200
"""Images that one query asks for, and that are labelled anew before new photographs are looked for again."""

MADE_BY_LENGTH: Final = 60
DEATHS_ALLOWED: Final = 3
"""So many attempts of a job may end without a word on the same image; then the image is given up."""

ImageOutcome = Literal["labelled", "relabelled", "blind", "failed", "skipped"]


class Running(Protocol):
    """The part of annotator.jobs.running.RunningJob that this work needs."""

    @property
    def job(self) -> Job: ...

    def progress(self, done: int, total: int | None = None, message: str = "") -> None: ...

    def check(self) -> None: ...

    def fence(self) -> None: ...


def prelabel_run(
    *, run: Running, provider: Provider, is_current: Callable[[], bool] = lambda: True
) -> dict[str, Any]:
    """Label every waiting image of the job's dataset, in id order; new photographs always go first.

    With ``relabel`` among the job's parameters also label the untouched faces of earlier images anew. Ends early
    when ``is_current`` says that another provider has taken over: the next job goes on with that one. Images of
    the test split get no labels, only their sweep. Returns counts for the job's result. Raises JobCancelled or
    JobLost between two groups, and ProviderUnavailable, which fails the job; images not reached stay waiting.
    """
    work = _Work(run, provider, is_current)
    work.run()
    return {
        **work.counts,
        "made_by": made_by(provider),
        "provider": provider.name,
        "version": provider.version,
        "device": getattr(provider, "device", "cpu"),
        "champion_changed": work.is_outdated,
    }


def image_prelabel(*, image_id: int, provider: Provider) -> ImageOutcome:
    """Label one image. "skipped": meanwhile labelled by another worker, turned, given a verdict, or deleted.

    "failed": its pixels cannot be read or the provider refuses it; the reason is stored with the image, and
    its sweep item is opened all the same, so that people can draw its faces. "blind": it belongs to the test
    split, so nothing of a model is stored. Raises ProviderUnavailable.
    """
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return "skipped"
    (outcome,) = seen_store(seen=labelled([image_decode(image)], provider), provider=provider)
    return outcome


def made_by(provider: Provider) -> str:
    """Provider and version as they are stored with every label, in 60 characters.

    A longer version is named by its first part and a digest of all of it; the job's result has it in full.
    """
    whole = f"{provider.name} {provider.version}"
    if len(whole) <= MADE_BY_LENGTH:
        return whole
    digest = hashlib.sha256(provider.version.encode()).hexdigest()[:8]
    return f"{provider.name} {provider.version.split('+')[0]}"[: MADE_BY_LENGTH - 9] + f"+{digest}"


@transaction.atomic
def seen_store(
    *, seen: Sequence[Seen], provider: Provider, fence: Callable[[], None] = lambda: None
) -> list[ImageOutcome]:
    """Store what a provider said about waiting images of one dataset and open their work; one outcome each.

    Locks the images' rows in the order of their ids. What was computed from another turn of an image is thrown
    away. ``fence`` is called first: it raises if the job has passed to another attempt.
    """
    fence()
    rows = (
        Image.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dataset__policy")
        .filter(pk__in=[one.image.pk for one in seen])
        .order_by("pk")
    )
    locked = {image.pk: image for image in rows}
    outcomes: dict[int, ImageOutcome] = {}
    labels: list[tuple[Image, Sequence[CoarseFace]]] = []
    maybe: list[tuple[Image, Sequence[Suggestion]]] = []
    for one in seen:
        image = locked.get(one.image.pk)
        outcomes[one.image.pk] = outcome = _outcome(image, one)
        if image is None or outcome == "skipped":
            continue
        if outcome == "failed":
            logger.warning("Image %s (%s) was not labelled: %s", image.pk, image.name, one.problem)
            Image.objects.filter(pk=image.pk).update(prelabel_error=one.problem[:300])
        elif outcome == "labelled":
            labels.append((image, one.faces))
            maybe.append((image, one.suggestions))
    if labels:
        policy = labels[0][0].dataset.policy
        if policy is None:
            raise Invalid("no_policy", "This dataset has no policy yet; publish one first.")
        faces_prelabel_many(seen=labels, made_by=made_by(provider), policy_version=policy)
        suggestions_replace(seen=maybe)
    _mark([pk for pk, outcome in outcomes.items() if outcome == "labelled"], made_by(provider))
    _mark([pk for pk, outcome in outcomes.items() if outcome == "blind"], "")
    items_open_for_images(images=[locked[pk] for pk, outcome in outcomes.items() if outcome != "skipped"])
    return list(outcomes.values())


def _outcome(image: Image | None, one: Seen) -> ImageOutcome:
    if image is None or not _is_waiting(image) or image.rotation != one.image.rotation:
        return "skipped"
    if image.split == Split.TEST:
        return "blind"
    return "failed" if one.problem else "labelled"


def _is_waiting(image: Image) -> bool:
    return image.prelabelled_at is None and not image.prelabel_error and image.verdict == Verdict.NONE


def _mark(images: Sequence[int], by: str) -> None:
    if images:
        Image.objects.filter(pk__in=images).update(prelabelled_by=by, prelabelled_at=timezone.now())


class _Work:
    """One attempt at a pre-label job."""

    def __init__(self, run: Running, provider: Provider, is_current: Callable[[], bool]) -> None:
        self.runner = run
        self.provider = provider
        self.is_current = is_current
        self.is_outdated = False
        self.dataset = run.job.dataset
        self.counts: dict[str, int] = dict.fromkeys(
            ("labelled", "relabelled", "blind", "failed", "skipped"), 0
        )
        self.done = run.job.done
        self.total = self.done + images_waiting(dataset=self.dataset).count()
        self.relabels = bool(run.job.params.get("relabel"))
        if self.relabels:
            self.total += images_to_relabel(dataset=self.dataset, made_by=made_by(provider)).count()
        is_batch = isinstance(provider, BatchProvider)
        self.group = provider.group if isinstance(provider, BatchProvider) else 1
        self.threads = provider.decoders if isinstance(provider, BatchProvider) else 1
        self.longest_side = provider.longest_side if isinstance(provider, BatchProvider) else None
        self.ahead = 2 * self.group if is_batch else 2
        self.careful = 0
        """So many images are still done one by one: an attempt before this one died on one of them."""
        self.noted = 0
        """The image at the head of what is being done now."""
        self.relabelled_up_to = 0

    def run(self) -> None:
        self.runner.progress(self.done, self.total, f"{self.total - self.done} images wait")
        self._open_blind()
        self._begin()
        while not self.is_outdated:
            self._go_through(self._waiting(), relabels=False)
            self._open_blind()
            if self.is_outdated or not self.relabels or not self._relabel_some():
                break

    def _begin(self) -> None:
        """Give an image up on which attempts keep dying; go on image by image where one died."""
        first = images_waiting_chunk(dataset=self.dataset, after=0, limit=1) or self._relabel_chunk(1)
        if not first:
            return
        starts = self._note_start(first[0])
        if starts > DEATHS_ALLOWED:
            self._give_up(first[0])
        if starts > 1:
            self.careful = self.group

    def _give_up(self, image: Image) -> None:
        """A waiting image gets the reason and its sweep; one that has labels keeps them."""
        problem = (
            f"The worker died {DEATHS_ALLOWED} times on this image: out of memory, or a fault of a model."
        )
        relabels = image.prelabelled_at is not None
        if relabels:
            _mark([image.pk], made_by(self.provider))
        self._store([Seen(image, problem=problem)], relabels=relabels)

    def _note_start(self, image: Image) -> int:
        """How many attempts in a row came no further than this image; written down before it is touched."""
        job = self.runner.job
        on = job.params.get("on_image") or {}
        starts = on.get("starts", 0) + 1 if on.get("id") == image.pk else 1
        self.noted = image.pk
        job.params = {**job.params, "on_image": {"id": image.pk, "starts": starts}}
        Job.objects.filter(pk=job.pk, attempt=job.attempt).update(params=job.params)
        return int(starts)

    def _open_blind(self) -> None:
        """Images of the test split get their sweep and no labels."""
        while ids := images_waiting_blind(dataset=self.dataset, limit=CHUNK):
            self.runner.check()
            images = Image.objects.filter(pk__in=ids).order_by("pk")
            self._store([Seen(image) for image in images], relabels=False)

    def _waiting(self) -> Iterator[Image]:
        last = 0
        while chunk := images_waiting_chunk(dataset=self.dataset, after=last, limit=CHUNK):
            yield from chunk
            last = chunk[-1].pk

    def _relabel_chunk(self, limit: int) -> list[Image]:
        if not self.relabels:
            return []
        return images_to_relabel_chunk(
            dataset=self.dataset, made_by=made_by(self.provider), after=self.relabelled_up_to, limit=limit
        )

    def _relabel_some(self) -> bool:
        """Label the next chunk of earlier images anew. False: there are none left."""
        chunk = self._relabel_chunk(CHUNK)
        if not chunk:
            return False
        self._go_through(iter(chunk), relabels=True)
        self.relabelled_up_to = chunk[-1].pk
        return True

    def _go_through(self, images: Iterator[Image], *, relabels: bool) -> None:
        ahead = decoded_ahead(images, threads=self.threads, longest_side=self.longest_side, ahead=self.ahead)
        with closing(ahead):
            group: list[Decoded] = []
            for decoded in ahead:
                group.append(decoded)
                if len(group) >= (1 if self.careful else self.group):
                    self._take(group, relabels=relabels)
                    group = []
                    if self.is_outdated:
                        return
            if group:
                self._take(group, relabels=relabels)

    def _take(self, group: list[Decoded], *, relabels: bool) -> None:
        self.runner.check()
        if not self.is_current():
            self.is_outdated = True
            return
        if self.group > 1 and self.noted != group[0].image.pk:
            self._note_start(group[0].image)
        self.careful = max(0, self.careful - 1)
        self._store(labelled(group, self.provider), relabels=relabels)

    def _store(self, seen: Sequence[Seen], *, relabels: bool) -> None:
        if relabels:
            outcomes: list[ImageOutcome] = [self._relabel(one) for one in seen]
        else:
            outcomes = seen_store(seen=seen, provider=self.provider, fence=self.runner.fence)
        for outcome in outcomes:
            self.counts[outcome] += 1
        self.done += len(outcomes)
        self.total = max(self.total, self.done)
        self.runner.progress(self.done, self.total, self._told())

    def _relabel(self, one: Seen) -> ImageOutcome:
        if one.problem:
            logger.warning("Image %s keeps its pre-labels: %s", one.image.pk, one.problem)
            return "failed"
        changed = image_relabel(
            seen=one.image,
            faces=one.faces,
            suggestions=one.suggestions,
            made_by=made_by(self.provider),
            fence=self.runner.fence,
        )
        return "relabelled" if changed else "skipped"

    def _told(self) -> str:
        counts = self.counts
        told = [f"{counts['labelled']} labelled", f"{counts['failed']} failed"]
        if self.relabels:
            told.insert(1, f"{counts['relabelled']} labelled anew")
        if counts["blind"]:
            told.append(f"{counts['blind']} left for blind labelling")
        return ", ".join(told)
