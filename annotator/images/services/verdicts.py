"""What a sweep or an admin decides about a whole image."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.images.models import Image, Verdict

REASON_LENGTH: Final = 300


def image_reject(*, image: Image, actor: User | None, reason: str) -> Image:
    """Take an image out of the dataset for good. Locks the row. Raises Invalid without a reason."""
    return _verdict(image, Verdict.REJECTED, actor, reason)


def image_quarantine(*, image: Image, actor: User | None, reason: str) -> Image:
    """Set an image aside until somebody has looked into it. Locks the row. Raises Invalid without a reason."""
    return _verdict(image, Verdict.QUARANTINED, actor, reason)


@transaction.atomic
def image_readmit(*, image: Image, actor: User | None, reason: str) -> Image:
    """Take a verdict back. Locks the row. Raises Conflict ``no_verdict``."""
    image = _locked(image)
    if image.verdict == Verdict.NONE:
        raise Conflict("no_verdict", "This image is in the dataset; there is no verdict to take back.")
    audit(
        actor=actor,
        verb="image_readmit",
        target=image,
        dataset_id=image.dataset_id,
        reason=reason,
        before=image.verdict,
    )
    image.verdict, image.verdict_reason = Verdict.NONE, ""
    image.save(update_fields=["verdict", "verdict_reason"])
    return image


@transaction.atomic
def image_rotate(*, image: Image, degrees: int, actor: User | None, reason: str = "") -> Image:
    """Turn an image clockwise by 90, 180 or 270 degrees; width and height follow, the original stays.

    What was labelled before is in the old frame: the caller removes it. Locks the row. Raises Invalid
    ``degrees``, Conflict ``has_accepted_faces``.
    """
    if degrees not in (90, 180, 270):
        raise Invalid("degrees", "An image is turned by 90, 180 or 270 degrees.")
    image = _locked(image)
    if image.faces.filter(state="accepted").exists():
        raise Conflict(
            "has_accepted_faces",
            "This image has accepted faces, whose labels would no longer fit. Reopen or reject them first.",
        )
    image.rotation = (image.rotation + degrees) % 360
    if degrees != 180:
        image.width, image.height = image.height, image.width
    image.save(update_fields=["rotation", "width", "height"])
    audit(
        actor=actor,
        verb="image_rotate",
        target=image,
        dataset_id=image.dataset_id,
        degrees=degrees,
        reason=reason,
    )
    return image


@transaction.atomic
def _verdict(image: Image, verdict: Verdict, actor: User | None, reason: str) -> Image:
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", "Say in a few words why, so that others can follow.")
    image = _locked(image)
    image.verdict, image.verdict_reason = verdict, reason[:REASON_LENGTH]
    image.save(update_fields=["verdict", "verdict_reason"])
    audit(
        actor=actor,
        verb=f"image_{verdict}",
        target=image,
        dataset_id=image.dataset_id,
        reason=image.verdict_reason,
    )
    return image


def _locked(image: Image) -> Image:
    return Image.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=image.pk)
