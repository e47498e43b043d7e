"""Where an image comes from, corrected after its import."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.images.models import Image
from annotator.images.services.candidates import PROVENANCE
from annotator.images.services.splits import subject_settle


@transaction.atomic
def image_provenance_update(*, image: Image, changes: Mapping[str, str], actor: User) -> Image:
    """Set some of source, licence, subject_key, consent; other keys raise KeyError. Locks the row.

    An image that gets another subject follows it into its split, or the subject's others follow the image,
    if that can still be (``subject_settle``); ``selectors.splits_differ`` tells if it could not.
    """
    unknown = set(changes) - set(PROVENANCE)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    image = Image.objects.select_for_update().get(pk=image.pk)
    before = {field: getattr(image, field) for field in changes if getattr(image, field) != changes[field]}
    for field in before:
        setattr(image, field, changes[field])
    if before:
        image.save(update_fields=list(before))
        if image.subject_key and "subject_key" in before:
            subject_settle(dataset_id=image.dataset_id, subject_key=image.subject_key)
            image.refresh_from_db(fields=["split"])
        audit(
            actor=actor,
            verb="image_provenance",
            target=image,
            dataset_id=image.dataset_id,
            before=before,
            after={field: changes[field] for field in before},
        )
    return image
