"""Writes about people, tokens and the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Min
from django.http import HttpRequest
from django.utils import timezone

from annotator.accounts.authentication import token_digest
from annotator.accounts.models import ApiToken, AuditEntry, Preferences, SignInFailure, User
from annotator.common.errors import Conflict, Invalid, NotFound

FAILURE_WINDOW: Final = timedelta(minutes=10)
FAILURES_PER_PERSON: Final = 8
FAILURES_PER_ADDRESS: Final = 100
TOKEN_DAYS_MOST: Final = 3650
CLEAR_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def audit(
    *, actor: User | None, verb: str, target: models.Model, dataset_id: int | None = None, **details: Any
) -> None:
    """Record who did what; call it inside the transaction of the change itself."""
    AuditEntry.objects.create(
        actor=actor,
        verb=verb,
        dataset_id=dataset_id,
        target_type=target._meta.model_name or "",
        target_id=target.pk,
        details=details,
    )


def audit_each(
    *,
    actor: User | None,
    verb: str,
    dataset_id: int,
    targets: Iterable[tuple[models.Model, Mapping[str, Any]]],
) -> None:
    """``audit`` for many rows, each with its details, in one statement."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor,
            verb=verb,
            dataset_id=dataset_id,
            target_type=target._meta.model_name or "",
            target_id=target.pk,
            details=dict(details),
        )
        for target, details in targets
    )


def download_note(*, actor: User, target: models.Model, dataset_id: int, what: str) -> None:
    """Record that somebody downloads ``what``; call it before the first byte is sent."""
    audit(actor=actor, verb="download", target=target, dataset_id=dataset_id, what=what)


def person_authenticate(*, request: HttpRequest | None, username: str, password: str, address: str) -> User:
    """The active person with this name and password.

    Raises Invalid: ``wrong_credentials``, or ``too_many_attempts`` (details.retry_after_s) after
    FAILURES_PER_PERSON failures for this name from this address, or FAILURES_PER_ADDRESS for any name, within
    FAILURE_WINDOW. Failures are rows, so that every web process sees them.
    """
    username = username.replace("\0", "")
    name = username[:150]
    now = timezone.now()
    recent = SignInFailure.objects.filter(address=address, at__gt=now - FAILURE_WINDOW)
    mine = recent.filter(username=name)
    for failures, most in ((mine, FAILURES_PER_PERSON), (recent, FAILURES_PER_ADDRESS)):
        if failures.count() >= most:
            first = failures.aggregate(first=Min("at"))["first"] or now
            wait = max(int((first + FAILURE_WINDOW - now).total_seconds()), 1)
            raise Invalid(
                "too_many_attempts",
                f"Too many wrong passwords. Try again in {max(round(wait / 60), 1)} min.",
                retry_after_s=wait,
            )
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        SignInFailure.objects.create(username=name, address=address)
        raise Invalid(
            "wrong_credentials", "This user name and password do not match. Check both and try again."
        )
    mine.delete()
    SignInFailure.objects.filter(at__lt=now - FAILURE_WINDOW).delete()
    return user


def generated_password() -> str:
    """Twelve letters and digits in three groups (59 random bits), none that look alike."""
    return "-".join("".join(secrets.choice(CLEAR_LETTERS) for _ in range(4)) for _ in range(3))


@transaction.atomic
def user_create(
    *,
    username: str,
    name: str = "",
    password: str | None = None,
    is_superuser: bool = False,
    actor: User | None = None,
) -> tuple[User, str]:
    """A new person and their password (generated where none is given, shown only now).

    Raises Invalid for a name that cannot be one, Conflict ``username_taken``.
    """
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Invalid("username", "A user name has letters, digits and @ . + - _ only.") from error
    if not 1 <= len(username) <= 150:
        raise Invalid("username", "A user name has 1 to 150 characters.")
    chosen = password or generated_password()
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username=username, password=chosen, display_name=name, is_superuser=is_superuser
            )
    except IntegrityError as error:
        raise Conflict("username_taken", f"There is already a person named {username!r}.") from error
    audit(actor=actor, verb="user.created", target=user)
    return user, chosen


def password_change(*, user: User, old: str, new: str, address: str) -> None:
    """The person's own change. Ends every other session; their tokens keep working.

    Raises Invalid: ``wrong_credentials``, ``too_many_attempts`` or ``weak_password``.
    """
    person_authenticate(request=None, username=user.username, password=old, address=address)
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Invalid("weak_password", " ".join(error.messages)) from error
    user.set_password(new)
    with transaction.atomic():
        user.save(update_fields=["password"])
        audit(actor=user, verb="password.changed", target=user)


@transaction.atomic
def password_reset(*, user: User, actor: User, dataset_id: int | None = None) -> str:
    """A new generated password, returned once. Ends the person's sessions and revokes their tokens."""
    password = generated_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    revoked, _ = ApiToken.objects.filter(user=user).delete()
    audit(actor=actor, verb="password.reset", target=user, dataset_id=dataset_id, tokens_revoked=revoked)
    return password


@transaction.atomic
def token_create(*, user: User, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A new key for a program of this person, valid for ``days`` (None: until revoked); shown only now.

    Raises Conflict ``token_name_taken``, Invalid for a name or number of days that cannot be used.
    """
    if not name.strip() or len(name) > 100:
        raise Invalid("name", "Give the token a name of 1 to 100 characters: what will use it?")
    if days is not None and not 1 <= days <= TOKEN_DAYS_MOST:
        raise Invalid("days", f"days is a whole number from 1 to {TOKEN_DAYS_MOST}.")
    key = f"jfa_{secrets.token_urlsafe(32)}"
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                user=user,
                name=name.strip(),
                digest=token_digest(key),
                expires_at=None if days is None else timezone.now() + timedelta(days=days),
            )
    except IntegrityError as error:
        raise Conflict(
            "token_name_taken", f"You already have a token named {name.strip()!r}: revoke it first."
        ) from error
    audit(actor=user, verb="token.created", target=token, name=token.name)
    return token, key


@transaction.atomic
def token_revoke(*, user: User, token_id: int) -> None:
    """Delete one of the person's own tokens. Raises NotFound for a missing one or somebody else's."""
    token = ApiToken.objects.select_for_update().filter(user=user, pk=token_id).first()
    if token is None:
        raise NotFound("not_found", "You have no such token; it may be revoked already.")
    audit(actor=user, verb="token.revoked", target=token, name=token.name)
    token.delete()


@transaction.atomic
def preferences_change(*, user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set what ``changes`` names, leave the rest; None takes a setting back to the usual. Returns all that is set.

    Locks the person's row: two browsers that change different settings at once both keep theirs.
    """
    Preferences.objects.get_or_create(user=user)
    kept = Preferences.objects.select_for_update().get(user=user)
    merged = {**kept.data, **changes}
    kept.data = {name: value for name, value in merged.items() if value is not None}
    kept.save(update_fields=["data", "changed_at"])
    return dict(kept.data)
