"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.quality.apis import (
    aggregations,
    agreement,
    audit,
    bulk,
    economy,
    faces,
    gold,
    history,
    notes,
    overview,
    people,
    progress,
    skill,
    teaching,
)

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/people", people.PeopleApi.as_view(), name="people"),
    path("people/<int:membership_id>", people.PersonApi.as_view(), name="person"),
    path(
        "people/<int:membership_id>/reset-password",
        people.PersonPasswordApi.as_view(),
        name="person-password",
    ),
    path("people/<int:membership_id>/skill", skill.PersonSkillApi.as_view(), name="person-skill"),
    path("people/<int:membership_id>/pause", skill.PersonPauseApi.as_view(), name="person-pause"),
    path("people/<int:membership_id>/resume", skill.PersonResumeApi.as_view(), name="person-resume"),
    path("datasets/<int:dataset_id>/quality", skill.QualityApi.as_view(), name="quality"),
    path("datasets/<int:dataset_id>/group-bias", skill.GroupBiasApi.as_view(), name="group-bias"),
    path("datasets/<int:dataset_id>/gold", gold.GoldListApi.as_view(), name="gold"),
    path(
        "datasets/<int:dataset_id>/gold/candidates", gold.GoldCandidatesApi.as_view(), name="gold-candidates"
    ),
    path("gold/<int:gold_id>", gold.GoldApi.as_view(), name="gold-change"),
    path("datasets/<int:dataset_id>/tutorial", teaching.TutorialApi.as_view(), name="tutorial"),
    path(
        "datasets/<int:dataset_id>/tutorial/state", teaching.TutorialStateApi.as_view(), name="tutorial-state"
    ),
    path(
        "datasets/<int:dataset_id>/tutorial/restart",
        teaching.TutorialRestartApi.as_view(),
        name="tutorial-restart",
    ),
    path(
        "datasets/<int:dataset_id>/tutorial/faces", teaching.TutorialFacesApi.as_view(), name="tutorial-faces"
    ),
    path("tutorial/<int:tutorial_face_id>", teaching.TutorialFaceApi.as_view(), name="tutorial-face"),
    path(
        "tutorial/<int:tutorial_face_id>/answer", teaching.LessonAnswerApi.as_view(), name="tutorial-answer"
    ),
    path("datasets/<int:dataset_id>/guide", teaching.GuideApi.as_view(), name="guide"),
    path(
        "datasets/<int:dataset_id>/guide/examples", teaching.GuideExamplesApi.as_view(), name="guide-examples"
    ),
    path("guide-examples/<int:example_id>", teaching.GuideExampleApi.as_view(), name="guide-example"),
    path("datasets/<int:dataset_id>/audit", audit.AuditApi.as_view(), name="audit"),
    path("datasets/<int:dataset_id>/audit.csv", audit.AuditCsvApi.as_view(), name="audit-csv"),
    path("datasets/<int:dataset_id>/views", audit.ViewsApi.as_view(), name="views"),
    path("datasets/<int:dataset_id>/views.csv", audit.ViewsCsvApi.as_view(), name="views-csv"),
    path(
        "datasets/<int:dataset_id>/aggregations", aggregations.AggregationsApi.as_view(), name="aggregations"
    ),
    path(
        "aggregations/<int:aggregation_id>/undo",
        aggregations.AggregationUndoApi.as_view(),
        name="aggregation-undo",
    ),
    path("datasets/<int:dataset_id>/agreement", agreement.AgreementApi.as_view(), name="agreement"),
    path(
        "datasets/<int:dataset_id>/agreement.csv", agreement.AgreementCsvApi.as_view(), name="agreement-csv"
    ),
    path("datasets/<int:dataset_id>/overview", overview.OverviewApi.as_view(), name="overview"),
    path("datasets/<int:dataset_id>/blocked", overview.BlockedApi.as_view(), name="blocked"),
    path("datasets/<int:dataset_id>/progress", progress.ProgressApi.as_view(), name="progress"),
    path("datasets/<int:dataset_id>/progress.csv", progress.ProgressCsvApi.as_view(), name="progress-csv"),
    path("datasets/<int:dataset_id>/economy", economy.EconomyApi.as_view(), name="economy"),
    path("datasets/<int:dataset_id>/economy.csv", economy.EconomyCsvApi.as_view(), name="economy-csv"),
    path("datasets/<int:dataset_id>/faces", faces.FacesApi.as_view(), name="faces"),
    path("datasets/<int:dataset_id>/faces/bulk", bulk.FacesBulkApi.as_view(), name="faces-bulk"),
    path("datasets/<int:dataset_id>/deliveries", bulk.DeliveriesApi.as_view(), name="deliveries"),
    path("deliveries/<int:delivery_id>", bulk.DeliveryApi.as_view(), name="delivery"),
    path("deliveries/<int:delivery_id>/images", bulk.DeliveryImagesApi.as_view(), name="delivery-images"),
    path("faces/<int:face_id>", faces.FaceApi.as_view(), name="face"),
    path("faces/<int:face_id>/restore", history.FaceRestoreApi.as_view(), name="face-restore"),
    path("faces/<int:face_id>/notes", notes.FaceNotesApi.as_view(), name="face-notes"),
    path("questions/<int:question_id>/answers", notes.QuestionAnswersApi.as_view(), name="question-answers"),
    path("questions/<int:question_id>/resolve", notes.QuestionResolveApi.as_view(), name="question-resolve"),
    path("datasets/<int:dataset_id>/questions", notes.QuestionsApi.as_view(), name="questions"),
    path(
        "datasets/<int:dataset_id>/questions/count", notes.QuestionCountsApi.as_view(), name="question-counts"
    ),
    path("datasets/<int:dataset_id>/answers/seen", notes.AnswersSeenApi.as_view(), name="answers-seen"),
    path("datasets/<int:dataset_id>/work/feedback", notes.FeedbackApi.as_view(), name="work-feedback"),
    path("faces/<int:face_id>/reopen", faces.FaceReopenApi.as_view(), name="face-reopen"),
]
