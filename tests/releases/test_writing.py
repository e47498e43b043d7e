"""The files of a release: whole, private, the same every time, and loadable by others' programs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as PillowImage
from pycocotools.coco import COCO

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.images.models import Image
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import JobCancelled, JobLost, run_job
from annotator.releases.models import Release, ReleaseState
from annotator.releases.services.freezing import release_create
from annotator.releases.services.writing import OriginalMissing, release_write
from jfa_pipeline.core.pixels import decode
from jfa_pipeline.formats.native import read_native
from tests.cast import Api, FaceFactory, ImageFactory
from tests.releases.conftest import Run, written_release

pytestmark = pytest.mark.django_db


def folder_of(release: Release, files_folder: Path) -> Path:
    return files_folder / release.folder


def test_it_writes_every_accepted_face_and_every_ignore_region(filled: Dataset, files_folder: Path) -> None:
    release = written_release(filled)
    assert release.state == ReleaseState.READY
    assert release.manifest["counts"] == {
        "images": 2,
        "faces": 4,
        "ignored": 2,
        "images_by_split": {"train": 2},
        "faces_by_split": {"train": 4},
    }
    rows = pq.read_table(folder_of(release, files_folder) / "labels.parquet").to_pylist()
    assert [row["status"] for row in rows] == ["accepted"] * 3 + ["ignore", "accepted", "ignore"]
    whole = rows[0]
    assert (whole["age_mean"], whole["age_sd"], whole["age_n"]) == (31.5, 0.7071067811865476, 2)
    assert (whole["age_corrected"], whole["age_corrected_error"]) == (30.5, None)
    assert (whole["gender"], whole["ethnicity"], whole["policy_version"]) == ("female", "white", 1)
    assert (whole["subject_key"], whole["consent"]) == ("family", "form 7")
    assert len(whole["landmarks"]) == 136
    partial = rows[1]
    assert [partial[edge] for edge in ("x1", "y1", "x2", "y2")] == [350.25, 60.5, 450.125, 190.75]
    assert (partial["subject_key"], partial["consent"], partial["visibility"][:6]) == (
        "a guest",
        "",
        [2, 2, 2, 1, 1, 0],
    )
    assert rows[2]["flags"] == ["occluded"]
    assert rows[2]["landmarks"] is None


def test_it_says_nothing_about_an_ignore_region_but_where_it_is(filled: Dataset, files_folder: Path) -> None:
    release = written_release(filled)
    rows = pq.read_table(folder_of(release, files_folder) / "labels.parquet").to_pylist()
    for row in rows:
        if row["status"] == "ignore":
            values = [row[name] for name in ("landmarks", "age_mean", "gender", "ethnicity", "revision_id")]
            assert values == [None] * 5
            assert row["age_n"] == 0


def test_it_ships_upright_pictures_that_the_coordinates_fit(filled: Dataset, files_folder: Path) -> None:
    release = written_release(filled)
    native = read_native(folder_of(release, files_folder))
    by_name = {image.file_name: image for image in native.images()}
    lying = by_name["b.jpg"]
    original = Image.objects.get(name="b.jpg")
    with PillowImage.open(native.image_path(lying)) as picture:
        assert picture.size == (lying.width, lying.height) == (480, 640)
        assert not picture.getexif()
        shipped = np.asarray(picture.convert("RGB")).astype(int)
    seen = decode((files_folder / original.file).read_bytes()).astype(int)
    assert np.abs(shipped - seen).max() <= 8
    assert lying.original_sha256 == original.sha256


def test_it_lists_the_hash_of_every_file_in_the_manifest(filled: Dataset, files_folder: Path) -> None:
    folder = folder_of(written_release(filled, name="first"), files_folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == found
    assert manifest["release"]["name"] == "first"
    assert manifest["release"]["policy_version"] == 1
    assert manifest["policy"]["checks"] == 2
    assert manifest["provenance"]["images_by_licence"] == {"": 1, "CC BY 4.0": 1}


def test_it_names_only_the_most_frequent_licences_in_the_row(
    filled: Dataset, files_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.releases.services.writing.SOURCES_SHOWN", 1)
    release = written_release(filled)
    assert release.manifest["provenance"]["images_by_licence"] == {"": 1}
    manifest = json.loads((folder_of(release, files_folder) / "manifest.json").read_text())
    assert manifest["provenance"]["images_by_licence"] == {"": 1, "CC BY 4.0": 1}


def test_it_writes_the_same_bytes_again(filled: Dataset, files_folder: Path) -> None:
    first, second = (folder_of(written_release(filled), files_folder) for _ in range(2))

    def contents(folder: Path) -> dict[str, bytes]:
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    one, two = contents(first), contents(second)
    manifests = [json.loads(files.pop("manifest.json")) for files in (one, two)]
    assert one == two
    assert manifests[0]["files"] == manifests[1]["files"]


def test_it_holds_the_labels_of_the_moment_it_was_made(filled: Dataset, files_folder: Path) -> None:
    release = release_create(dataset=filled, actor=None)
    face = filled.faces.filter(state="accepted").order_by("pk").first()
    other = filled.faces.filter(state="waiting").first()
    assert face is not None
    assert other is not None
    face.state, face.current, face.closed_at = "waiting", other.current, None
    face.save()
    assert release.job is not None
    release_write(run=Run(release.job))
    rows = pq.read_table(files_folder / f"releases/{filled.pk}/1/labels.parquet").to_pylist()
    row = next(row for row in rows if row["face_id"] == face.pk)
    assert (row["status"], row["x1"], row["age_mean"]) == ("accepted", 100.0, 31.5)


def test_it_writes_coco_that_pycocotools_loads(filled: Dataset, files_folder: Path) -> None:
    folder = folder_of(written_release(filled), files_folder)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(folder / "coco" / "annotations.json"))
    assert len(coco.getImgIds()) == 2
    annotations = coco.loadAnns(coco.getAnnIds())
    assert [a["iscrowd"] for a in annotations] == [0, 0, 0, 1, 0, 1]
    for image in coco.loadImgs(coco.getImgIds()):
        assert (folder / image["file_name"]).is_file()
    (category,) = coco.loadCats(coco.getCatIds())
    assert len(category["keypoints"]) == 68


def test_it_leaves_no_half_release_when_it_is_cancelled(filled: Dataset, files_folder: Path) -> None:
    release = release_create(dataset=filled, actor=None)
    assert release.job is not None
    run = Run(release.job)
    Job.objects.filter(pk=release.job.pk).update(cancel_requested=True)
    with pytest.raises(JobCancelled):
        release_write(run=run)
    assert list((files_folder / "releases").rglob("*")) == []


def test_it_publishes_nothing_once_another_attempt_has_the_job(filled: Dataset, files_folder: Path) -> None:
    release = release_create(dataset=filled, actor=None)
    assert release.job is not None
    run = Run(release.job)
    run._flushed_at = float("inf")  # so that only the end of the work looks at the job again
    Job.objects.filter(pk=release.job.pk).update(attempt=2)
    with pytest.raises(JobLost):
        release_write(run=run)
    assert list((files_folder / "releases").rglob("*")) == []
    release.refresh_from_db()
    assert release.state == ReleaseState.BUILDING


def test_it_cleans_up_after_an_attempt_that_was_killed(filled: Dataset, files_folder: Path) -> None:
    release = release_create(dataset=filled, actor=None)
    left = files_folder / "releases" / f".writing-{release.pk}-killed" / "images"
    left.mkdir(parents=True)
    half = files_folder / "releases" / str(filled.pk) / "1"
    half.mkdir(parents=True)
    (half / "manifest.json").write_text("published, and then the commit was lost")
    assert release.job is not None
    release_write(run=Run(release.job))
    assert not left.parent.exists()
    assert read_native(half).manifest["release"]["number"] == 1


def test_it_says_which_original_is_missing(filled: Dataset, files_folder: Path) -> None:
    image = Image.objects.get(name="b.jpg")
    (files_folder / image.file).unlink()
    release = release_create(dataset=filled, actor=None)
    assert release.job is not None
    with pytest.raises(OriginalMissing, match=r"b\.jpg"):
        release_write(run=Run(release.job))


def test_it_reads_frozen_faces_in_a_fixed_number_of_queries(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    django_assert_max_num_queries: object,
) -> None:
    for _ in range(6):
        face_factory(image_factory(dataset), state="accepted")
    release = release_create(dataset=dataset, actor=None)
    assert release.job is not None
    run = Run(release.job)
    run._flushed_at = float("inf")
    with django_assert_max_num_queries(11):  # type: ignore[operator]  # the fixture's type is not exported
        release_write(run=run)


@pytest.mark.django_db(transaction=True)
def test_it_is_written_by_its_job_and_downloaded(
    filled: Dataset, admin: User, researcher: User, api: Api, files_folder: Path
) -> None:
    made = api(admin).post(f"/api/v1/datasets/{filled.pk}/releases", {"name": "v1"}, format="json").json()
    run_job(made["job"]["id"], "test", lambda run: release_write(run=run))
    shown = api(researcher).get(f"/api/v1/releases/{made['id']}").json()
    assert (shown["state"], shown["job"]["state"]) == ("ready", JobState.DONE)
    assert (shown["job"]["done"], shown["job"]["total"]) == (2, 2)
    answer = api(researcher).get(shown["downloads"]["native"])
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="street-portraits-release-1.zip"'
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        archive.extractall(files_folder / "unpacked")
    native = read_native(files_folder / "unpacked")
    assert native.manifest["counts"]["faces"] == 4
    coco = api(researcher).get(shown["downloads"]["coco"])
    content = b"".join(coco.streaming_content)
    assert int(coco["Content-Length"]) == len(content)
    assert len(json.loads(content)["annotations"]) == 6
