"""The sign-in page: rendered by the server, works without scripts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotator.accounts.languages import COOKIE, COOKIE_AGE, LANGUAGES, SIGN_IN, page_language, refusal_text
from annotator.accounts.services import person_authenticate
from annotator.common.addresses import client_address
from annotator.common.errors import Invalid

START = "/"


def safe_next(request: HttpRequest, wanted: str) -> str:
    """``wanted`` if it is a page of this very site, else the front page."""
    same_site = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if same_site and wanted.startswith("/") else START


@sensitive_post_parameters("password")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """GET shows the form; POST signs in and goes to ``next``, or shows the form again with the reason (422).

    ``?language=`` shows it in another language and keeps that for this browser.
    """
    if request.method != "POST":
        wanted = safe_next(request, request.GET.get("next", START))
        if request.user.is_authenticated:
            return HttpResponseRedirect(wanted)
        return _form(request, {"next": wanted})
    wanted = safe_next(request, request.POST.get("next", START))
    username = request.POST.get("username", "").strip()
    try:
        user = person_authenticate(
            request=request,
            username=username,
            password=request.POST.get("password", ""),
            address=client_address(request),
        )
    except Invalid as problem:
        shown = {
            "next": wanted,
            "username": username,
            "message": refusal_text(problem, page_language(request)),
        }
        return _form(request, shown, status=problem.status)
    login(request, user)
    return HttpResponseRedirect(wanted)


def _form(request: HttpRequest, shown: dict[str, str], *, status: int = 200) -> HttpResponse:
    asked = request.GET.get("language", "")
    language = asked if asked in LANGUAGES else page_language(request)
    context = {**shown, "text": SIGN_IN[language], "chosen": language, "languages": LANGUAGES}
    answer = render(request, "accounts/sign_in.html", context, status=status)
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    if asked in LANGUAGES:
        answer.set_cookie(
            COOKIE, asked, max_age=COOKIE_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return answer
