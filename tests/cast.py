"""The fixed cast: one dataset, the people around it, and factories for images and faces.

``admin``, ``adjudicator``, ``ann1`` to ``ann4`` (annotators), ``researcher`` and ``worker`` are members of
``dataset``. ``outsider`` is the admin of ``other_dataset`` and nobody here. ``superuser`` is admin everywhere.
Every person's password is ``PASSWORD``. Files go to the test's own folder.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image as PillowImage
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, PolicyVersion, Role
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy

PASSWORD = "paint-the-barn-red"
PROVIDER = "packaged 1"

ImageFactory = Callable[..., Image]
FaceFactory = Callable[..., Face]
Api = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def files_folder(settings: Any, tmp_path: Path) -> Path:
    """Where this test's originals, derivatives and releases are; passwords are hashed fast."""
    folder = tmp_path / "files"
    default = {**settings.STORAGES["default"]}
    default["OPTIONS"] = {**default["OPTIONS"], "location": folder}
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    settings.WHITENOISE_USE_FINDERS = False  # a bundle that is being built meanwhile is not our business
    settings.STORAGES = {**settings.STORAGES, "default": default}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return folder


def make_user(username: str, **fields: Any) -> User:
    return User.objects.create_user(
        username=username, password=PASSWORD, display_name=username.title(), **fields
    )


def make_dataset(name: str, **policy: Any) -> Dataset:
    """A dataset whose policy version 1 is the default one with ``policy`` changed."""
    dataset = Dataset.objects.create(name=name, slug=name.lower().replace(" ", "-"))
    dataset.policy = PolicyVersion.objects.create(
        dataset=dataset, version=1, data=Policy(**policy).to_json(), comment="Default policy"
    )
    dataset.save(update_fields=["policy"])
    return dataset


def make_member(dataset: Dataset, username: str, role: Role) -> User:
    user = make_user(username)
    Membership.objects.create(dataset=dataset, user=user, role=role)
    return user


@pytest.fixture
def dataset(db: None) -> Dataset:
    return make_dataset("Street portraits")


@pytest.fixture
def other_dataset(db: None) -> Dataset:
    return make_dataset("Other faces")


@pytest.fixture
def superuser(db: None) -> User:
    return make_user("root", is_superuser=True)


@pytest.fixture
def admin(dataset: Dataset) -> User:
    return make_member(dataset, "admin", Role.ADMIN)


@pytest.fixture
def adjudicator(dataset: Dataset) -> User:
    return make_member(dataset, "judge", Role.ADJUDICATOR)


@pytest.fixture
def ann1(dataset: Dataset) -> User:
    return make_member(dataset, "ann1", Role.ANNOTATOR)


@pytest.fixture
def ann2(dataset: Dataset) -> User:
    return make_member(dataset, "ann2", Role.ANNOTATOR)


@pytest.fixture
def ann3(dataset: Dataset) -> User:
    return make_member(dataset, "ann3", Role.ANNOTATOR)


@pytest.fixture
def ann4(dataset: Dataset) -> User:
    return make_member(dataset, "ann4", Role.ANNOTATOR)


@pytest.fixture
def researcher(dataset: Dataset) -> User:
    return make_member(dataset, "researcher", Role.RESEARCHER)


@pytest.fixture
def worker(dataset: Dataset) -> User:
    return make_member(dataset, "gpu-worker", Role.WORKER)


@pytest.fixture
def outsider(other_dataset: Dataset) -> User:
    return make_member(other_dataset, "outsider", Role.ADMIN)


@pytest.fixture
def api() -> Api:
    """``api(user)``: a client signed in by session. ``api()``: an anonymous one."""

    def client(user: User | None = None, *, csrf: bool = False) -> APIClient:
        made = APIClient(enforce_csrf_checks=csrf)
        if user is not None:
            made.force_login(user)
        return made

    return client


_numbers = itertools.count(1)


def some_pixels(width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) RGB: a smooth picture that no other call makes."""
    n = next(_numbers)
    x = np.linspace(0, 1, width)[None, :]
    y = np.linspace(0, 1, height)[:, None]
    waves = [np.sin((n % 7 + 1 + c) * 3 * x + n) * np.cos((n % 5 + c) * 3 * y + n / 3) for c in range(3)]
    picture: NDArray[np.uint8] = (127.5 + 127.5 * np.stack(waves, axis=-1)).astype(np.uint8)
    return picture


@pytest.fixture
def image_factory(files_folder: Path) -> ImageFactory:
    """``image_factory(dataset, size=(640, 480))`` or ``pixels=array``: a stored image with a real JPEG file.

    Counts as pre-labelled unless ``prelabelled=False``; ``sweep=True`` opens its sweep item. Other keywords
    are columns of Image.
    """

    def make(
        dataset: Dataset,
        *,
        pixels: NDArray[np.uint8] | None = None,
        size: tuple[int, int] = (640, 480),
        prelabelled: bool = True,
        sweep: bool = False,
        **columns: Any,
    ) -> Image:
        picture = some_pixels(*size) if pixels is None else pixels
        buffer = io.BytesIO()
        PillowImage.fromarray(picture).save(buffer, "JPEG", quality=92)
        content = buffer.getvalue()
        sha = hashlib.sha256(content).hexdigest()
        path = f"originals/{dataset.pk}/{sha[:2]}/{sha}.jpg"
        default_storage.save(path, ContentFile(content))
        if prelabelled:
            columns = {"prelabelled_by": PROVIDER, "prelabelled_at": timezone.now(), **columns}
        image = Image.objects.create(
            **{
                "dataset": dataset,
                "sha256": sha,
                "file": path,
                "name": f"photo-{next(_numbers)}.jpg",
                "bytes": len(content),
                "format": "JPEG",
                "width": picture.shape[1],
                "height": picture.shape[0],
                **columns,
            }
        )
        if sweep:
            WorkItem.objects.create(dataset=dataset, image=image, kind=PassKind.SWEEP)
        return image

    return make


def face_points(box: Iterable[float]) -> NDArray[np.float32]:
    """(68, 2) points of a schematic frontal face that fills the box (x1, y1, x2, y2), in image pixels."""
    x1, y1, x2, y2 = box
    unit = np.zeros((68, 2))
    turn = np.linspace(np.pi, 0, 17)
    unit[:17] = np.stack([0.5 + 0.46 * np.cos(turn), 0.4 + 0.56 * np.sin(turn)], axis=1)
    for start, left in ((17, 0.12), (22, 0.58)):
        unit[start : start + 5] = np.stack([np.linspace(left, left + 0.3, 5), np.full(5, 0.25)], axis=1)
    unit[27:31] = np.stack([np.full(4, 0.5), np.linspace(0.35, 0.55, 4)], axis=1)
    unit[31:36] = np.stack([np.linspace(0.4, 0.6, 5), np.full(5, 0.6)], axis=1)
    for start, left in ((36, 0.2), (42, 0.62)):
        x = left + 0.06 * np.array([0, 1, 2, 3, 2, 1])
        unit[start : start + 6] = np.stack([x, [0.36, 0.33, 0.33, 0.36, 0.38, 0.38]], axis=1)
    for start, count, rx, ry in ((48, 12, 0.18, 0.08), (60, 8, 0.14, 0.04)):
        angle = np.pi + np.arange(count) * 2 * np.pi / count
        unit[start : start + count] = np.stack([0.5 + rx * np.cos(angle), 0.76 + ry * np.sin(angle)], axis=1)
    return (unit * [x2 - x1, y2 - y1] + [x1, y1]).astype(np.float32)


def face_labels(box: Iterable[float] = (100, 100, 300, 340), **labels: Any) -> FaceLabels:
    """Complete labels that the default policy allows; keywords replace single labels."""
    edges = Box(*box)
    complete: dict[str, Any] = {
        "landmarks": face_points(edges),
        "age": 30.0,
        "gender": "female",
        "ethnicity": "white",
    }
    return FaceLabels(box=edges, **{**complete, **labels})


@pytest.fixture
def face_factory(db: None) -> FaceFactory:
    """``face_factory(image, box=..., labels=..., open_item=True)``: a face with its pre-label revision.

    ``labels`` default to ``face_labels(box)`` without ethnicity, as the packaged provider gives them. An
    open ``annotate`` item is made unless the face is closed or ``open_item=False``. Other keywords are
    columns of Face.
    """

    def make(
        image: Image,
        box: Iterable[float] = (100, 100, 300, 340),
        *,
        labels: FaceLabels | None = None,
        open_item: bool = True,
        made_by: str = PROVIDER,
        **columns: Any,
    ) -> Face:
        given = face_labels(box, ethnicity=None) if labels is None else labels
        columns = {"detector": "centerface", "score": 0.9, **columns}
        if columns.get("state") == FaceState.ACCEPTED:
            columns = {
                "accepted_policy": image.dataset.policy,
                "closed_at": timezone.now(),
                **columns,
            }
        face = Face.objects.create(dataset_id=image.dataset_id, image=image, **columns)
        revision = Revision.objects.create(
            face=face,
            kind=RevisionKind.PRELABEL,
            made_by=made_by,
            policy=image.dataset.policy,
            **Revision.columns_of(given),
        )
        face.current = face.prelabel = revision
        face.save(update_fields=["current", "prelabel"])
        if open_item and face.state == FaceState.WAITING:
            WorkItem.objects.create(
                dataset_id=image.dataset_id, image=image, face=face, kind=PassKind.ANNOTATE, round=face.round
            )
        return face

    return make
