"""The half-finished dataset of ``benchmarks.queue``, small enough to look at every row."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Count, F

from annotator.accounts.models import User
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from benchmarks.queue_checks import SELF_CHECKS
from benchmarks.queue_filling import LEAST_PEOPLE, half_finished, people_made

pytestmark = pytest.mark.django_db(transaction=True)
FACES = 200


def test_it_fills_a_dataset_that_the_platform_could_have_made() -> None:
    people = people_made(LEAST_PEOPLE)
    dataset = half_finished(faces=FACES, people=people, admin=User.objects.create_user("filler"))

    states = dict(Face.objects.values_list("state").annotate(Count("pk")))
    assert states == {FaceState.ACCEPTED: 80, FaceState.CHECKING: 20, FaceState.WAITING: 100}
    still_open = WorkItem.objects.filter(state=ItemState.OPEN, face__isnull=False)
    kinds = still_open.order_by("kind", "pass_number").values_list("kind", "pass_number")
    assert list(kinds.annotate(Count("pk"))) == [("annotate", 0, 100), ("check", 1, 10), ("check", 2, 10)]
    assert Pass.objects.exclude(face=None).count() == 80 * 3 + 10 * 2 + 10
    with connection.cursor() as cursor:
        cursor.execute(SELF_CHECKS, (dataset.pk,))
        assert cursor.fetchone() == (0,)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Pass.objects.exclude(user_id=F("revision__author_id")).exclude(face=None).exists()
    assert not Pass.objects.exclude(face_id=F("revision__face_id")).exclude(face=None).exists()
    assert not Face.objects.exclude(current__face_id=F("pk")).exists()
    assert not Pass.objects.exclude(image_id=F("item__image_id")).exists()
    assert Image.objects.filter(faces=None).count() <= 1
    assert set(Pass.objects.filter(kind=PassKind.CHECK).values_list("user_id", flat=True)) == {
        user.pk for user in people
    }


def test_it_refuses_people_who_would_have_to_check_themselves() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        half_finished(faces=FACES, people=people_made(3), admin=User.objects.create_user("filler"))
