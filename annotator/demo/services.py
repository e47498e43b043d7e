"""Seeding: people with log-ins, a dataset, and its pictures. Everything here may be repeated; it adds what lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.text import slugify

from annotator.accounts.models import User
from annotator.accounts.services import generated_password, user_create
from annotator.datasets.models import Dataset, Membership, Role
from annotator.datasets.services import dataset_create, membership_add, policy_publish
from annotator.demo.logins import KeptLogin, logins_read, logins_write
from annotator.demo.pictures import photographs, pictures_write, rendered
from annotator.images.models import Import, Split
from annotator.images.services.importing import import_create
from annotator.images.services.splits import split_draw
from annotator.jobs.models import LIVE
from annotator.jobs.services import message_send
from jfa_pipeline.core.policy import Policy

DEMO_SLUG: Final = "demo"
DEMO_NAME: Final = "Demo faces"
DRAW_TASK: Final = "demo.draw"
PEOPLE: Final = (
    ("admin", "Demo admin", Role.ADMIN),
    ("adjudicator", "Demo adjudicator", Role.ADJUDICATOR),
    *((f"annotator{n}", f"Demo annotator {n}", Role.ANNOTATOR) for n in range(1, 5)),
)
PHOTOGRAPHS: Final = {
    "source": "NASA: portrait of Eileen Collins, carried by scikit-image as skimage.data.astronaut",
    "licence": "public domain",
    "subject_key": "eileen-collins",
}
RENDERED: Final = {
    "source": "Rendered by JFA Studio (annotator.demo.portraits); shows nobody",
    "licence": "CC0-1.0",
}


@dataclass(frozen=True, slots=True)
class ShownLogin:
    """A log-in as it is printed. ``password`` is None if the person changed it or came from elsewhere."""

    username: str
    role: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Seeded:
    """dataset: the slug; logins: the demo people; is_new: whether its pictures were imported for the first time."""

    dataset: str
    logins: list[ShownLogin]
    is_new: bool


def demo_seed(*, images: Path | None = None) -> Seeded:
    """Make the demo people and the demo dataset, or one of the user's own photographs.

    images: a folder, zip file or manifest; its dataset is named after it. Imports run in a worker; the first
    one is started before the slow parts. Nothing that is there already is changed.
    """
    admin = _people_seed(PEOPLE[:1])[0]
    if images is None:
        dataset = _demo_seed(admin=admin)
        is_new = _photographs_import(dataset=dataset, admin=admin)
    else:
        name = images.resolve().stem if images.is_file() else images.resolve().name
        dataset = _dataset_seed(
            slug=slugify(name)[:60].strip("-") or "photographs", name=name[:120], admin=admin
        )
        is_new = _import_again(dataset=dataset, source=images.resolve(), admin=admin)
    for person, (_, _, role) in zip(_people_seed(PEOPLE), PEOPLE, strict=True):
        if not Membership.objects.filter(dataset=dataset, user=person).exists():
            membership_add(dataset=dataset, user=person, role=role, actor=admin)
    if images is None and not _is_imported(dataset, _folder("rendered")):
        message_send(task=DRAW_TASK)
    return Seeded(dataset=dataset.slug, logins=_logins_shown(), is_new=is_new)


def demo_draw() -> bool:
    """Draw the rendered scenes (seconds) and import them into the demo dataset; False if that was done before."""
    dataset = Dataset.objects.filter(slug=DEMO_SLUG).first()
    if dataset is None or _is_imported(dataset, _folder("rendered")):
        return False
    pictures_write(folder=_folder("rendered"), pictures=rendered())
    admin = User.objects.get(username=PEOPLE[0][0])
    return _import_once(dataset=dataset, source=_folder("rendered"), defaults=RENDERED, admin=admin)


def _photographs_import(*, dataset: Dataset, admin: User) -> bool:
    if _is_imported(dataset, _folder("photographs")):
        return False
    pictures_write(folder=_folder("photographs"), pictures=photographs())
    return _import_once(dataset=dataset, source=_folder("photographs"), defaults=PHOTOGRAPHS, admin=admin)


def _import_once(*, dataset: Dataset, source: Path, defaults: dict[str, str], admin: User) -> bool:
    """Start an import of the source unless one of it exists; its job continues by itself if interrupted."""
    if _is_imported(dataset, source):
        return False
    import_create(dataset=dataset, source=source, defaults=defaults, actor=admin)
    return True


def _import_again(*, dataset: Dataset, source: Path, admin: User) -> bool:
    """Import the user's photographs, each start anew, so that added files come in; unless it is still going on."""
    if Import.objects.filter(dataset=dataset, source=str(source), job__state__in=LIVE).exists():
        return False
    is_new = not _is_imported(dataset, source)
    import_create(dataset=dataset, source=source, actor=admin)
    return is_new


def _is_imported(dataset: Dataset, source: Path) -> bool:
    return Import.objects.filter(dataset=dataset, source=str(source)).exists()


def _folder(name: str) -> Path:
    return Path(settings.JFA_DATA_DIR).resolve() / "demo" / name


def _dataset_seed(*, slug: str, name: str, admin: User) -> Dataset:
    there = Dataset.objects.filter(slug=slug).first()
    return there or dataset_create(name=name, slug=slug, actor=admin)


def _demo_seed(*, admin: User) -> Dataset:
    """The demo dataset: a part of its images is kept for testing as in every new one, but not the photographs.

    They are what a person labels first, with a pre-label that is shown: no face is blind, and where the lot of
    their subject falls on the test split, nothing is kept for testing.
    """
    there = Dataset.objects.filter(slug=DEMO_SLUG).first()
    if there is not None:
        return there
    policy = replace(Policy.of_new_dataset(), blind_share=0.0)
    made = dataset_create(name=DEMO_NAME, slug=DEMO_SLUG, actor=admin, policy=policy)
    lot = split_draw(dataset_id=made.pk, policy=policy, sha256="", subject_key=PHOTOGRAPHS["subject_key"])
    if lot == Split.TEST:
        data = replace(policy, test_share=0.0).to_json()
        comment = "The photographs of the demo are shown with a pre-label."
        policy_publish(dataset=made, data=data, comment=comment, base_version=1, actor=admin)
    return made


def _people_seed(people: tuple[tuple[str, str, Role], ...]) -> list[User]:
    """The demo people, made where they lack. Their passwords are generated and kept in the data folder."""
    kept = logins_read(_logins_file())
    found = []
    for username, name, role in people:
        user = User.objects.filter(username=username).first()
        if user is None:
            password = generated_password()
            kept[username] = KeptLogin(username=username, role=role, password=password, hashed="")
            logins_write(_logins_file(), kept)  # before the person exists: a password is never lost
            is_superuser = role == Role.ADMIN
            user, _ = user_create(username=username, name=name, password=password, is_superuser=is_superuser)
            kept[username] = KeptLogin(username=username, role=role, password=password, hashed=user.password)
            logins_write(_logins_file(), kept)
        found.append(user)
    return found


def _logins_shown() -> list[ShownLogin]:
    kept = logins_read(_logins_file())
    hashes = dict(
        User.objects.filter(username__in=[p[0] for p in PEOPLE]).values_list("username", "password")
    )
    shown = []
    for username, _, role in PEOPLE:
        login = kept.get(username)
        is_known = login is not None and login.is_still_valid(hashes.get(username, ""))
        shown.append(ShownLogin(username, role, login.password if login and is_known else None))
    return shown


def _logins_file() -> Path:
    return Path(settings.JFA_DATA_DIR) / "demo-logins.json"
