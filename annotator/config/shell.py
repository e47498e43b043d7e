"""The one HTML page of the front end, for every address that is neither API nor static file."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@ensure_csrf_cookie
def shell(request: HttpRequest, path: str = "") -> HttpResponse:
    """The built index.html for a signed-in person, the sign-in page for anybody else.

    503 with a sentence while the front end is not built.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        page = (settings.JFA_FRONTEND_DIST / "index.html").read_bytes()
    except FileNotFoundError:
        message = "The front end is not built yet: `make up` builds it. The API at /api/v1/ works without it."
        return render(request, "common/problem.html", {"status": 503, "message": message}, status=503)
    return HttpResponse(page, headers={"Cache-Control": "private, no-store"})
