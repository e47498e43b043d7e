"""An earlier version becomes the current one again, as a new revision."""

from __future__ import annotations

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid, NotFound
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.services.verdicts import image_rotate
from annotator.work.models import ItemState, PassKind, WorkItem
from annotator.work.services.restoring import face_restore
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(face: Face, desk: Desks, ann1: User, ann2: User, ann3: User) -> Face:
    """Labelled male by ann1 with age 20, accepted by two checkers with 30 and 40; versions 1 pre-label, 2, 3, 4."""
    desk(ann1).annotate(face_labels(age=20.0, gender="male"))
    desk(ann2).accept(age=30)
    desk(ann3).accept(age=40)
    face.refresh_from_db()
    assert (face.state, face.age_mean) == (FaceState.ACCEPTED, 30.0)
    return face


def versions(face: Face) -> list[Revision]:
    return list(Revision.objects.filter(face=face).order_by("pk"))


def changed(face: Face, **labels: object) -> Revision:
    """A version that somebody made current since, as an aggregation or an adjudication does."""
    made = Revision.objects.create(
        face=face,
        parent_id=face.current_id,
        kind=RevisionKind.AGGREGATE,
        round=face.round,
        **Revision.columns_of(face_labels(**labels)),
    )
    Face.objects.filter(pk=face.pk).update(current=made)
    face.refresh_from_db()
    return made


def restore(face: Face, version: Revision, actor: User, **more: bool) -> Face:
    return face_restore(
        face=face,
        revision_id=version.pk,
        base_revision=face.current_id or 0,
        actor=actor,
        reason="The jaw was better.",
        **more,
    )


def test_it_keeps_the_acceptance_and_the_mean_age(accepted: Face, admin: User) -> None:
    labelled = versions(accepted)[1]
    newer = changed(accepted, gender="female", age=None)
    closed_at = accepted.closed_at
    again = restore(accepted, labelled, admin)
    assert again.current is not None
    assert (again.state, again.round, again.closed_at) == (FaceState.ACCEPTED, 1, closed_at)
    assert (again.age_mean, again.age_n) == (30.0, 3)
    made = again.current
    assert (made.kind, made.author, made.parent_id) == (RevisionKind.RESTORE, admin, newer.pk)
    assert (made.gender, made.age) == ("male", None)
    assert made.comment == f"Version {labelled.pk} restored. The jaw was better."
    assert versions(accepted)[-2:] == [newer, made]
    assert not WorkItem.objects.filter(face=accepted, state=ItemState.OPEN).exists()


def test_it_writes_who_restored_what_and_why(accepted: Face, admin: User) -> None:
    labelled = versions(accepted)[1]
    newer = changed(accepted, gender="female")
    restore(accepted, labelled, admin)
    entry = AuditEntry.objects.get(verb="face.restored")
    assert (entry.actor, entry.target_id, entry.dataset_id) == (admin, accepted.pk, accepted.dataset_id)
    assert entry.details["restored"] == labelled.pk
    assert entry.details["before"] == {"state": "accepted", "round": 1, "version": newer.pk}
    assert entry.details["reason"] == "The jaw was better."


def test_it_starts_a_new_round_on_the_restored_labels_if_asked(
    accepted: Face, desk: Desks, ann1: User, admin: User
) -> None:
    labelled = versions(accepted)[1]
    changed(accepted, gender="female")
    again = restore(accepted, labelled, admin, check_again=True)
    assert (again.state, again.round, again.age_n) == (FaceState.WAITING, 2, 0)
    item = desk(ann1).next()
    assert (item["kind"], item["round"]) == ("annotate", 2)
    assert item["face"]["base_revision"] == again.current_id
    assert (item["face"]["labels"]["gender"], item["face"]["labels"]["age"]) == ("male", None)
    assert item["face"]["needs_person"] == (
        f"Reopened: version {labelled.pk} was restored: The jaw was better."
    )


def test_it_refuses_labels_that_the_policy_in_force_does_not_allow(accepted: Face, admin: User) -> None:
    prelabel = versions(accepted)[0]  # without an ethnicity
    changed(accepted, gender="female")
    with pytest.raises(Invalid) as refused:
        restore(accepted, prelabel, admin)
    assert [one["code"] for one in refused.value.details["violations"]] == ["ethnicity_missing"]
    assert restore(accepted, prelabel, admin, check_again=True).state == FaceState.WAITING


def test_it_takes_the_age_away_with_a_flag_and_brings_it_back(accepted: Face, admin: User) -> None:
    plain = versions(accepted)[1]
    flagged = changed(
        accepted, landmarks=None, age=None, gender=None, ethnicity=None, flags=frozenset({"blurred"})
    )
    changed(accepted)
    first = restore(accepted, flagged, admin)
    assert (first.state, first.age_mean, first.age_n) == (FaceState.ACCEPTED, None, 0)
    second = restore(first, plain, admin)
    assert (second.age_mean, second.age_n) == (30.0, 3)


def test_it_leaves_a_new_verdict_to_people(accepted: Face, admin: User) -> None:
    refusing = changed(
        accepted, landmarks=None, age=None, gender=None, ethnicity=None, flags=frozenset({"not_a_face"})
    )
    changed(accepted)
    with pytest.raises(Conflict) as refused:
        restore(accepted, refusing, admin)
    assert refused.value.code == "needs_check"
    assert restore(accepted, refusing, admin, check_again=True).round == 2


def test_it_keeps_the_open_item_and_tells_who_holds_it(
    face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    desk(ann1).annotate(face_labels(gender="male"))
    held = desk(ann2).next(kinds=["check"])
    face.refresh_from_db()
    prelabel = versions(face)[0]
    again = restore(face, prelabel, admin)
    assert again.state == FaceState.CHECKING
    assert WorkItem.objects.get(face=face, state=ItemState.OPEN).pk == held["id"]
    status, problem = desk(ann2).submit(held, None, "accept")
    assert (status, problem["code"]) == (409, "stale_base")
    assert problem["details"]["theirs"]["revision"] == again.current_id
    held["face"]["base_revision"] = again.current_id
    assert desk(ann2).submit(held, face_labels())[0] == 200


def test_it_never_shows_the_age_of_the_version_that_came_back(
    face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    desk(ann1).annotate(face_labels(age=77.0))
    face.refresh_from_db()
    again = restore(face, versions(face)[0], admin)
    restore(again, versions(face)[1], admin)
    assert Revision.objects.filter(kind=RevisionKind.RESTORE, age__isnull=False).count() == 0
    assert desk(ann2).next(kinds=["check"])["face"]["labels"]["age"] is None


def test_it_names_the_version_it_was_based_on(accepted: Face, admin: User) -> None:
    labelled = versions(accepted)[1]
    before = accepted.current_id or 0
    changed(accepted, gender="female")
    with pytest.raises(Conflict) as refused:
        face_restore(
            face=accepted, revision_id=labelled.pk, base_revision=before, actor=admin, reason="Older tab."
        )
    assert refused.value.code == "stale_base"


def test_it_refuses_what_is_not_a_version_of_this_face(
    accepted: Face, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    other = face_factory(image_factory(dataset))
    planted = Revision.objects.create(
        face=accepted, kind=RevisionKind.PLANTED, **Revision.columns_of(face_labels())
    )
    for revision in (other.current, planted):
        assert revision is not None
        with pytest.raises(NotFound):
            restore(accepted, revision, admin)
    assert accepted.current is not None
    with pytest.raises(Conflict) as refused:
        restore(accepted, accepted.current, admin)
    assert refused.value.code == "already_current"


def test_it_needs_a_reason(accepted: Face, admin: User) -> None:
    version = versions(accepted)[0]
    with pytest.raises(Invalid) as refused:
        face_restore(
            face=accepted,
            revision_id=version.pk,
            base_revision=accepted.current_id or 0,
            actor=admin,
            reason=" ",
        )
    assert refused.value.code == "reason_missing"


def test_it_does_not_bring_back_coordinates_from_before_a_turn(
    face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    desk(ann1).annotate()
    face.refresh_from_db()
    image_rotate(image=face.image, degrees=180, actor=admin)
    with pytest.raises(Conflict) as refused:
        restore(face, versions(face)[0], admin)
    assert refused.value.code == "image_turned"


def test_it_does_not_show_the_prelabel_of_a_blind_face_by_restoring_it(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    admin: User,
) -> None:
    face = face_factory(image_factory(dataset), is_blind=True)
    desk(ann1).annotate()
    face.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        restore(face, versions(face)[0], admin)
    assert refused.value.code == "prelabel_hidden"
    assert WorkItem.objects.get(face=face, state=ItemState.OPEN).kind == PassKind.CHECK


def test_it_is_not_undone_by_somebody_who_takes_their_pass_back(
    face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    item = desk(ann1).next()
    assert desk(ann1).submit(item, face_labels(gender="male"))[0] == 200
    face.refresh_from_db()
    again = restore(face, versions(face)[0], admin)
    status, problem = desk(ann1).post(f"/work/{item['id']}/take_back", {})
    assert (status, problem["code"]) == (409, "gone_on")
    face.refresh_from_db()
    assert face.current_id == again.current_id
