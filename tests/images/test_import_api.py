"""Uploads and reports over HTTP."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import
from annotator.images.services import uploads
from annotator.images.services.uploads import uploads_clear
from tests.images.importing import lines, photo, run_import


def sent(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def upload(client: Any, dataset: Dataset, files: list[SimpleUploadedFile], **fields: Any) -> Any:
    return client.post(
        f"/api/v1/datasets/{dataset.pk}/imports", {"files": files, **fields}, format="multipart"
    )


def spooled(folder: Path) -> list[Path]:
    return [path for path in (folder / "uploads").rglob("*") if path.is_file()]


def test_it_takes_files_then_imports_them_and_clears_the_spool(
    dataset: Dataset, api: Any, admin: Any, files_folder: Path
) -> None:
    files = [sent("a.jpg", photo(1)), sent("b.txt", b"text"), sent("empty.jpg", b"")]
    answer = upload(api(admin), dataset, files, source="phone", licence="own")
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["job"]["state"] == "queued"
    assert body["created_by"] == "admin"
    assert len(spooled(files_folder)) == 4
    batch = Import.objects.get(pk=body["id"])
    assert run_import(batch).state == "done"
    assert lines(batch) == [
        ("a.jpg", "imported", ""),
        ("b.txt", "refused", "not_an_image"),
        ("empty.jpg", "refused", "empty"),
    ]
    assert (Image.objects.get().source, Image.objects.get().licence) == ("phone", "own")
    assert uploads_clear() == 1
    assert spooled(files_folder) == []
    got = api(admin).get(f"/api/v1/imports/{batch.pk}").json()
    assert got["counts"] == {"imported": 1, "converted": 0, "linked": 0, "unchanged": 0, "refused": 2}


def test_it_keeps_folders_and_tells_two_files_of_one_name_apart(
    dataset: Dataset, api: Any, admin: Any
) -> None:
    files = [sent("x.jpg", photo(1)), sent("x.jpg", photo(2)), sent("x.jpg", photo(3))]
    paths = json.dumps(["trip/one/x.jpg", "trip/two/x.jpg", "trip/two/x.jpg"])
    batch = Import.objects.get(pk=upload(api(admin), dataset, files, paths=paths).json()["id"])
    run_import(batch)
    assert [line[0] for line in lines(batch)] == ["trip/one/x.jpg", "trip/two/x.jpg", "trip/two/x #2.jpg"]
    bad = upload(api(admin), dataset, files, paths=json.dumps(["one"]))
    assert (bad.status_code, bad.json()["code"]) == (422, "paths")


def test_it_joins_a_zip_with_its_manifest(dataset: Dataset, api: Any, admin: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("day/one.jpg", photo(1))
        archive.writestr("two.jpg", photo(2))
    manifest = b"file,subject_key\nday/one.jpg,anna\nthree.jpg,bo\n"
    files = [sent("album.zip", packed.getvalue()), sent("list.csv", manifest)]
    batch = Import.objects.get(pk=upload(api(admin), dataset, files).json()["id"])
    run_import(batch)
    assert lines(batch) == [
        ("album.zip/day/one.jpg", "imported", ""),
        ("album.zip/two.jpg", "imported", ""),
        ("three.jpg", "refused", "missing"),
    ]
    assert dict(Image.objects.values_list("name", "subject_key")) == {
        "album.zip/day/one.jpg": "anna",
        "album.zip/two.jpg": "",
    }


@pytest.mark.parametrize(
    ("files", "fields", "code"),
    [
        ([sent("list.csv", b"file,license\na.jpg,x\n"), sent("a.jpg", b"x")], {}, "manifest"),
        ([sent("list.csv", b"file\na.jpg\n")], {}, "no_files"),
        ([sent("a.csv", b"file\n"), sent("b.csv", b"file\n"), sent("c.jpg", b"x")], {}, "manifest"),
        ([], {}, "invalid"),
        ([sent("a.jpg", b"x")], {"licence": "x" * 201}, "invalid"),
        ([sent("a.jpg", b"x")], {"paths": "not json"}, "invalid"),
    ],
)
def test_it_keeps_nothing_of_an_upload_that_cannot_be_used(
    dataset: Dataset, api: Any, admin: Any, files_folder: Path, files: Any, fields: Any, code: str
) -> None:
    for file in files:
        file.seek(0)
    answer = upload(api(admin), dataset, files, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert Import.objects.count() == 0
    assert spooled(files_folder) == []


def test_it_refuses_a_file_over_the_limit(
    dataset: Dataset, api: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1024 * 1024)
    answer = upload(api(admin), dataset, [sent("big.jpg", b"x" * (1024 * 1024 + 1))])
    assert (answer.status_code, answer.json()["code"]) == (422, "too_large_file")
    assert answer.json()["message"] == "big.jpg is larger than 1 MB."


def test_it_keeps_the_files_of_a_failed_upload_for_a_retry(
    dataset: Dataset, api: Any, admin: Any, files_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Import.objects.get(pk=upload(api(admin), dataset, [sent("a.jpg", photo(1))]).json()["id"])
    api(admin).post(f"/api/v1/jobs/{batch.job_id}/cancel")
    assert uploads_clear() == 0
    assert len(spooled(files_folder)) == 2
    monkeypatch.setattr(uploads, "KEPT_FOR", uploads.timedelta(seconds=-1))
    assert uploads_clear() == 1


def test_it_lists_imports_and_entries_with_few_queries(
    dataset: Dataset, api: Any, admin: Any, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    from annotator.images.services.importing import import_create

    for number in range(3):
        folder = tmp_path / f"f{number}"
        folder.mkdir()
        (folder / "a.jpg").write_bytes(photo(number))
        (folder / "b.jpg").write_bytes(b"")
        run_import(import_create(dataset=dataset, source=folder, actor=admin))
    client = api(admin)
    with django_assert_num_queries(4):  # session and person, dataset with role, imports with jobs, counts
        page = client.get(f"/api/v1/datasets/{dataset.pk}/imports").json()
    assert [row["counts"]["imported"] for row in page["results"]] == [1, 1, 1]
    newest = page["results"][0]["id"]
    refused = client.get(f"/api/v1/imports/{newest}/entries?outcome=refused").json()["results"]
    assert [(row["name"], row["code"], row["image_id"]) for row in refused] == [("b.jpg", "empty", None)]
    assert client.get(f"/api/v1/imports/{newest}/entries?outcome=lost").status_code == 422


def test_it_gives_the_whole_report_as_csv(
    dataset: Dataset, api: Any, admin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.images.services.importing import import_create

    monkeypatch.setattr("annotator.images.selectors.REPORT_CHUNK", 2)
    for name in ("=1+1.jpg", "a.jpg", 'b, "quoted".jpg', "c.jpg", "d.jpg"):
        (tmp_path / name).write_bytes(b"" if name == "c.jpg" else photo(ord(name[0])))
    batch = import_create(dataset=dataset, source=tmp_path)
    run_import(batch)
    answer = api(admin).get(f"/api/v1/imports/{batch.pk}/report.csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    names = [row["name"] for row in rows if "files/" not in row["name"]]
    assert names == ["'=1+1.jpg", "a.jpg", 'b, "quoted".jpg', "c.jpg", "d.jpg"], "no spreadsheet runs a name"
    assert {row["name"]: row["code"] for row in rows}["c.jpg"] == "empty"


def test_it_lets_only_an_admin_import(
    dataset: Dataset, api: Any, admin: Any, adjudicator: Any, outsider: Any
) -> None:
    batch = Import.objects.get(pk=upload(api(admin), dataset, [sent("a.jpg", photo(1))]).json()["id"])
    for path in (f"datasets/{dataset.pk}/imports", f"imports/{batch.pk}", f"imports/{batch.pk}/report.csv"):
        assert api().get(f"/api/v1/{path}").status_code == 401
        assert api(outsider).get(f"/api/v1/{path}").status_code == 404
        assert api(adjudicator).get(f"/api/v1/{path}").status_code == 403
    assert upload(api(adjudicator), dataset, [sent("b.jpg", photo(2))]).status_code == 403
