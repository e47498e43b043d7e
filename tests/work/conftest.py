"""A person at work: claims and submits over HTTP as the page does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import Api, FaceFactory, ImageFactory, face_labels


@dataclass
class Desk:
    """One person's client; ``submit`` and the others return (status, decoded answer)."""

    client: Any
    dataset: Dataset

    def claim(self, count: int = 1, **body: Any) -> list[dict[str, Any]]:
        answer = self.client.post(
            f"/api/v1/datasets/{self.dataset.pk}/work/claim", {"count": count, **body}, format="json"
        )
        assert answer.status_code == 200, answer.json()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def next(self, **body: Any) -> dict[str, Any]:
        (item,) = self.claim(1, **body)
        return item

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        answer = self.client.post(f"/api/v1{path}", body, format="json")
        return answer.status_code, answer.json() if answer.content else None

    def put_draft(self, item: dict[str, Any], sequence: int, data: Any) -> tuple[int, Any]:
        body = {"token": item["lease"]["token"], "sequence": sequence, "data": data}
        answer = self.client.put(f"/api/v1/work/{item['id']}/draft", body, format="json")
        return answer.status_code, answer.json()

    def body(
        self,
        item: dict[str, Any],
        labels: FaceLabels | None = None,
        verdict: str = "save",
        *,
        age: float = 30.0,
        **more: Any,
    ) -> dict[str, Any]:
        """A submission. Without ``labels`` those of the item, with this person's age."""
        sent = {**item["face"]["labels"], "age": age} if labels is None else labels.to_json()
        return {
            "submission_id": str(uuid.uuid4()),
            "token": item["lease"]["token"],
            "base_revision": item["face"]["base_revision"],
            "verdict": verdict,
            "labels": sent,
            **more,
        }

    def submit(self, item: dict[str, Any], *args: Any, **more: Any) -> tuple[int, Any]:
        return self.post(f"/work/{item['id']}/submit", self.body(item, *args, **more))

    def annotate(self, labels: FaceLabels | None = None) -> dict[str, Any]:
        """Claim the next face and save ``labels`` (complete ones if none are given)."""
        status, answer = self.submit(self.next(), labels or face_labels())
        assert status == 200, answer
        shaped: dict[str, Any] = answer
        return shaped

    def accept(self, age: float = 30.0) -> dict[str, Any]:
        """Claim the next check and accept it with an age."""
        status, answer = self.submit(self.next(kinds=["check"]), None, "accept", age=age)
        assert status == 200, answer
        shaped: dict[str, Any] = answer
        return shaped

    def sweep(self, item: dict[str, Any], **more: Any) -> tuple[int, Any]:
        body = {
            "submission_id": str(uuid.uuid4()),
            "token": item["lease"]["token"],
            "added": [],
            "rejected": [],
            "verdict": None,
            **more,
        }
        return self.post(f"/work/{item['id']}/submit", body)


Desks = Callable[[User], Desk]


@pytest.fixture
def desk(api: Api, dataset: Dataset) -> Desks:
    return lambda user: Desk(api(user), dataset)


@pytest.fixture
def face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    """One face with a pre-label and an open annotate item, alone in the dataset."""
    return face_factory(image_factory(dataset))
