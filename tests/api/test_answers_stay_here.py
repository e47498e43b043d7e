"""Headers of every answer: nothing is kept by browsers, nothing is loaded from or shown on other sites."""

from __future__ import annotations

import pytest
from django.test import Client

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from tests.cast import Api, ImageFactory


@pytest.mark.parametrize("address", ["/sign-in/", "/api/v1/session", "/api/v1/nothing", "/healthz"])
def test_it_sends_them_to_strangers(db: None, address: str) -> None:
    answer = Client().get(address)
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"], "scripts come from this server, never inline"


def test_it_sends_them_with_pictures(
    api: Api, dataset: Dataset, ann1: User, image_factory: ImageFactory
) -> None:
    answer = api(ann1).get(f"/api/v1/images/{image_factory(dataset).pk}/file?side=256")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
