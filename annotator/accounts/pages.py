"""The sign-in page: rendered by the server, works without scripts."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

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
    """GET shows the form; POST signs in and goes to ``next``, or shows the form again with the reason (422)."""
    if request.method != "POST":
        wanted = safe_next(request, request.GET.get("next", START))
        if request.user.is_authenticated:
            return HttpResponseRedirect(wanted)
        return render(request, "accounts/sign_in.html", {"next": wanted})
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
        shown = {"next": wanted, "username": username, "message": problem.message}
        return render(request, "accounts/sign_in.html", shown, status=problem.status)
    login(request, user)
    return HttpResponseRedirect(wanted)
