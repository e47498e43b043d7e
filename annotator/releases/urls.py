"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.releases import apis

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/releases", apis.ReleaseListApi.as_view(), name="releases"),
    path("datasets/<int:dataset_id>/shape-model", apis.ShapeModelApi.as_view(), name="shape-model"),
    path("releases/<int:release_id>", apis.ReleaseApi.as_view(), name="release"),
    path("releases/<int:release_id>/download/native", apis.ReleaseNativeApi.as_view(), name="release-native"),
    path("releases/<int:release_id>/download/coco", apis.ReleaseCocoApi.as_view(), name="release-coco"),
]
