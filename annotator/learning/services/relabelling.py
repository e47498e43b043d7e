"""A promoted model looks again at images that wait: new labels for faces that nobody touched, and faces missed.

What people did stays as it is: a face with a pass, a draft or a lease, a face that a person drew, a face that was
imported, accepted, checked or rejected. A rejected face does not come back (design section 4, step 8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils import timezone

from annotator.common.errors import Invalid
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState, RevisionKind
from annotator.faces.services import face_relabel, faces_lock, faces_prelabel, suggestions_replace
from annotator.faces.services.prelabelling import labels_fitted
from annotator.images.models import Image, Split, Verdict
from annotator.work.models import Draft, ItemState, Pass
from annotator.work.services.levels import order_in_force
from annotator.work.services.opening import (
    item_place,
    items_cancel,
    items_lock,
    items_open_for_images,
)
from annotator.work.services.sweeping import ROTATED
from jfa_pipeline.coarse.protocol import CoarseFace, Suggestion
from jfa_pipeline.steps.rematch import rematch_boxes

CONFIDENT: Final = 0.8
"""From this score on, a face that nobody drew on a swept image is worth another look by a person."""

RELABELLED_STATES: Final = (FaceState.WAITING, FaceState.TOO_SMALL)


@transaction.atomic
def image_relabel(
    *,
    seen: Image,
    faces: Sequence[CoarseFace],
    made_by: str,
    suggestions: Sequence[Suggestion] = (),
    fence: Callable[[], None] = lambda: None,
) -> bool:
    """Bring a newer model's view of an image in; False if the image changed since it was looked at.

    - A face that nobody touched gets a new pre-label where a new box overlaps it (IoU 0.5 or more, best first); one
      that the model no longer sees keeps its labels and is marked as doubtful.
    - A new box on any other face, or on one that people rejected, changes nothing.
    - A new box elsewhere becomes a face. On an image that was swept only if the model is confident, and the image
      is swept again: the person who sweeps sees the box.
    - While somebody sweeps the image, no face is added and its suggestions stay.

    Locks the image (FOR NO KEY UPDATE: people's passes refer to it), its faces, then their open items. ``fence``
    raises if the job has passed to another attempt.
    """
    fence()
    image = (
        Image.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dataset__policy")
        .filter(pk=seen.pk)
        .first()
    )
    if image is None or not _is_as_seen(image, seen, made_by):
        return False
    policy = image.dataset.policy
    if policy is None:
        raise Invalid("no_policy", "This dataset has no policy yet; publish one first.")
    turn = _Turn(image, faces, made_by, policy)
    turn.change_faces()
    turn.add_faces()
    if None not in turn.touched:
        suggestions_replace(seen=[(image, suggestions)])
    Image.objects.filter(pk=image.pk).update(prelabelled_by=made_by, prelabelled_at=timezone.now())
    return True


def _is_as_seen(image: Image, seen: Image, made_by: str) -> bool:
    return (
        image.prelabelled_at is not None
        and image.prelabelled_by not in ("", made_by)
        and image.rotation == seen.rotation
        and image.verdict == Verdict.NONE
        and image.split != Split.TEST
    )


class _Turn:
    """One image with its locked faces and open items."""

    def __init__(
        self, image: Image, said: Sequence[CoarseFace], made_by: str, policy_version: PolicyVersion
    ) -> None:
        self.image = image
        self.made_by = made_by
        self.policy_version = policy_version
        fitted = [
            replace(face, labels=labels)
            for face in said
            if (labels := labels_fitted(face.labels, image, policy_version.policy)) is not None
        ]
        self.said = sorted(fitted, key=lambda face: -face.score)
        every = [face for face in faces_lock(image=image) if face.current is not None]
        for face in every:
            face.image = image
        self.standing = [face for face in every if face.state != FaceState.REJECTED]
        # A face that was closed because its image was turned is no verdict on what is seen there now.
        rejected = [
            face
            for face in every
            if face.state == FaceState.REJECTED
            and face.current is not None
            and face.current.comment != ROTATED
        ]
        self.items = {item.face_id: item for item in items_lock(image=image, gold=None)}
        self.match = rematch_boxes(
            [face.labels.box for face in self.said],
            [face.current.labels.box for face in self.standing if face.current is not None],
            [face.current.labels.box for face in rejected if face.current is not None],
        )
        self.touched = self._touched()

    def _touched(self) -> set[int | None]:
        """Ids of faces that a person has worked on or holds; None: the same of the image's sweep."""
        passes = (
            Pass.objects.filter(image=self.image, is_gold=False)
            .exclude(face=None)
            .values_list("face_id", flat=True)
        )
        drafts = Draft.objects.filter(item__image=self.image, item__state=ItemState.OPEN, item__gold=None)
        held = {
            key
            for key, item in self.items.items()
            # A lease of a face that ran out may belong to somebody who works offline.
            if item.leased_to_id is not None or (key is not None and item.past_tokens)
        }
        return {*passes, *drafts.values_list("item__face_id", flat=True), *held}

    def _is_untouched(self, face: Face) -> bool:
        return (
            face.state in RELABELLED_STATES
            and face.current is not None
            and face.current.kind == RevisionKind.PRELABEL
            and face.pk not in self.touched
        )

    def change_faces(self) -> None:
        """New labels for untouched faces, and the others' items where they stand now."""
        new_of = {column: row for row, column in self.match.pairs.items()}
        order = order_in_force(dataset_id=self.image.dataset_id)
        for column, face in enumerate(self.standing):
            if not self._is_untouched(face):
                continue
            item = self.items.get(face.pk)
            if column in new_of:
                face_relabel(
                    face=face,
                    coarse=self.said[new_of[column]],
                    made_by=self.made_by,
                    policy_version=self.policy_version,
                )
            elif face.state == FaceState.WAITING and not face.needs_person:
                face.needs_person = f"{self.made_by} sees no face here: check whether it is one."[:200]
                face.save(update_fields=["needs_person"])
            if item is None:
                continue
            if face.state == FaceState.TOO_SMALL:
                items_cancel(items=[item])
            else:
                item_place(item=item, face=face, order=order)

    def add_faces(self) -> None:
        """Faces that are new, with their items; a swept image is swept again."""
        fresh = [] if None in self.touched else [self.said[row] for row in self.match.fresh]
        reason = ""
        if self.image.swept_at is not None:
            fresh = [self._for_a_person(face) for face in fresh if face.score >= CONFIDENT]
            if fresh:
                some = "1 more face" if len(fresh) == 1 else f"{len(fresh)} more faces"
                reason = f"{self.made_by} sees {some}: reject what is none."
                self.image.swept_at = None
                self.image.save(update_fields=["swept_at"])
        faces_prelabel(
            image=self.image, faces=fresh, made_by=self.made_by, policy_version=self.policy_version
        )
        items_open_for_images(images=[self.image], sweep_reason=reason)

    def _for_a_person(self, face: CoarseFace) -> CoarseFace:
        told = (
            f"{self.made_by} sees a face here ({face.score:.2f}) that nobody drew when the image was swept."
        )
        return replace(face, needs_person=True, reason=told)
