"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.images import apis, import_apis

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/images", apis.ImageListApi.as_view(), name="images"),
    path("images/<int:image_id>", apis.ImageApi.as_view(), name="image"),
    path("images/<int:image_id>/file", apis.ImageFileApi.as_view(), name="image-file"),
    path("images/<int:image_id>/crop", apis.ImageCropApi.as_view(), name="image-crop"),
    path("images/<int:image_id>/verdict", apis.ImageVerdictApi.as_view(), name="image-verdict"),
    path(
        "datasets/<int:dataset_id>/near-duplicates",
        apis.NearDuplicateListApi.as_view(),
        name="near-duplicates",
    ),
    path(
        "near-duplicates/<int:pair_id>/decide",
        apis.NearDuplicateDecideApi.as_view(),
        name="near-duplicate-decide",
    ),
    path("datasets/<int:dataset_id>/imports", import_apis.ImportListApi.as_view(), name="imports"),
    path(
        "datasets/<int:dataset_id>/uploads/<uuid:upload>/portions/<int:portion>",
        import_apis.PortionApi.as_view(),
        name="upload-portion",
    ),
    path(
        "datasets/<int:dataset_id>/uploads/<uuid:upload>/finish",
        import_apis.UploadFinishApi.as_view(),
        name="upload-finish",
    ),
    path("imports/<int:import_id>", import_apis.ImportApi.as_view(), name="import"),
    path("imports/<int:import_id>/entries", import_apis.ImportEntryListApi.as_view(), name="import-entries"),
    path("imports/<int:import_id>/report.csv", import_apis.ImportReportApi.as_view(), name="import-report"),
]
