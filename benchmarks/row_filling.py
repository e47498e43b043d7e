"""A database with as many labelled faces as asked: one of each row made through the models, then multiplied in SQL.

Import it after ``django.setup()``. Columns are copied from the model's own list, so a new column needs no change here.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion, Role
from annotator.datasets.services import dataset_create, membership_add
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image, Import, ImportEntry, Outcome
from annotator.quality.models import FaceEconomy
from annotator.releases.models import Release, ReleaseFace
from annotator.work.models import ItemState, Pass, PassKind, WorkItem

FACES_PER_IMAGE: Final = 2.65
"""687,225 faces on 259,448 images: what the paper collected."""
CHECKS: Final = 2
OPEN_SHARE: Final = 0.1
"""Faces that still wait for their first labels."""
MADE_BY: Final = "tfn m1 01234567"
BUCKET: Final = "(random() * 32767)::int"
TABLES: Final[tuple[type[Model], ...]] = (
    Image,
    ImportEntry,
    Face,
    Revision,
    WorkItem,
    Pass,
    FaceEconomy,
    ReleaseFace,
)
PER_IMAGE: Final = (Image, ImportEntry)


def multiplied(template: Model, count: int, **columns: str) -> int:
    """Insert ``count`` copies of a row; columns: SQL of those that differ, in which n counts from 0.

    Returns the id of copy 0; the others follow without a gap, because nobody else writes.
    """
    table = template._meta.db_table
    fields = [
        field.column for field in template._meta.concrete_fields if field.column and field.column != "id"
    ]
    chosen = ", ".join(columns.get(name, f't."{name}"') for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")  # names of models
        first = int(cursor.fetchone()[0]) + 1
        listed = ", ".join(f'"{name}"' for name in fields)
        cursor.execute(
            f'INSERT INTO "{table}" ({listed}) SELECT {chosen} FROM "{table}" t, generate_series(0, %s) AS n'
            " WHERE t.id = %s ORDER BY n",
            (count - 1, template.pk),
        )
    return first


def filled(faces: int, people: int) -> tuple[Dataset, list[User]]:
    """A dataset with so many faces, nine tenths of them accepted, and annotators who have not worked yet."""
    admin = User.objects.create_user(username="admin", is_superuser=True)
    dataset = dataset_create(name="Rows", actor=admin)
    workers = [User.objects.create_user(username=f"worker{number}") for number in range(1 + CHECKS)]
    images = round(faces / FACES_PER_IMAGE)
    done = round(faces * (1 - OPEN_SHARE))
    image = _image(dataset)
    first_image = multiplied(
        image,
        images,
        sha256="md5(n::text) || md5((-n)::text)",
        phash="('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint",
        name="'a/folder/photograph-' || n || '.jpg'",
    )
    _entry(image, images, admin, first_image)
    face = _face(dataset, image)
    of_image = f"{first_image} + mod(n, {images})"
    open_state = f"CASE WHEN n < {done} THEN 'accepted' ELSE 'waiting' END"
    first_face = multiplied(face, faces, image_id=of_image, state=open_state)
    of_face = {"face_id": f"{first_face} + n"}
    revision = _revisions(face, admin, faces, done, of_face)
    for number, kind in enumerate((PassKind.ANNOTATE, *[PassKind.CHECK] * CHECKS)):
        own = {**of_face, "image_id": of_image}
        _work(face, kind, number if kind == PassKind.CHECK else 0, workers[number], revision, done, own)
    swept = {"image_id": f"{first_image} + n", "face_id": "NULL", "revision_id": "NULL"}
    _work(face, PassKind.SWEEP, 0, workers[0], None, images, swept)
    waiting = WorkItem.objects.create(dataset=dataset, image=image, face=face, kind=PassKind.ANNOTATE)
    still_open = {"face_id": f"{first_face + done} + n", "image_id": of_image, "bucket": BUCKET}
    multiplied(waiting, faces - done, **still_open)
    _results(face, revision, done, of_face)
    new = [User.objects.create_user(username=f"person{number}") for number in range(people)]
    for user in new:
        membership_add(dataset=dataset, user=user, role=Role.ANNOTATOR, actor=admin)
    return dataset, new


def _image(dataset: Dataset) -> Image:
    now = timezone.now()
    return Image.objects.create(
        dataset=dataset,
        sha256="0" * 64,
        file="originals/00/" + "0" * 64 + ".jpg",
        name="a/folder/photograph.jpg",
        bytes=250_000,
        format="JPEG",
        width=1600,
        height=1200,
        phash=1,
        source="https://photographs.example/collection/000001",
        licence="CC BY 4.0",
        subject_key="person-000001",
        prelabelled_by=MADE_BY,
        prelabelled_at=now,
        swept_at=now,
    )


def _entry(image: Image, images: int, admin: User, first_image: int) -> None:
    batch = Import.objects.create(dataset=image.dataset, source="browser upload", created_by=admin)
    entry = ImportEntry.objects.create(
        batch=batch, name=image.name, outcome=Outcome.IMPORTED, sha256=image.sha256, image=image
    )
    name = "'a/folder/photograph-' || n || '.jpg'"
    multiplied(entry, images, name=name, image_id=f"{first_image} + n")


def _face(dataset: Dataset, image: Image) -> Face:
    return Face.objects.create(
        dataset=dataset,
        image=image,
        state=FaceState.ACCEPTED,
        detector="tfn",
        score=0.9,
        uncertainty=0.1,
        age_mean=30,
        age_sd=2,
        age_n=1 + CHECKS,
        accepted_policy=dataset.policy,
        closed_at=timezone.now(),
    )


def _revisions(face: Face, admin: User, faces: int, done: int, of_face: dict[str, str]) -> Revision:
    """The pre-label of each face, and each person's version of the accepted ones; the last one."""
    labels: dict[str, Any] = {
        "x1": 100,
        "y1": 100,
        "x2": 300,
        "y2": 320,
        "age": 30,
        "gender": "female",
        "ethnicity": "asian",
        "landmarks": np.random.default_rng(0).uniform(0, 4000, (68, 2)),
        "visibility": np.zeros(68, np.uint8),
    }
    kept = Revision.objects.create(face=face, kind=RevisionKind.PRELABEL, made_by=MADE_BY, **labels)
    multiplied(kept, faces, **of_face)
    for kind in (RevisionKind.ANNOTATE, *[RevisionKind.CHECK] * CHECKS):
        own = {"author": admin, "policy": face.dataset.policy, "parent": kept}
        kept = Revision.objects.create(face=face, kind=kind, **own, **labels)
        multiplied(kept, done, **of_face)
    return kept


def _work(
    face: Face,
    kind: PassKind,
    number: int,
    user: User,
    revision: Revision | None,
    count: int,
    own: dict[str, str],
) -> None:
    """Finished items of a kind and the passes that finished them."""
    about = None if kind == PassKind.SWEEP else face
    item = WorkItem.objects.create(
        dataset=face.dataset,
        image=face.image,
        face=about,
        kind=kind,
        pass_number=number,
        state=ItemState.DONE,
        closed_at=timezone.now(),
    )
    first = multiplied(item, count, bucket=BUCKET, **own)
    keys = ("item", "face_id", "revision", "state", "kept_as", "message")
    made = Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset=face.dataset,
        image=face.image,
        face=about,
        round=1,
        kind=kind,
        user=user,
        revision=revision,
        active_ms=20_000,
        answer=dict.fromkeys(keys, 1_000_000) | {"state": "accepted", "kept_as": "counted", "message": ""},
    )
    multiplied(made, count, submission_id="gen_random_uuid()", item_id=f"{first} + n", **own)


def _results(face: Face, revision: Revision, done: int, of_face: dict[str, str]) -> None:
    """A row of the economy and one of a release for each accepted face."""
    economy = FaceEconomy.objects.create(
        dataset=face.dataset,
        face=face,
        round=1,
        made_by=MADE_BY,
        accepted_at=timezone.now(),
        box_iou=0.9,
        nme_box_side=0.02,
        age_difference=1.0,
        active_ms=60_000,
        annotate_ms=40_000,
        **{f"nme_{name}": 0.02 for name in ("jaw", "brows", "nose", "eyes", "lips")},
    )
    multiplied(economy, done, **of_face)
    policy = PolicyVersion.objects.get(dataset=face.dataset)
    release = Release.objects.create(dataset=face.dataset, number=1, policy=policy)
    frozen = ReleaseFace.objects.create(
        release=release, face=face, revision=revision, is_ignored=False, age_mean=30, age_sd=2, age_n=3
    )
    multiplied(frozen, done, **of_face)
