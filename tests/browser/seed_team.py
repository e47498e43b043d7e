"""`python -m tests.browser.seed_team`: a team whose faults are known, tested with gold, for the browser tests' server.

The people of benchmarks.planted_crowd answer gold faces as they would; the answers are stored as a submit stores them,
and everything that is shown about them (skill, warnings, pauses, bias) is what the platform's services make of that.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import replace
from typing import Any, Final

import django
import numpy as np

django.setup()

from django.core.files.base import ContentFile  # noqa: E402  # models need the settings
from django.core.files.storage import default_storage  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image as PillowImage  # noqa: E402

from annotator.accounts.models import User  # noqa: E402
from annotator.accounts.services import user_create  # noqa: E402
from annotator.datasets.models import Dataset, Role  # noqa: E402
from annotator.datasets.services import dataset_create, membership_add  # noqa: E402
from annotator.demo.portraits import Person, render_person  # noqa: E402
from annotator.faces.models import Face, FaceState, Revision, RevisionKind  # noqa: E402
from annotator.images.models import Image  # noqa: E402
from annotator.quality.services.gold import gold_create  # noqa: E402
from annotator.quality.services.watching import person_judge  # noqa: E402
from annotator.work.models import Gold, ItemState, Pass, PassKind, WorkItem  # noqa: E402
from benchmarks.planted_crowd import CARELESS_AGE, HONEST, drawn_face, pre_labelled, said  # noqa: E402
from jfa_pipeline.core.boxes import Box  # noqa: E402
from jfa_pipeline.core.labels import FaceLabels  # noqa: E402
from jfa_pipeline.core.policy import Policy  # noqa: E402

SLUG: Final = "team"
IMAGES: Final = 12
SIDE: Final = 400
GOLD: Final = {PassKind.ANNOTATE: 80, PassKind.CHECK: 20, PassKind.SWEEP: 10}
TEAM: Final = {
    "younger": "Aya",
    "exact": "Ben",
    "older": "Cleo",
    "jaw": "Dov",
    "random": "Elif",
    "careless": "Finn",
}
"""Who of the planted crowd goes by which name."""

WAVES_THROUGH: Final = dict.fromkeys(HONEST, 0.1) | {"random": 0.5, "careless": 1.0}
FINDS: Final = dict.fromkeys(HONEST, 0.93) | {"random": 0.4, "careless": 0.0}


def main() -> None:
    random = np.random.default_rng(20261125)
    admin = User.objects.get(username="admin")
    dataset = dataset_create(
        actor=admin, name="Team on gold", slug=SLUG, policy=Policy(gold_share=0.05, resweep_share=0.1)
    )
    with transaction.atomic():
        images = [_image(dataset, number, random) for number in range(IMAGES)]
        golds = []
        for kind, count in GOLD.items():
            faces = [_face(dataset, images[number % IMAGES], random) for number in range(count)]
            golds += gold_create(
                dataset=dataset,
                face_ids=[face.pk for face in faces],
                kind=kind,
                actor=admin,
                note="the first batch" if kind == PassKind.ANNOTATE else "",
                seed=1,
            ).made
    for person, name in TEAM.items():
        user, _ = user_create(username=f"team-{person}", name=name, actor=admin)
        membership_add(dataset=dataset, user=user, role=Role.ANNOTATOR, actor=admin)
        with transaction.atomic():
            for gold in golds:
                _answer(gold, person, user, random)
        person_judge(dataset=dataset, user_id=user.pk)


def _image(dataset: Dataset, number: int, random: np.random.Generator) -> Image:
    colours, cover = render_person(Person.drawn(random), random)
    ground = np.ones_like(colours) * random.uniform(0.3, 0.8, 3).astype(np.float32)
    picture = colours * cover[..., None] + ground * (1 - cover[..., None])
    pixels = (255 * picture.clip(0, 1)).astype(np.uint8)
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).resize((SIDE, SIDE)).save(buffer, "JPEG", quality=88)
    content = buffer.getvalue()
    sha = hashlib.sha256(content).hexdigest()
    path = default_storage.save(f"originals/{dataset.pk}/{sha[:2]}/{sha}.jpg", ContentFile(content))
    now = timezone.now()
    return Image.objects.create(
        dataset=dataset,
        sha256=sha,
        file=path,
        name=f"{SLUG}-{number:02}.jpg",
        bytes=len(content),
        format="JPEG",
        width=SIDE,
        height=SIDE,
        prelabelled_at=now,
        prelabelled_by="packaged",
        swept_at=now,
    )


def _face(dataset: Dataset, image: Image, random: np.random.Generator) -> Face:
    """An accepted face in the middle of the image with a coarser pre-label; its truth is drawn."""
    truth = _moved(drawn_face(random))
    shown = pre_labelled(truth, random)
    face = Face.objects.create(
        dataset=dataset,
        image=image,
        state=FaceState.ACCEPTED,
        detector="packaged",
        age_mean=truth.age,
        age_sd=2.0,
        age_n=3,
        accepted_policy=dataset.policy,
        closed_at=timezone.now(),
    )
    face.prelabel = Revision.objects.create(
        face=face, kind=RevisionKind.PRELABEL, made_by="packaged", **Revision.columns_of(shown)
    )
    face.current = Revision.objects.create(
        face=face,
        kind=RevisionKind.ANNOTATE,
        parent=face.prelabel,
        policy=dataset.policy,
        **Revision.columns_of(truth),
    )
    face.save(update_fields=["prelabel", "current"])
    return face


def _moved(drawn: FaceLabels) -> FaceLabels:
    """The same labels with the box in the middle half of the image."""
    assert drawn.landmarks is not None
    scale = SIDE / 2 / drawn.box.width
    corner = np.array([drawn.box.x1, drawn.box.y1])
    points = (drawn.landmarks - corner) * scale + SIDE / 4
    box = Box(SIDE / 4, SIDE / 4, SIDE * 3 / 4, SIDE * 3 / 4)
    return replace(drawn, box=box, landmarks=points.astype(np.float32))


def _answer(gold: Gold, person: str, user: User, random: np.random.Generator) -> None:
    """What this person says to one gold item, stored as a submit stores it."""
    truth = replace(gold.truth.labels, age=gold.face.age_mean)
    told: dict[str, Any] = {"state": "checking"}
    labels: FaceLabels | None = said(person, truth, random)
    if gold.kind == PassKind.SWEEP:
        labels = None
        found = random.random() < FINDS[person]
        told = {"state": "done", "sent": {"added": [list(truth.box)] if found else []}}
    elif gold.planted is not None:
        waved = random.random() < WAVES_THROUGH[person]
        told["verdict"] = "accept" if waved else "save"
        labels = replace(gold.planted.labels, age=CARELESS_AGE) if waved else labels
    item = WorkItem.objects.create(
        dataset=gold.dataset,
        image=gold.image,
        face=None if gold.kind == PassKind.SWEEP else gold.face,
        kind=gold.kind,
        pass_number=int(gold.kind == PassKind.CHECK),
        state=ItemState.DONE,
        closed_at=timezone.now(),
        reserved_for=user,
        gold=gold,
    )
    revision = None
    if labels is not None:
        revision = Revision.objects.create(
            face=gold.face, kind=RevisionKind.PLANTED, author=user, **Revision.columns_of(labels)
        )
    Pass.objects.create(
        submission_id=uuid.uuid4(),
        item=item,
        dataset=gold.dataset,
        image=gold.image,
        face=item.face,
        round=1,
        kind=gold.kind,
        user=user,
        revision=revision,
        is_gold=True,
        active_ms=int(random.uniform(8_000, 40_000)),
        answer=told,
    )


if __name__ == "__main__":
    main()
