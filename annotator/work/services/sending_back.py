"""A disputed face goes back to who labelled it first, with what the adjudicator asks them to do."""

from __future__ import annotations

from annotator.datasets.models import Membership
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import PassKind
from annotator.work.selectors.team import active_labellers
from annotator.work.selectors.withdrawn import not_taken_back
from annotator.work.services.opening import item_for_face

SENT_BACK = "Sent back: "


def face_send_back(*, face: Face, comment: str) -> str:
    """Start a new round of a locked face for its author alone; returns the author's name.

    The author is who labelled it first in the round that ends; the item is theirs only while they may be handed
    work, otherwise anybody's, and the name is empty. The current labels stay as the base that they start from. The
    caller closed the adjudication.
    """
    author = _author(face)
    face.round += 1
    face.state = FaceState.WAITING
    face.save(update_fields=["round", "state"])
    item = item_for_face(face=face, kind=PassKind.ANNOTATE, reason=f"{SENT_BACK}{comment}")
    if author is not None:
        item.reserved_for_id = author.user_id
    item.save()
    return "" if author is None else author.user.name


def _author(face: Face) -> Membership | None:
    labelled = Revision.objects.filter(
        not_taken_back(), face=face, round=face.round, kind=RevisionKind.ANNOTATE
    )
    first = labelled.order_by("pk").first()
    if first is None or first.author_id is None:
        return None
    return (
        active_labellers(dataset_id=face.dataset_id)
        .filter(user_id=first.author_id)
        .select_related("user")
        .first()
    )
