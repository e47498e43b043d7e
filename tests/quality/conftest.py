"""A person at work, for tests of what comes of it."""

from __future__ import annotations

import pytest

from annotator.datasets.models import Dataset
from tests.cast import Api
from tests.work.conftest import Desk, Desks


@pytest.fixture
def desk(api: Api, dataset: Dataset) -> Desks:
    return lambda user: Desk(api(user), dataset)
