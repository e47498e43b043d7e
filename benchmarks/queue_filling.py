"""A half-finished dataset of any size, in which every person has a long history.

Import it after ``django.setup()``. Rows are made in SQL with the triggers of foreign keys off, for they are
consistent by construction: all ids are reserved first, and row n of each table belongs to face or image n.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.datasets.services import dataset_create, membership_add
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.images.models import Image
from annotator.quality.services.tallying import tallies_fold, tallies_repair
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from benchmarks.row_filling import BUCKET, FACES_PER_IMAGE, MADE_BY

ACCEPTED: Final = 0.40
TO_CHECK_AGAIN: Final = 0.05
TO_CHECK: Final = 0.05
"""Shares of the faces, in the order in which they arrived; the rest waits for its first labels."""

HISTORY_DAYS: Final = 120
"""The passes were made evenly over so many days until now."""

LEAST_PEOPLE: Final = 4
TABLES: Final = (Image, Face, Revision, WorkItem, Pass)
LABELS: Final[dict[str, Any]] = {
    "x1": 100.0,
    "y1": 100.0,
    "x2": 300.0,
    "y2": 320.0,
    "age": 30.0,
    "gender": "female",
    "ethnicity": "asian",
    "visibility": np.zeros(68, np.uint8),
    "landmarks": np.random.default_rng(0).uniform(110, 290, (68, 2)).round(2),
}
"""Of every version of every face: as wide in the database as any other."""

ANSWER: Final = {"item": 0, "face_id": 0, "revision": 0, "state": "checking", "kept_as": "counted"} | {
    "message": "Saved. Somebody else checks it next."
}


def half_finished(*, faces: int, people: list[User], admin: User) -> Dataset:
    """A dataset of so many faces: 40 % accepted after two checks, 10 % waiting for one, 50 % untouched.

    Half of the images is swept. The history is spread over ``people`` (their ids follow one another): a quarter
    of the first labels is by the first of them, who therefore may not take a quarter of the open checks. Raises
    ValueError for fewer people than LEAST_PEOPLE, who could not have done it without checking themselves.
    """
    if len(people) < LEAST_PEOPLE:
        raise ValueError(f"The history needs at least {LEAST_PEOPLE} people.")
    dataset = dataset_create(name=f"Queue {uuid.uuid4().hex[:6]} of {faces:,} faces", actor=admin)
    for user in people:
        membership_add(dataset=dataset, user=user, role=Role.ANNOTATOR, actor=admin)
    with _without_foreign_key_triggers(), _indexes_made_afterwards():
        _Filling(dataset, people, faces).fill()
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
    tallies_repair()  # the counters' triggers were off as well
    while tallies_fold():
        pass
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    return dataset


class _Filling:
    """The rows of one dataset. Bounds are numbers of faces: those before ``accepted`` are, and so on."""

    def __init__(self, dataset: Dataset, people: list[User], faces: int) -> None:
        self.dataset = dataset
        self.first_person = people[0].pk
        self.people = len(people)
        self.faces = faces
        self.images = int(faces / FACES_PER_IMAGE) + 1
        self.accepted = round(faces * ACCEPTED)
        self.checked = self.accepted + round(faces * TO_CHECK_AGAIN)
        self.labelled = self.checked + round(faces * TO_CHECK)
        self.first_image = reserved(Image, self.images)
        self.first_face = reserved(Face, faces)

    def fill(self) -> None:
        self._fill_images()
        versions = self._fill_revisions()
        self._fill_faces(versions)
        for number, count in enumerate((self.labelled, self.checked, self.accepted)):
            self._fill_finished(number, count, versions[number + 1])
        self._fill_open(PassKind.CHECK, 2, self.accepted, self.checked)
        self._fill_open(PassKind.CHECK, 1, self.checked, self.labelled)
        self._fill_open(PassKind.ANNOTATE, 0, self.labelled, self.faces)
        self._fill_sweeps(self.images // 2)

    def _fill_images(self) -> None:
        image = Image(
            dataset=self.dataset,
            bytes=250_000,
            format="JPEG",
            width=1600,
            height=1200,
            source="https://photographs.example/collection/000001",
            licence="CC BY 4.0",
            prelabelled_by=MADE_BY,
            prelabelled_at=timezone.now(),
        )
        multiplied(
            image,
            self.first_image,
            self.images,
            sha256=f"md5('{self.dataset.pk}-' || n) || md5((-n)::text)",
            file="'originals/00/' || md5(n::text) || md5((-n)::text) || '.jpg'",
            phash="('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint",
            name="'a/folder/photograph-' || n || '.jpg'",
            swept_at=f"CASE WHEN n < {self.images // 2} THEN now() END",
        )

    def _fill_revisions(self) -> list[int]:
        """Pre-labels, first labels, first and second checks; the first id of each."""
        firsts: list[int] = []
        kinds = (RevisionKind.PRELABEL, RevisionKind.ANNOTATE, RevisionKind.CHECK, RevisionKind.CHECK)
        counts = (self.faces, self.labelled, self.checked, self.accepted)
        for number, (kind, count) in enumerate(zip(kinds, counts, strict=True)):
            revision = Revision(kind=kind, made_by=MADE_BY if number == 0 else "", **LABELS)
            own = {"face_id": self._face()}
            if number:
                revision.policy = self.dataset.policy
                own |= {"author_id": self._person(number - 1), "parent_id": f"{firsts[-1]} + n"}
            firsts.append(reserved(Revision, count))
            multiplied(revision, firsts[-1], count, **own)
        return firsts

    def _fill_faces(self, versions: list[int]) -> None:
        prelabel, labels, check, last = (f"{first} + n" for first in versions)
        accepted = f"CASE WHEN n < {self.accepted} THEN"
        multiplied(
            Face(dataset=self.dataset, detector="tfn", score=0.9, uncertainty=0.1),
            self.first_face,
            self.faces,
            image_id=self._image(),
            prelabel_id=prelabel,
            current_id=f"{accepted} {last} WHEN n < {self.checked} THEN {check}"
            f" WHEN n < {self.labelled} THEN {labels} ELSE {prelabel} END",
            state=f"{accepted} 'accepted' WHEN n < {self.labelled} THEN 'checking' ELSE 'waiting' END",
            accepted_policy_id=f"{accepted} {self.dataset.policy_id} END",
            closed_at=f"{accepted} now() END",
            age_mean=f"{accepted} 30 END",
            age_sd=f"{accepted} 0 END",
            age_n=f"{accepted} 3 ELSE 0 END",
        )

    def _fill_finished(self, number: int, count: int, first_revision: int) -> None:
        """Done items of a pass (0: first labels) and the passes that finished them."""
        kind = PassKind.CHECK if number else PassKind.ANNOTATE
        own = {"face_id": self._face(), "image_id": self._image()}
        item = WorkItem(
            dataset=self.dataset,
            kind=kind,
            pass_number=number,
            state=ItemState.DONE,
            closed_at=timezone.now(),
        )
        first = reserved(WorkItem, count)
        multiplied(item, first, count, bucket=BUCKET, **own)
        own |= {"user_id": self._person(number), "revision_id": f"{first_revision} + n"}
        self._fill_passes(kind, count, first, own)

    def _fill_passes(self, kind: PassKind, count: int, first_item: int, own: dict[str, str]) -> None:
        made = Pass(dataset=self.dataset, round=1, kind=kind, active_ms=20_000, answer=ANSWER)
        first = reserved(Pass, count)
        own |= {"submission_id": "gen_random_uuid()", "item_id": f"{first_item} + n"}
        own |= {"created_at": f"now() - make_interval(days => mod(n, {HISTORY_DAYS}))"}
        multiplied(made, first, count, **own)

    def _fill_open(self, kind: PassKind, number: int, start: int, end: int) -> None:
        count = end - start
        multiplied(
            WorkItem(dataset=self.dataset, kind=kind, pass_number=number),
            reserved(WorkItem, count),
            count,
            face_id=self._face(start),
            image_id=self._image(start),
            bucket=BUCKET,
        )

    def _fill_sweeps(self, swept: int) -> None:
        kind = PassKind.SWEEP
        done = WorkItem(dataset=self.dataset, kind=kind, state=ItemState.DONE, closed_at=timezone.now())
        own = {"image_id": f"{self.first_image} + n"}
        first = reserved(WorkItem, swept)
        multiplied(done, first, swept, bucket=BUCKET, **own)
        self._fill_passes(kind, swept, first, {**own, "user_id": self._person(0)})
        count = self.images - swept
        own = {"image_id": f"{self.first_image + swept} + n"}
        multiplied(
            WorkItem(dataset=self.dataset, kind=kind), reserved(WorkItem, count), count, bucket=BUCKET, **own
        )

    def _face(self, start: int = 0) -> str:
        return f"{self.first_face + start} + n"

    def _image(self, start: int = 0) -> str:
        """Neighbours are on one image, as they arrived."""
        return f"{self.first_image} + floor((n + {start}) / {FACES_PER_IMAGE})::int"

    def _person(self, number: int) -> str:
        """Who did pass ``number`` on face n (0: first labels): each time somebody else."""
        first = f"CASE WHEN mod(n, 4) = 0 THEN 0 ELSE 1 + mod(n, {self.people - 1}) END"
        return f"{self.first_person} + mod({first} + {number}, {self.people})"


def reserved(model: type[Model], count: int) -> int:
    """The first of ``count`` ids that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", (model._meta.db_table,))
        first = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (model._meta.db_table, first + count - 1)
        )
    return first


def multiplied(template: Model, first: int, count: int, **columns: str) -> None:
    """Insert ``count`` copies of an unsaved row from the id ``first`` on.

    columns: SQL of those that differ, in which n counts from 0; all others have the template's value.
    """
    table = template._meta.db_table
    columns = {"id": f"{first} + n", **columns}
    names: list[str] = []
    chosen: list[str] = []
    values: list[Any] = []
    for field in template._meta.concrete_fields:
        name = field.column
        assert name is not None  # concrete fields have a column
        names.append(f'"{name}"')
        if name in columns:
            chosen.append(columns[name])
        else:
            chosen.append("%s")
            value = field.pre_save(template, add=True)
            values.append(field.get_db_prep_save(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({", ".join(names)}) SELECT {", ".join(chosen)}'
            " FROM generate_series(0, %s) AS n ORDER BY n",
            (*values, count - 1),
        )


@contextmanager
def _without_foreign_key_triggers() -> Iterator[None]:
    """Needs a superuser's connection, as the embedded server gives."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


PLAIN_INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique
"""


@contextmanager
def _indexes_made_afterwards() -> Iterator[None]:
    """Sorting all entries at once takes a third of the time of inserting each where it belongs."""
    tables = [model._meta.db_table for model in TABLES]
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(PLAIN_INDEXES, (tables,))
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in found:
            cursor.execute(definition)


def people_made(count: int) -> list[User]:
    """So many users whose ids follow one another; they cannot sign in with a password."""
    first = reserved(User, count)
    tag = uuid.uuid4().hex[:8]
    users = [
        User(pk=first + number, username=f"queue-{tag}-{number}", password="!") for number in range(count)
    ]
    return User.objects.bulk_create(users)
