"""`python -m tests.browser.seed_loop`: a dataset whose loop has gone round, for the browser tests' server.

Accepted faces of three makers, two trained versions, their runs with curves, and reports of the promotion gate.
Curves and distances are drawn from stated distributions, not measured; the reports are the gate's own, on planted
challengers. Everything goes in through the services where there is one.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import django
import numpy as np

django.setup()

from django.db import transaction  # noqa: E402  # models need the settings
from django.utils import timezone  # noqa: E402

from annotator.accounts.models import User  # noqa: E402
from annotator.datasets.models import Dataset, PolicyVersion  # noqa: E402
from annotator.datasets.services import dataset_create  # noqa: E402
from annotator.faces.models import Face, FaceState, Revision, RevisionKind  # noqa: E402
from annotator.images.models import Image  # noqa: E402
from annotator.jobs.models import Job, JobKind, JobState  # noqa: E402
from annotator.learning.models import ModelVersion  # noqa: E402
from annotator.learning.services.registry import (  # noqa: E402
    champion_rollback,
    model_judged,
    model_promote,
    model_refuse,
    model_register,
)
from annotator.quality.models import FaceEconomy  # noqa: E402
from annotator.releases.models import Release, ReleaseFace, ReleaseState  # noqa: E402
from annotator.training.models import Decision, PointKind, RunPhase, TrainingPoint, TrainingRun  # noqa: E402
from annotator.training.services.runs import QUEUE, TASK  # noqa: E402
from benchmarks.gate import CASES  # noqa: E402
from benchmarks.planted_challengers import Plan, Quality, drawn_test, judged  # noqa: E402
from jfa_pipeline.metrics.gate import compare  # noqa: E402
from jfa_pipeline.metrics.gate_report import report_json  # noqa: E402

SLUG: Final = "loop"
FACES: Final = 240
FACES_AN_IMAGE: Final = 3
BLIND_EVERY: Final = 15
TEST_FACES: Final = 600

# Mean edits, seconds, share of √box area, IoU, years and share of changed attributes of faces that each made first.
MAKERS: Final = (
    ("packaged", 21.0, 64.0, 0.042, 0.86, 7.0, 0.3),
    ("tfn m1", 9.0, 41.0, 0.024, 0.92, 5.2, 0.14),
    ("tfn m2", 5.5, 33.0, 0.019, 0.94, 4.6, 0.1),
)
REGIONS: Final = (("jaw", 1.5), ("brows", 1.1), ("nose", 0.8), ("eyes", 0.6), ("lips", 0.9))
METRICS: Final = (
    {"ap50": 0.912, "nme_interocular": 0.0461, "age_mae": 5.9, "gender_acc": 0.93, "ethnicity_acc": 0.86},
    {"ap50": 0.934, "nme_interocular": 0.0402, "age_mae": 5.4, "gender_acc": 0.94, "ethnicity_acc": 0.87},
)


def main() -> None:
    random = np.random.default_rng(20261124)
    admin = User.objects.get(username="admin")
    dataset = dataset_create(actor=admin, name="Street portraits 2026", slug=SLUG)
    policy = PolicyVersion.objects.get(pk=dataset.policy_id)
    with transaction.atomic():
        faces = _faces(dataset, policy, random)
        releases = [
            _release(dataset, policy, admin, faces[:120], 1),
            _release(dataset, policy, admin, faces, 2),
        ]
    first = _run(dataset, admin, 1, releases[0], ("S1",), None, random)
    model = _model(dataset, admin, first, None)
    _judge(first, model, "better", None)
    model_promote(model=model, actor=None, reason="Better overall, and no group is worse.", automatic=True)
    second = _run(dataset, admin, 2, releases[1], ("S2", "S3", "S4"), model, random)
    challenger = _model(dataset, admin, second, model)
    _judge(second, challenger, "group_landmarks", model)
    model_refuse(model=challenger, reason="Worse for faces aged 65+.")
    model_promote(model=challenger, actor=admin, reason="A trial on photographs without old people.")
    champion_rollback(dataset=dataset, actor=admin, reason="The trial is over.")
    _economy(dataset, faces, [model.sha256, challenger.sha256], random)


def _faces(dataset: Dataset, policy: PolicyVersion, random: np.random.Generator) -> list[Face]:
    now = timezone.now()
    images = Image.objects.bulk_create(
        Image(
            dataset=dataset,
            sha256=hashlib.sha256(f"{SLUG} {number}".encode()).hexdigest(),
            file=f"images/{SLUG}-{number}.jpg",
            name=f"{SLUG}-{number:03}.jpg",
            bytes=1000,
            format="jpeg",
            width=640,
            height=480,
            prelabelled_at=now,
            prelabelled_by="packaged",
            swept_at=now,
        )
        for number in range(FACES // FACES_AN_IMAGE)
    )
    faces = Face.objects.bulk_create(
        Face(
            dataset=dataset,
            image=images[number // FACES_AN_IMAGE],
            state=FaceState.ACCEPTED,
            detector=MAKERS[number * len(MAKERS) // FACES][0],
            is_blind=number % BLIND_EVERY == 0,
            age_mean=float(random.uniform(5, 80)),
            age_n=1,
            accepted_policy=policy,
            closed_at=now - timedelta(days=28 * (FACES - number) / FACES),
        )
        for number in range(FACES)
    )
    revisions = Revision.objects.bulk_create(_revision(face, policy, random) for face in faces)
    for face, revision in zip(faces, revisions, strict=True):
        face.current = revision
    Face.objects.bulk_update(faces, ["current"])
    return faces


def _revision(face: Face, policy: PolicyVersion, random: np.random.Generator) -> Revision:
    x, y, side = random.uniform(0, 400), random.uniform(0, 250), random.uniform(40, 200)
    return Revision(
        face=face,
        kind=RevisionKind.ANNOTATE,
        policy=policy,
        x1=x,
        y1=y,
        x2=x + side,
        y2=y + side,
        landmarks=random.uniform(0, side, (68, 2)).astype(np.float32) + np.float32([x, y]),
        visibility=np.zeros(68, dtype=np.uint8),
        gender=str(random.choice(["female", "male"])),
        ethnicity=str(random.choice(["asian", "black", "white"])),
    )


def _release(dataset: Dataset, policy: PolicyVersion, admin: User, faces: list[Face], number: int) -> Release:
    counts = {"images": len(faces) // FACES_AN_IMAGE, "faces": len(faces), "ignored": 0}
    release = Release.objects.create(
        dataset=dataset,
        number=number,
        state=ReleaseState.READY,
        policy=policy,
        manifest={"counts": counts},
        folder=f"releases/{SLUG}-{number}",
        created_by=admin,
    )
    ReleaseFace.objects.bulk_create(
        ReleaseFace(
            release=release,
            face=face,
            revision_id=face.current_id,
            is_ignored=False,
            age_mean=face.age_mean,
            age_n=1,
        )
        for face in faces
    )
    return release


def _run(
    dataset: Dataset,
    admin: User,
    number: int,
    release: Release,
    stages: tuple[str, ...],
    parent: ModelVersion | None,
    random: np.random.Generator,
) -> TrainingRun:
    began = timezone.now() - timedelta(days=12 - 5 * number)
    steps = 1500 // len(stages)
    job = Job.objects.create(
        dataset=dataset,
        kind=JobKind.TRAIN,
        task=TASK,
        queue=QUEUE,
        state=JobState.DONE,
        attempt=len(stages),
        done=steps * len(stages),
        total=steps * len(stages),
        created_by=admin,
        started_at=began,
        finished_at=began + timedelta(minutes=25),
    )
    run = TrainingRun.objects.create(
        dataset=dataset,
        number=number,
        phase=RunPhase.SENT,
        release=release,
        stages=list(stages),
        preset="fast",
        start="champion" if parent else "centerface",
        new_labels={"boxes": 120, "landmarks": 118, "attributes": 120},
        job=job,
        parent=parent,
        created_by=admin,
    )
    points = _points(run, stages, steps, began, random)
    TrainingPoint.objects.bulk_create(points)
    for place, point in enumerate(points):
        point.at = began + timedelta(seconds=1500 * place / len(points))
    TrainingPoint.objects.bulk_update(points, ["at"], batch_size=500)
    TrainingRun.objects.filter(pk=run.pk).update(created_at=began - timedelta(minutes=1))
    return run


CONFIG: Final = {
    "backbone": "mobile",
    "genders": ["female", "male"],
    "ethnicities": ["asian", "black", "white"],
}

TERMS: Final[dict[str, dict[str, float]]] = {
    "S1": {
        "rpn_class": 0.35,
        "rpn_box": 0.2,
        "detection_class": 0.5,
        "detection_box": 0.3,
        "landmarks": 1.6,
        "age": 0.9,
        "gender": 0.5,
        "ethnicity": 0.7,
    },
    "S2": {"rpn_class": 0.12, "rpn_box": 0.08, "detection_class": 0.16, "detection_box": 0.11},
    "S3": {"landmarks": 0.7},
    "S4": {"age": 0.45, "gender": 0.2, "ethnicity": 0.3},
}


def _points(
    run: TrainingRun, stages: tuple[str, ...], steps: int, began: datetime, random: np.random.Generator
) -> list[TrainingPoint]:
    points: list[TrainingPoint] = []

    def add(attempt: int, stage: str, step: int, kind: PointKind, values: dict[str, Any]) -> None:
        points.append(
            TrainingPoint(
                run=run,
                attempt=attempt,
                seq=len(points) + 1,
                stage=stage,
                step=step,
                kind=kind,
                values=values,
                at=began,
            )
        )

    for place, stage in enumerate(stages):
        attempt = place + 1
        if place:
            add(attempt, stage, 0, PointKind.NOTE, {"event": "resumed"})
        for step in range(1, steps + 1, max(1, steps // 300)):
            left = 0.25 + 0.75 * math.exp(-4 * step / steps)
            terms = {
                name: size * left * float(random.lognormal(0, 0.12)) for name, size in TERMS[stage].items()
            }
            values = {"loss": sum(terms.values()), "rate": 0.01 * left, **terms}
            add(attempt, stage, step, PointKind.LOSS, values)
        figures = METRICS[run.number - 1]
        for share in (0.34, 0.67, 1.0):
            worse = 1 + 0.4 * (1 - share) * (len(stages) - place)
            shown = {
                name: value * worse if name in ("nme_interocular", "age_mae") else value / worse
                for name, value in figures.items()
            }
            add(attempt, stage, round(steps * share), PointKind.METRIC, shown)
        add(attempt, stage, steps, PointKind.NOTE, {"event": "stage_ended", "steps": steps})
    return points


def _model(dataset: Dataset, admin: User, run: TrainingRun, parent: ModelVersion | None) -> ModelVersion:
    """Its file holds no network: nothing on the browser tests' server loads one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        path.write_bytes(f"weights of run {run.number}".encode() * 1000)
        model = model_register(
            dataset=dataset,
            path=path,
            run_id=run.pk,
            release_number=run.release.number,
            release_sha256=hashlib.sha256(str(run.release.number).encode()).hexdigest(),
            preset=run.preset,
            stages=(["S1"] if parent else []) + run.stages,
            parent=parent,
            metrics=METRICS[run.number - 1],
            facts={"start": run.start, "seed": 0, "seconds": 1500.0, "config": CONFIG},
            created_by=admin,
        )
    run.model = model
    run.save(update_fields=["model"])
    ModelVersion.objects.filter(pk=model.pk).update(created_at=run.job.finished_at)
    return model


def _judge(run: TrainingRun, model: ModelVersion, case: str, rival: ModelVersion | None) -> None:
    random = np.random.default_rng(7)
    test = drawn_test(TEST_FACES, random)
    champion = judged(test, Plan(Quality()), random)
    comparison = compare(judged(test, CASES[case].plan, random), champion, resamples=500)
    coarse = {"kind": "coarse", "name": "packaged", "number": None}
    report = report_json(
        comparison,
        challenger={"kind": "model", "name": model.name, "number": model.number},
        against=coarse if rival is None else {"kind": "model", "name": rival.name, "number": rival.number},
        release=run.release.number,
        images=test.images,
    )
    model_judged(model=model, gate=report)
    run.gate = report
    run.decision = Decision.PROMOTED if report["decision"] == "promote" else Decision.KEPT
    run.save(update_fields=["gate", "decision"])


def _economy(dataset: Dataset, faces: list[Face], hashes: list[str], random: np.random.Generator) -> None:
    rows = []
    for number, face in enumerate(faces):
        place = number * len(MAKERS) // FACES
        name, edits, seconds, share, overlap, years, changed = MAKERS[place]
        farther = 1.25 if face.is_blind else 1.0
        points = min(68, int(random.poisson(edits * 0.9 * farther)))
        sides = min(4, int(random.poisson(edits * 0.04)))
        gender, ethnicity = (bool(random.random() < changed * factor) for factor in (0.6, 1.4))
        distance = share * float(random.lognormal(0, 0.3)) * farther
        worked = int(1000 * seconds * float(random.lognormal(0, 0.3)))
        rows.append(
            FaceEconomy(
                dataset=dataset,
                face=face,
                round=1,
                made_by=name if place == 0 else f"{name} {hashes[place - 1][:8]}",
                is_blind=face.is_blind,
                accepted_at=face.closed_at,
                box_iou=min(1.0, overlap + float(random.normal(0, 0.03))),
                nme_box_side=distance,
                age_difference=float(random.normal(0.8, years)),
                gender_changed=gender,
                ethnicity_changed=ethnicity,
                points_moved=points,
                sides_moved=sides,
                attributes_changed=1 + gender + ethnicity,
                passes=3,
                active_ms=worked,
                annotate_ms=int(0.6 * worked),
                **{f"nme_{region}": distance * factor for region, factor in REGIONS},
            )
        )
    FaceEconomy.objects.bulk_create(rows)


if __name__ == "__main__":
    main()
