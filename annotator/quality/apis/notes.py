"""Questions and answers about faces, and what people are told about their own work."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_of
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.quality import note_serializers as shapes
from annotator.quality.selectors.skill import advice_for
from annotator.work.selectors import notes
from annotator.work.selectors.feedback import decision_list, reserved_list
from annotator.work.services.asking import answer_give, answers_seen, question_ask, question_resolve

SHOWN: Final = 20
MOST_RESERVED: Final = 50


def _text(request: Request) -> str:
    given = shapes.NoteTextSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    text: str = given.validated_data["text"]
    return text


class FaceNotesApi(APIView):
    @extend_schema(operation_id="face_notes", responses=shapes.FaceNotesSerializer)
    def get(self, request: Request, face_id: int) -> Response:
        """Questions about a face that I may see, with their answers, oldest first."""
        face, reader = notes.notes_access(user=request.user, face_id=face_id)
        threads = notes.threads_of_face(face=face, reader=reader)
        return Response({"results": [shapes.question_json(thread) for thread in threads]})

    @extend_schema(
        operation_id="face_note_ask",
        request=shapes.NoteTextSerializer,
        responses={201: shapes.FaceNotesSerializer},
    )
    def post(self, request: Request, face_id: int) -> Response:
        """Ask about a face that I work or worked on (admins and adjudicators: any); answers all its questions."""
        face, reader = notes.notes_access(user=request.user, face_id=face_id)
        question_ask(face=face, reader=reader, text=_text(request))
        threads = notes.threads_of_face(face=face, reader=reader)
        return Response({"results": [shapes.question_json(thread) for thread in threads]}, status=201)


class QuestionAnswersApi(APIView):
    @extend_schema(
        operation_id="question_answer",
        request=shapes.NoteTextSerializer,
        responses={201: shapes.QuestionSerializer},
    )
    def post(self, request: Request, question_id: int) -> Response:
        """Answer a question; whoever asked finds it under "My work"."""
        question, reader = notes.question_access(user=request.user, question_id=question_id)
        answer_give(question=question, reader=reader, text=_text(request))
        question.refresh_from_db()
        (thread,) = notes.threads_of([question], user=reader.user, role=reader.role)
        return Response(shapes.question_json(thread), status=201)


class QuestionResolveApi(APIView):
    @extend_schema(
        operation_id="question_resolve", request=shapes.ResolveSerializer, responses=shapes.QuestionSerializer
    )
    def post(self, request: Request, question_id: int) -> Response:
        """Close a question, or open it again (who asked, adjudicators, admins)."""
        question, reader = notes.question_access(user=request.user, question_id=question_id)
        given = shapes.ResolveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question_resolve(question=question, reader=reader, resolved=given.validated_data["resolved"])
        question.refresh_from_db()
        (thread,) = notes.threads_of([question], user=reader.user, role=reader.role)
        return Response(shapes.question_json(thread))


class QuestionsApi(APIView):
    @extend_schema(
        operation_id="question_list",
        parameters=[shapes.QuestionFilterSerializer, *PAGE_PARAMETERS],
        responses=page_of(shapes.QuestionSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Questions of a dataset with their answers, newest first (admin, adjudicator)."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=notes.RUNNERS)
        given = shapes.QuestionFilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        is_open = {"open": True, "resolved": False, "all": None}[given.validated_data["state"]]
        asked = notes.question_list(dataset=dataset, is_open=is_open).select_related("author", "face")
        page = keyset_page(asked, request=request, newest_first=True)
        threads = notes.threads_of(page.results, user=user, role=role)
        return Response({"results": [shapes.question_json(one) for one in threads], "next": page.next})


class QuestionCountsApi(APIView):
    @extend_schema(operation_id="question_counts", responses=shapes.QuestionCountsSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """How many questions are open, and how many answers are new to me."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        return Response(
            {
                "open_questions": notes.open_questions_count(dataset=dataset)
                if role in notes.RUNNERS
                else None,
                "unseen_answers": notes.unseen_answers_count(user=user, dataset=dataset),
            }
        )


class AnswersSeenApi(APIView):
    @extend_schema(
        operation_id="answers_seen", request=shapes.SeenSerializer, responses=shapes.SeenAnswerSerializer
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """I was shown the answers to my questions up to this one."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        given = shapes.SeenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"seen": answers_seen(user=user, dataset=dataset, **given.validated_data)})


class FeedbackApi(APIView):
    @extend_schema(operation_id="work_feedback", responses=shapes.FeedbackSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """What became of my work: sent back to me, decided by adjudicators, answers to my questions."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        threads, unseen = notes.answered_questions(user=user, dataset=dataset, limit=SHOWN)
        shown = [answer.id for thread in threads for answer in thread.answers if not answer.is_mine]
        return Response(
            {
                "reserved": [
                    shapes.reserved_json(item)
                    for item in reserved_list(user=user, dataset=dataset)[:MOST_RESERVED]
                ],
                "decisions": [
                    shapes.decision_json(one)
                    for one in decision_list(user=user, dataset=dataset, limit=SHOWN)
                ],
                "questions": [
                    {
                        **shapes.question_json(thread),
                        "unseen": sum(answer.id in unseen for answer in thread.answers),
                    }
                    for thread in threads
                ],
                "newest_answer": max(shown, default=None),
                "advice": advice_for(user=user, dataset=dataset),
            }
        )
