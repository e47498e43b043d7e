"""Images over HTTP: pictures, rows, provenance, verdicts."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from annotator.accounts.models import AuditEntry
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.images.models import Image, Verdict
from annotator.images.services.verdicts import image_reject, image_rotate


def test_it_shows_the_picture_to_members_only(
    dataset: Dataset, image_factory: Any, api: Any, ann1: Any, outsider: Any
) -> None:
    image = image_factory(dataset, size=(1500, 1000))
    url = f"/api/v1/images/{image.pk}/file?side=1024"
    answer = api(ann1).get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "private, no-store"
    assert float(answer["X-Scale"]) == pytest.approx(1024 / 1500, abs=1e-6)
    assert PillowImage.open(io.BytesIO(answer.content)).size == (1024, 683)
    assert api(outsider).get(url).status_code == 404
    assert api().get(url).status_code == 401
    assert api(ann1).get(f"/api/v1/images/{image.pk}/file?side=77").status_code == 422


def test_it_cuts_a_region(dataset: Dataset, image_factory: Any, api: Any, ann1: Any, outsider: Any) -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[50:100, 100:150] = (250, 250, 250)
    image = image_factory(dataset, pixels=pixels)
    url = f"/api/v1/images/{image.pk}/crop?x=100&y=50&w=50&h=50&pixels=100"
    cut = np.asarray(PillowImage.open(io.BytesIO(api(ann1).get(url).content)))
    assert cut.shape == (100, 100, 3)
    assert cut[8:-8, 8:-8].min() > 230
    assert api(outsider).get(url).status_code == 404
    missing = api(ann1).get(f"/api/v1/images/{image.pk}/crop?x=100")
    assert (missing.status_code, missing.json()["code"]) == (422, "invalid")
    flat = api(ann1).get(f"/api/v1/images/{image.pk}/crop?x=0&y=0&w=0&h=5&pixels=64")
    assert (flat.status_code, flat.json()["code"]) == (422, "crop")


def test_it_says_that_a_file_is_gone(dataset: Dataset, image_factory: Any, api: Any, ann1: Any) -> None:
    image = image_factory(dataset)
    Image.objects.filter(pk=image.pk).update(file="originals/nowhere.jpg", sha256="0" * 64)
    answer = api(ann1).get(f"/api/v1/images/{image.pk}/file")
    assert (answer.status_code, answer.json()["code"]) == (404, "file_gone")


def test_it_lists_images_with_their_faces_in_one_query(
    dataset: Dataset,
    image_factory: Any,
    face_factory: Any,
    api: Any,
    researcher: Any,
    django_assert_num_queries: Any,
) -> None:
    for number in range(4):
        image = image_factory(dataset, name=f"photo {number}.jpg")
        for _ in range(number):
            face_factory(image, open_item=False)
        if number:
            face_factory(image, state="accepted")
            face_factory(image, state="rejected", open_item=False)
    client = api(researcher)
    with django_assert_num_queries(3):  # session with its person, dataset with role, rows
        page = client.get(f"/api/v1/datasets/{dataset.pk}/images?limit=3").json()
    assert [(r["name"], r["faces"], r["accepted"]) for r in page["results"]] == [
        ("photo 3.jpg", 4, 1),
        ("photo 2.jpg", 3, 1),
        ("photo 1.jpg", 2, 1),
    ]
    rest = client.get(f"/api/v1/datasets/{dataset.pk}/images?limit=3&cursor={page['next']}").json()
    assert [(r["name"], r["faces"]) for r in rest["results"]] == [("photo 0.jpg", 0)]


def test_it_filters_images_by_state_verdict_and_name(
    dataset: Dataset, image_factory: Any, face_factory: Any, api: Any, researcher: Any
) -> None:
    from django.utils import timezone

    now = timezone.now()
    image_factory(dataset, name="waiting.jpg", prelabelled=False)
    image_factory(dataset, name="failed.jpg", prelabelled=False, prelabel_error="The pixels cannot be read.")
    image_factory(dataset, name="rejected.jpg", verdict="rejected")
    face_factory(image_factory(dataset, name="open.jpg", swept_at=now))
    face_factory(image_factory(dataset, name="complete.jpg", swept_at=now), state="accepted")
    half_done = image_factory(dataset, name="half.jpg", swept_at=now)
    face_factory(half_done, state="accepted")
    face_factory(half_done, state="disputed")
    client = api(researcher)

    def names(query: str) -> list[str]:
        answer = client.get(f"/api/v1/datasets/{dataset.pk}/images?{query}")
        assert answer.status_code == 200, answer.json()
        return [row["name"] for row in answer.json()["results"]]

    assert names("state=waiting") == ["waiting.jpg"]
    assert names("state=failed") == ["failed.jpg"]
    assert names("state=complete") == ["complete.jpg"]
    assert names("state=prelabelled") == ["half.jpg", "complete.jpg", "open.jpg", "rejected.jpg"]
    assert names("verdict=rejected") == ["rejected.jpg"]
    assert "rejected.jpg" not in names("verdict=none")
    assert names("q=PEN") == ["open.jpg"]
    assert client.get(f"/api/v1/datasets/{dataset.pk}/images?state=odd").status_code == 422
    assert client.get(f"/api/v1/datasets/{dataset.pk}/images?verdict=odd").status_code == 422


def test_it_shows_an_image_with_its_faces_and_hides_ages_from_researchers(
    dataset: Dataset, image_factory: Any, face_factory: Any, api: Any, admin: Any, researcher: Any, ann1: Any
) -> None:
    image = image_factory(dataset)
    face = face_factory(image)
    url = f"/api/v1/images/{image.pk}"
    (row,) = api(admin).get(url).json()["faces_list"]
    assert (row["id"], row["state"], row["box"]) == (face.pk, "waiting", [100, 100, 300, 340])
    assert row["current_labels"]["age"] is None  # the face is open: nobody's age is shown (decision 0007)
    Face.objects.filter(pk=face.pk).update(state="rejected")
    assert api(admin).get(url).json()["faces_list"][0]["current_labels"]["age"] == 30
    assert api(researcher).get(url).json()["faces_list"][0]["current_labels"]["age"] is None
    assert api(ann1).get(url).status_code == 403


def test_it_corrects_provenance_and_writes_what_it_was(
    dataset: Dataset, image_factory: Any, api: Any, admin: Any, adjudicator: Any
) -> None:
    image = image_factory(dataset, source="old", licence="CC0")
    url = f"/api/v1/images/{image.pk}"
    assert api(adjudicator).patch(url, {"source": "x"}, format="json").status_code == 403
    answer = api(admin).patch(url, {"source": "new", "licence": "CC0"}, format="json")
    assert (answer.status_code, answer.json()["source"]) == (200, "new")
    entry = AuditEntry.objects.get(verb="image_provenance")
    assert entry.details == {"before": {"source": "old"}, "after": {"source": "new"}}
    assert api(admin).patch(url, {"consent": "x" * 201}, format="json").status_code == 422


def test_it_rejects_and_readmits_with_a_reason(
    dataset: Dataset, image_factory: Any, api: Any, admin: Any, ann1: Any
) -> None:
    image = image_factory(dataset)
    url = f"/api/v1/images/{image.pk}/verdict"
    body = {"verdict": "rejected", "reason": "A drawing"}
    assert api(ann1).post(url, body, format="json").status_code == 403
    assert api(admin).post(url, {"verdict": "rejected"}, format="json").status_code == 422
    assert api(admin).post(url, body, format="json").json()["verdict_reason"] == "A drawing"
    back = api(admin).post(url, {"verdict": "", "reason": "A photograph after all"}, format="json")
    assert (back.status_code, back.json()["verdict"]) == (200, "")
    again = api(admin).post(url, {"verdict": "", "reason": "again"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "no_verdict")
    with pytest.raises(Invalid):
        image_reject(image=image, actor=admin, reason="  ")


def test_it_turns_an_image_unless_accepted_faces_would_be_lost(
    dataset: Dataset, image_factory: Any, face_factory: Any, admin: Any
) -> None:
    image = image_factory(dataset, size=(300, 200))
    turned = image_rotate(image=image, degrees=90, actor=admin)
    assert (turned.rotation, turned.width, turned.height) == (90, 200, 300)
    turned = image_rotate(image=image, degrees=270, actor=admin)
    assert (turned.rotation, turned.width, turned.height) == (0, 300, 200)
    turned = image_rotate(image=image, degrees=180, actor=admin)
    assert (turned.rotation, turned.width, turned.height) == (180, 300, 200)
    with pytest.raises(Invalid):
        image_rotate(image=image, degrees=45, actor=admin)
    face_factory(image, state="accepted")
    with pytest.raises(Conflict, match="accepted faces"):
        image_rotate(image=image, degrees=90, actor=admin)
    assert Image.objects.get(pk=image.pk).verdict == Verdict.NONE
