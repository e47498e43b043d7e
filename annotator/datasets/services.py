"""Writes about datasets, memberships and policy versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from annotator.accounts.models import User
from annotator.accounts.services import audit, password_reset, user_create
from annotator.common.errors import Conflict, Invalid, NotAllowed
from annotator.datasets.models import Dataset, Membership, PolicyVersion, Role
from jfa_pipeline.core.policy import Policy, PolicyInvalid


@transaction.atomic
def dataset_create(
    *, name: str, slug: str | None = None, actor: User | None, policy: Policy | None = None
) -> Dataset:
    """A new dataset with policy version 1; the creator is its admin.

    Without a policy it gets the default one, with a part of its images kept for testing and a part of its
    faces blind: how good a model is can only be told from images drawn before it existed.

    Raises Invalid for a name without a letter or digit, Conflict ``slug_taken``.
    """
    chosen = slug or slugify(name)[:60].strip("-")
    if not chosen:
        raise Invalid("name", "Give the dataset a name with letters or digits, or a slug for its address.")
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(name=name, slug=chosen, created_by=actor)
    except IntegrityError as error:
        raise Conflict(
            "slug_taken", f"There is already a dataset at {chosen!r}: choose another slug."
        ) from error
    dataset.policy = PolicyVersion.objects.create(
        dataset=dataset,
        version=1,
        data=(policy or Policy.of_new_dataset()).to_json(),
        comment="Default policy" if policy is None else "",
        created_by=actor,
    )
    dataset.save(update_fields=["policy"])
    if actor is not None:
        Membership.objects.create(dataset=dataset, user=actor, role=Role.ADMIN)
    audit(actor=actor, verb="dataset.created", target=dataset, dataset_id=dataset.pk, name=name)
    return dataset


def policy_read(data: Mapping[str, Any]) -> Policy:
    """A policy from its JSON form. Raises Invalid ``policy_invalid`` with what to change."""
    try:
        return Policy.from_json(data)
    except PolicyInvalid as error:
        raise Invalid("policy_invalid", str(error)) from error


@transaction.atomic
def policy_publish(
    *, dataset: Dataset, data: Mapping[str, Any], comment: str, base_version: int, actor: User | None
) -> PolicyVersion:
    """A new version of the policy, in force at once; locks the dataset row.

    Raises Invalid ``policy_invalid`` with what to change, Conflict ``stale_policy`` when ``base_version`` is
    no longer the newest (details: both).
    """
    locked = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    newest = PolicyVersion.objects.filter(dataset=locked).order_by("-version").first()
    current = 0 if newest is None else newest.version
    if base_version != current:
        raise Conflict(
            "stale_policy",
            f"Somebody published policy version {current} meanwhile. Look at it, then publish your change again.",
            base_version=base_version,
            current_version=current,
            current=None if newest is None else newest.complete,
        )
    policy = policy_read(data)
    version = PolicyVersion.objects.create(
        dataset=locked, version=current + 1, data=policy.to_json(), comment=comment, created_by=actor
    )
    locked.policy = version
    locked.save(update_fields=["policy"])
    dataset.policy = version
    audit(
        actor=actor,
        verb="policy.published",
        target=version,
        dataset_id=locked.pk,
        version=version.version,
        comment=comment,
    )
    return version


@transaction.atomic
def membership_add(*, dataset: Dataset, user: User, role: Role, actor: User | None) -> Membership:
    """Make a person a member. Raises Conflict ``already_member`` or ``account_closed``."""
    if not user.is_active:
        raise Conflict(
            "account_closed", f"The account of {user.username} is closed: choose another user name."
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(dataset=dataset, user=user, role=role)
    except IntegrityError as error:
        raise Conflict(
            "already_member",
            f"{user.username} is already a member, or was one: change the role or activate them in the list.",
        ) from error
    audit(
        actor=actor,
        verb="member.added",
        target=membership,
        dataset_id=dataset.pk,
        user=user.username,
        role=role,
    )
    return membership


@transaction.atomic
def membership_update(
    *,
    membership: Membership,
    role: Role | None = None,
    is_active: bool | None = None,
    daily_goal: int | None = None,
    actor: User,
) -> Membership:
    """Change a member's role or daily goal, or take or give back access; locks every admin's row of the dataset.

    Access ends with this transaction: each request looks the membership up. Returning the person's leases
    and drafts belongs to ``work.services.people.member_update``, which calls this. Raises Conflict
    ``last_admin`` if the dataset would be left without an active admin.
    """
    admins = list(
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .filter(dataset_id=membership.dataset_id, role=Role.ADMIN, is_active=True, user__is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    locked = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "dataset")
        .get(pk=membership.pk)
    )
    new_role = locked.role if role is None else role
    new_active = locked.is_active if is_active is None else is_active
    new_goal = locked.daily_goal if daily_goal is None else daily_goal
    stays_admin = new_role == Role.ADMIN and new_active
    if not stays_admin and admins == [locked.pk]:
        raise Conflict(
            "last_admin",
            f"{locked.user.username} is the only active admin of this dataset: make somebody else admin first.",
        )
    changes = {
        name: {"from": old, "to": new}
        for name, old, new in (
            ("role", locked.role, new_role),
            ("is_active", locked.is_active, new_active),
            ("daily_goal", locked.daily_goal, new_goal),
        )
        if old != new
    }
    if changes:
        locked.role, locked.is_active, locked.daily_goal = new_role, new_active, new_goal
        locked.save(update_fields=["role", "is_active", "daily_goal"])
        audit(
            actor=actor,
            verb="member.changed",
            target=locked,
            dataset_id=locked.dataset_id,
            user=locked.user.username,
            **changes,
        )
    return locked


@transaction.atomic
def user_invite(
    *, dataset: Dataset, username: str, role: Role, actor: User, name: str = ""
) -> tuple[Membership, str | None]:
    """Add a person, who need not exist yet; the generated password is for a new person only (else None).

    Raises what ``user_create`` and ``membership_add`` raise.
    """
    user = User.objects.filter(username=username).first()
    password = None
    if user is None:
        user, password = user_create(username=username, name=name, actor=actor)
    return membership_add(dataset=dataset, user=user, role=role, actor=actor), password


@transaction.atomic
def member_password_reset(*, membership: Membership, actor: User) -> str:
    """A new password for a member, shown once.

    Raises NotAllowed ``not_your_person`` when that would open more than the actor's own datasets: for an admin
    of every dataset, and for a person who also belongs to a dataset that the actor does not administer.
    """
    if not actor.is_superuser:
        mine = Membership.objects.filter(user=actor, role=Role.ADMIN, is_active=True).values("dataset_id")
        elsewhere = Membership.objects.filter(user=membership.user_id).exclude(dataset_id__in=mine)
        if membership.user.is_superuser or elsewhere.exists():
            raise NotAllowed(
                "not_your_person",
                f"{membership.user.username} also has access beyond your datasets: "
                "ask an admin of all datasets to reset the password.",
            )
    return password_reset(user=membership.user, actor=actor, dataset_id=membership.dataset_id)


LONGEST_PAUSE_REASON: Final = 500


@transaction.atomic
def member_pause(*, membership: Membership, reason: str, actor: User | None, **details: object) -> Membership:
    """Hand a member nothing more until an admin resumes them; ``reason`` is told to them. Locks their membership.

    actor: None for the automatic pause, whose ``details`` go into the audit trail. A member who is paused already
    stays so, with the first reason. Returning what they hold belongs to ``work.services.people.person_pause``, which
    calls this. Raises Invalid without a reason.
    """
    reason = reason.strip()[:LONGEST_PAUSE_REASON]
    if not reason:
        raise Invalid("reason", "Say why: the person reads it instead of their next face.")
    locked = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if locked.paused_at is not None:
        return locked
    locked.paused_at = timezone.now()
    locked.pause_reason = reason
    locked.save(update_fields=["paused_at", "pause_reason"])
    audit(
        actor=actor,
        verb="member.paused",
        target=locked,
        dataset_id=locked.dataset_id,
        user=locked.user.username,
        reason=reason,
        **details,
    )
    return locked


@transaction.atomic
def member_resume(*, membership: Membership, note: str, actor: User) -> Membership:
    """Let a paused member work again; gold answers from before no longer count for or against them.

    Locks their membership. Raises Invalid without a note, Conflict ``not_paused``.
    """
    note = note.strip()[:LONGEST_PAUSE_REASON]
    if not note:
        raise Invalid("note", "Say what was agreed: the note stays in the audit trail.")
    locked = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if locked.paused_at is None:
        raise Conflict("not_paused", f"{locked.user.username} is not paused, so there is nothing to lift.")
    before = locked.pause_reason
    locked.paused_at = None
    locked.pause_reason = ""
    locked.watched_since = timezone.now()
    locked.save(update_fields=["paused_at", "pause_reason", "watched_since"])
    audit(
        actor=actor,
        verb="member.resumed",
        target=locked,
        dataset_id=locked.dataset_id,
        user=locked.user.username,
        note=note,
        paused_for=before,
    )
    return locked
