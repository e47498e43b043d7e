"""A release goes out, comes in elsewhere, and goes out again without loss."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image, ImportEntry
from annotator.releases.models import Release
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.formats.coco import read_coco
from jfa_pipeline.formats.native import read_native
from jfa_pipeline.formats.records import ReleaseFace, ReleaseImage
from tests.cast import make_dataset
from tests.releases.conftest import written_release

pytestmark = pytest.mark.django_db


def imported(path: Path, *options: str, slug: str = "elsewhere") -> dict[str, Any]:
    out = io.StringIO()
    call_command(
        "import_release", str(path), "--dataset", slug, "--json", *options, stdout=out, stderr=io.StringIO()
    )
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def face_content(face: ReleaseFace) -> dict[str, Any]:
    """What a face says, without the numbers that its rows had in one database."""
    age = (face.age.mean, face.age.sd, face.age.n)
    return {
        "status": face.status,
        "labels": face.labels.to_json(),
        "age": age,
        "subject": (face.subject_key, face.consent),
        "policy": face.policy_version,
    }


def image_content(image: ReleaseImage) -> dict[str, Any]:
    kept = (
        "file_name",
        "width",
        "height",
        "extension",
        "sha256",
        "source",
        "licence",
        "subject_key",
        "consent",
    )
    return {name: getattr(image, name) for name in (*kept, "split", "swept")}


def content(entries: Iterable[tuple[ReleaseImage, list[ReleaseFace]]]) -> list[Any]:
    return [(image_content(image), [face_content(face) for face in faces]) for image, faces in entries]


def folder_of(release: Release, files_folder: Path) -> Path:
    return files_folder / release.folder


@pytest.fixture
def folder(filled: Dataset, files_folder: Path) -> Path:
    Image.objects.filter(name="b.jpg").update(swept_at=filled.created_at)
    return folder_of(written_release(filled), files_folder)


def test_it_brings_a_native_release_in_and_out_again_without_loss(folder: Path, files_folder: Path) -> None:
    answer = imported(folder, "--as", "accepted")
    assert answer["faces"] == {"accepted": 4, "too_small": 1, "waiting": 1}
    again = folder_of(written_release(Dataset.objects.get(slug="elsewhere")), files_folder)
    first, second = read_native(folder), read_native(again)
    assert content(first.entries()) == content(second.entries())
    for image in first.images():
        assert first.image_path(image).read_bytes() == second.image_path(image).read_bytes()
    assert first.policy == second.policy


def test_it_brings_a_coco_file_in_and_out_again_without_loss(folder: Path, files_folder: Path) -> None:
    imported(folder / "coco" / "annotations.json", "--as", "accepted")
    again = folder_of(written_release(Dataset.objects.get(slug="elsewhere")), files_folder)
    first, second = (read_coco(path / "coco" / "annotations.json") for path in (folder, again))
    assert content(first.entries()) == content(second.entries())
    assert first.policy == second.policy
    assert content(read_native(folder).entries()) == content(read_native(again).entries())


def test_it_imports_as_pre_labels_for_people_to_check(folder: Path) -> None:
    answer = imported(folder)
    assert answer["faces"] == {"waiting": 5, "too_small": 1}
    dataset = Dataset.objects.get(slug="elsewhere")
    faces = Face.objects.filter(dataset=dataset, state=FaceState.WAITING)
    assert {face.prelabel.kind for face in faces.select_related("prelabel") if face.prelabel} == {"import"}
    items = WorkItem.objects.filter(dataset=dataset, state="open")
    assert items.filter(kind=PassKind.ANNOTATE).count() == 5
    assert items.filter(kind=PassKind.SWEEP).count() == 2


def test_it_offers_only_what_is_not_accepted_yet(folder: Path) -> None:
    imported(folder, "--as", "accepted")
    items = WorkItem.objects.filter(dataset__slug="elsewhere", state="open").order_by("kind", "pk")
    assert [(item.kind, item.image.name) for item in items] == [
        (PassKind.ANNOTATE, "b.jpg"),
        (PassKind.SWEEP, "Zoë 1.jpg"),
    ]


def test_it_adds_nothing_when_it_is_repeated(folder: Path) -> None:
    imported(folder)
    before = (Image.objects.count(), Face.objects.count(), WorkItem.objects.count())
    assert imported(folder)["images"]["unchanged"] == 2
    assert (Image.objects.count(), Face.objects.count(), WorkItem.objects.count()) == before


def test_it_leaves_photographs_alone_that_the_dataset_has_as_originals(folder: Path, filled: Dataset) -> None:
    before = Face.objects.count()
    assert imported(folder, slug=filled.slug)["images"]["unchanged"] == 2
    assert Face.objects.count() == before


def test_it_goes_on_after_an_interruption(folder: Path) -> None:
    imported(folder)
    Image.objects.get(dataset__slug="elsewhere", name="b.jpg").delete()
    answer = imported(folder)
    assert (answer["images"]["imported"], answer["images"]["unchanged"]) == (1, 1)


def test_it_refuses_a_damaged_folder_before_anything_comes_in(folder: Path) -> None:
    picture = next(folder.glob("images/*/*.jpg"))
    picture.write_bytes(picture.read_bytes() + b"!")
    with pytest.raises(CommandError, match=picture.name):
        imported(folder)
    assert not Dataset.objects.filter(slug="elsewhere").exists()


@pytest.mark.parametrize("path", ["nowhere", "notes.json"])
def test_it_says_what_is_no_release(tmp_path: Path, path: str) -> None:
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(CommandError, match="cannot be read as a release"):
        imported(tmp_path / path)


def coco_file(folder: Path, file_name: str, **image: Any) -> Path:
    """A COCO file as another program would write it: no key "jfa", a box only."""
    entry = {"id": 1, "file_name": file_name, "width": 640, "height": 480, **image}
    annotation = {"id": 5, "image_id": 1, "category_id": 1, "bbox": [100, 100, 200, 240], "area": 48000}
    data = {
        "images": [entry],
        "annotations": [{**annotation, "iscrowd": 0}],
        "categories": [{"id": 1, "name": "face"}],
    }
    (folder / "foreign.json").write_text(json.dumps(data))
    return folder / "foreign.json"


def test_it_takes_the_boxes_of_another_programs_coco_file(tmp_path: Path, folder: Path) -> None:
    source = next(p for p in folder.glob("images/*/*.jpg") if read_size(p) == (640, 480))
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "one.jpg").write_bytes(source.read_bytes())
    make_dataset("Elsewhere")  # its policy draws no test images, which would come in without faces
    answer = imported(coco_file(tmp_path, "faces/one.jpg"))
    assert answer["faces"] == {"waiting": 1}
    face = Face.objects.select_related("current").get(dataset__slug="elsewhere")
    assert face.current is not None
    assert tuple(face.current.labels.box) == (100, 100, 300, 340)


@pytest.mark.parametrize(
    ("file_name", "image", "code"),
    [
        ("../secret.jpg", {}, "unsafe_path"),
        ("missing.jpg", {}, "missing"),
        ("one.jpg", {"width": 320}, "other_size"),
        ("note.txt", {}, "not_an_image"),
    ],
)
def test_it_refuses_pictures_that_cannot_come_in(
    tmp_path: Path, folder: Path, file_name: str, image: dict[str, Any], code: str
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    source = next(p for p in folder.glob("images/*/*.jpg") if read_size(p) == (640, 480))
    for place in (inside / "one.jpg", tmp_path / "secret.jpg"):
        place.write_bytes(source.read_bytes())
    (inside / "note.txt").write_text("no picture")
    with pytest.raises(CommandError, match="Nothing was imported"):
        imported(coco_file(inside, file_name, **image))
    assert ImportEntry.objects.get(batch__dataset__slug="elsewhere").code == code
    assert not Image.objects.filter(dataset__slug="elsewhere").exists()


def test_it_refuses_labels_as_accepted_that_the_policy_would_not_accept(tmp_path: Path, folder: Path) -> None:
    source = next(p for p in folder.glob("images/*/*.jpg") if read_size(p) == (640, 480))
    (tmp_path / "one.jpg").write_bytes(source.read_bytes())
    with pytest.raises(CommandError):
        imported(coco_file(tmp_path, "one.jpg"), "--as", "accepted")
    assert ImportEntry.objects.get(batch__dataset__slug="elsewhere").code == "policy"
    assert not Face.objects.filter(dataset__slug="elsewhere").exists()


def read_size(path: Path) -> tuple[int, int]:
    from PIL import Image as PillowImage

    with PillowImage.open(path) as picture:
        return picture.size
