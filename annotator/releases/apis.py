"""Releases over HTTP: make, list, look, download."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.datasets.access import LABELLERS, STAFF, dataset_access
from annotator.datasets.models import Role
from annotator.releases import selectors
from annotator.releases.models import Release
from annotator.releases.serializers import NewReleaseSerializer, ReleaseSerializer, release_json
from annotator.releases.services.freezing import release_create
from annotator.releases.zip_stream import CHUNK, Entry, zip_stream


class ReleaseListApi(APIView):
    @extend_schema(
        operation_id="releases_list", parameters=PAGE_PARAMETERS, responses=page_of(ReleaseSerializer)
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """The releases of a dataset, newest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=STAFF)
        page = keyset_page(selectors.release_list(dataset=dataset), request=request, newest_first=True)
        return Response(page_json(page, release_json))

    @extend_schema(
        operation_id="releases_create", request=NewReleaseSerializer, responses={201: ReleaseSerializer}
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Freeze the accepted faces as they are now; a job writes the files."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = NewReleaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        release = release_create(dataset=dataset, actor=user, **given.validated_data)
        return Response(release_json(release), status=201)


class ShapeModelApi(APIView):
    @extend_schema(
        operation_id="datasets_shape_model", responses={200: OpenApiTypes.OBJECT, 204: None, 304: None}
    )
    def get(self, request: Request, dataset_id: int) -> HttpResponseBase:
        """The dataset's own shape model of 68 points, as the labelling page reads it; 204: use the shipped one."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=LABELLERS)
        text = selectors.dataset_shape_model(dataset=dataset)
        if text is None:
            return Response(status=204)
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        answer = HttpResponse(text, content_type="application/json", headers=headers)
        return get_conditional_response(request._request, etag=etag, response=answer) or answer


class ReleaseApi(APIView):
    @extend_schema(operation_id="releases_get", responses=ReleaseSerializer)
    def get(self, request: Request, release_id: int) -> Response:
        """One release."""
        return Response(
            release_json(selectors.release_access(user=signed_in(request), release_id=release_id))
        )


class ReleaseNativeApi(APIView):
    @extend_schema(
        operation_id="releases_download_native", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, release_id: int) -> StreamingHttpResponse:
        """The release folder (labels, pictures, manifest, COCO file) as one zip, made while it is sent."""
        user = signed_in(request)
        release = selectors.release_access(user=user, release_id=release_id)
        files = selectors.release_files(release=release)
        download_note(actor=user, target=release, dataset_id=release.dataset_id, what="native")
        return _download(zip_stream(files), "application/zip", release, "zip")


class ReleaseCocoApi(APIView):
    @extend_schema(
        operation_id="releases_download_coco", responses={(200, "application/json"): OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, release_id: int) -> StreamingHttpResponse:
        """The labels as COCO keypoints JSON."""
        user = signed_in(request)
        release = selectors.release_access(user=user, release_id=release_id)
        entry = selectors.release_coco(release=release)
        download_note(actor=user, target=release, dataset_id=release.dataset_id, what="coco")
        response = _download(_chunks(entry), "application/json", release, "coco.json")
        response.headers["Content-Length"] = str(entry.size)
        return response


def _chunks(entry: Entry) -> Iterator[bytes]:
    with entry.open() as source:
        while data := source.read(CHUNK):
            yield data


def _download(content: Iterator[bytes], kind: str, release: Release, extension: str) -> StreamingHttpResponse:
    name = f"{release.dataset.slug}-release-{release.number}.{extension}"
    return StreamingHttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
