"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.work import apis

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/work/claim", apis.ClaimApi.as_view(), name="work-claim"),
    path("datasets/<int:dataset_id>/work/waiting", apis.WaitingApi.as_view(), name="work-waiting"),
    path("datasets/<int:dataset_id>/work/mine", apis.MyWorkApi.as_view(), name="work-mine"),
    path("datasets/<int:dataset_id>/policy", apis.PolicyApi.as_view(), name="policy"),
    path("work/heartbeat", apis.HeartbeatApi.as_view(), name="work-heartbeat"),
    path("work/<int:item_id>/draft", apis.DraftApi.as_view(), name="work-draft"),
    path("work/<int:item_id>/submit", apis.SubmitApi.as_view(), name="work-submit"),
    path("work/<int:item_id>/release", apis.ReleaseApi.as_view(), name="work-release"),
    path("work/<int:item_id>/take_back", apis.TakeBackApi.as_view(), name="work-take-back"),
    path("work/<int:item_id>/skip", apis.SkipApi.as_view(), name="work-skip"),
]
