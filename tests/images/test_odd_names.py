"""Names and manifests that JSON allows and neither a disk nor the database can hold."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.accounts.models import User
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.services.candidates import shown_name
from annotator.images.services.manifests import manifest_rows
from tests.cast import Api


def upload(client: Any, dataset: Dataset, paths: str, files: int = 1) -> Any:
    sent = [SimpleUploadedFile(f"{n}.png", b"no picture") for n in range(files)]
    return client.post(
        f"/api/v1/datasets/{dataset.pk}/imports", {"files": sent, "paths": paths}, format="multipart"
    )


def test_it_takes_a_path_with_half_a_surrogate_pair(api: Api, dataset: Dataset, admin: User) -> None:
    assert upload(api(admin), dataset, '["a\\ud800.png"]').status_code == 201
    assert shown_name("a\ud800.png") == "a\\ud800.png"


def test_it_takes_files_without_any_name(api: Api, dataset: Dataset, admin: User) -> None:
    assert upload(api(admin), dataset, '["", "/", "."]', files=3).status_code == 201


def test_it_refuses_paths_that_are_no_json(api: Api, dataset: Dataset, admin: User) -> None:
    answer = upload(api(admin), dataset, "[" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_it_refuses_the_row_of_a_manifest_and_not_the_whole(bad: str) -> None:
    lines = [
        {"file": f"a{bad}.png"},
        {"file": "b.png", "source": f"x{bad}"},
        {"file": "c.png", "source": "x"},
    ]
    file = io.BytesIO("\n".join(map(json.dumps, lines)).encode())
    rows = list(manifest_rows(file, "list.jsonl"))
    assert [bool(row.problem) for row in rows] == [True, True, False]
    assert rows[0].file == "row 1"


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"file": "a", "fi\\ud800": 1}', '{"file": ' + "1" * 5000 + "}"]
)
def test_it_refuses_a_manifest_that_is_no_manifest_with_a_sentence(line: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(manifest_rows(io.BytesIO(line.encode()), "list.jsonl"))
    assert refused.value.message.encode()
