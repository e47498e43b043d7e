"""Freezing a release: which revision of which face it holds, decided in one statement."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import JobKind
from annotator.jobs.services import job_create
from annotator.releases.models import Release

TASK: Final = "releases.write"

# One statement sees one snapshot, so a release is never torn between two moments. Released are images without
# a verdict that have an accepted face; their faces that are neither accepted nor rejected become ignore regions.
# Rejected ones (not a face) are background.
FREEZE: Final = """
WITH released AS MATERIALIZED (
    SELECT i.id, i.rotation, i.split, i.subject_key
    FROM images_image i
    WHERE i.dataset_id = %(dataset)s AND i.verdict = ''
      AND EXISTS (SELECT FROM faces_face f WHERE f.image_id = i.id AND f.state = 'accepted')
      AND (NOT %(complete_only)s OR (
          i.swept_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM faces_face f
                          WHERE f.image_id = i.id AND f.state NOT IN ('accepted', 'rejected', 'too_small'))))
), frozen AS (
    INSERT INTO releases_releaseface
        (release_id, face_id, revision_id, is_ignored, image_rotation, policy_version,
         age_mean, age_sd, age_n, age_corrected, age_corrected_error)
    SELECT %(release)s, f.id, f.current_id, f.state <> 'accepted', released.rotation,
           CASE WHEN f.state = 'accepted' THEN p.version END,
           CASE WHEN f.state = 'accepted' THEN f.age_mean END,
           CASE WHEN f.state = 'accepted' THEN f.age_sd END,
           CASE WHEN f.state = 'accepted' THEN f.age_n ELSE 0 END,
           CASE WHEN f.state = 'accepted' THEN f.age_corrected END,
           CASE WHEN f.state = 'accepted' THEN f.age_corrected_error END
    FROM faces_face f JOIN released ON released.id = f.image_id
    LEFT JOIN datasets_policyversion p ON p.id = f.accepted_policy_id
    WHERE f.state <> 'rejected' AND f.current_id IS NOT NULL
    ORDER BY f.image_id, f.id
    RETURNING face_id, is_ignored
), by_split AS (
    SELECT released.split, count(DISTINCT released.id) AS images,
           count(*) FILTER (WHERE NOT is_ignored) AS faces,
           count(*) FILTER (WHERE is_ignored) AS ignored
    FROM frozen JOIN faces_face f ON f.id = frozen.face_id JOIN released ON released.id = f.image_id
    GROUP BY released.split
)
SELECT split, images, faces, ignored,
       (SELECT count(*) FROM (SELECT FROM released WHERE subject_key <> ''
                              GROUP BY subject_key HAVING count(DISTINCT split) > 1) torn)
FROM by_split ORDER BY split
"""


@transaction.atomic
def release_create(
    *, dataset: Dataset, name: str = "", complete_images_only: bool = False, actor: User | None
) -> Release:
    """Freeze the accepted faces as they are now and start the job that writes their files.

    complete_images_only: leave out images that are not swept or have faces still in work. Locks the dataset
    row (against a second release at the same moment, for its number). Raises Invalid ``nothing_accepted``.
    """
    locked = (
        Dataset.objects.select_for_update(no_key=True, of=("self",))
        .select_related("policy")
        .get(pk=dataset.pk)
    )
    if locked.policy is None:
        raise Invalid("no_policy", "This dataset has no policy yet; publish one first.")
    newest = (
        Release.objects.filter(dataset=locked).order_by("-number").values_list("number", flat=True).first()
    )
    release = Release.objects.create(
        dataset=locked,
        number=(newest or 0) + 1,
        name=name.strip(),
        complete_images_only=complete_images_only,
        policy=locked.policy,
        created_by=actor,
    )
    counts = _freeze(release)
    if not counts["faces"]:
        raise Invalid(
            "nothing_accepted",
            "No image is complete: finish a sweep and all faces of one, or release all accepted faces."
            if complete_images_only
            else "No face is accepted yet: a release needs at least one face that passed all its checks.",
        )
    release.manifest = {"counts": counts}
    release.job = job_create(
        dataset=locked,
        kind=JobKind.RELEASE,
        task=TASK,
        params={"release": release.pk},
        created_by=actor,
    )
    release.save(update_fields=["manifest", "job"])
    audit(
        actor=actor,
        verb="release.created",
        target=release,
        dataset_id=locked.pk,
        number=release.number,
        **counts,
    )
    return release


def _freeze(release: Release) -> dict[str, Any]:
    """Run FREEZE; the numbers of images, accepted faces and ignore regions, also by split.

    subjects_in_several_splits: a test could know these people already (images.services.splits says how that
    can come about).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FREEZE,
            {
                "dataset": release.dataset_id,
                "release": release.pk,
                "complete_only": release.complete_images_only,
            },
        )
        rows = cursor.fetchall()
    return {
        "images": sum(row[1] for row in rows),
        "faces": sum(row[2] for row in rows),
        "ignored": sum(row[3] for row in rows),
        "images_by_split": {row[0]: row[1] for row in rows},
        "faces_by_split": {row[0]: row[2] for row in rows},
        "subjects_in_several_splits": rows[0][4] if rows else 0,
    }
