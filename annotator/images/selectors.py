"""Reads about images, imports and near duplicates. Faces are reached through the images' own relation to them."""

from __future__ import annotations

from typing import Final

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.images.models import Image

CLOSED_FACES: Final = ("accepted", "rejected", "too_small")
"""States of a face that need nobody any more; an image is complete when it is swept and has only these."""


def image_access(*, user: User, image_id: int, roles: tuple[Role, ...]) -> Image:
    """The image, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    image = Image.objects.select_related("dataset").filter(pk=image_id).first()
    if image is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=image.dataset_id, roles=roles)
    return image
