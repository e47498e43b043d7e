"""The languages of the pages that the server writes; everything after the sign-in has its own catalogues.

Thirteen texts in two languages: gettext's compiled catalogues would be more machinery than words.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.utils.http import parse_header_parameters

from annotator.common.errors import Problem

COOKIE: Final = "jfa_language"
COOKIE_AGE: Final = 365 * 24 * 3600
LANGUAGES: Final = {"en": "English", "zh-CN": "简体中文"}
"""As people call them; the front end's preference has the same values."""

SIGN_IN: Final[dict[str, dict[str, str]]] = {
    "en": {
        "html": "en",
        "title": "Sign in",
        "lead": "Label, cross-check and release face datasets.",
        "username": "User name",
        "password": "Password",
        "submit": "Sign in",
        "after": "No account, or no password? An admin of your dataset can invite you or set a new password "
        "under People.",
        "language": "Language",
    },
    "zh-CN": {
        "html": "zh-Hans",
        "title": "登录",
        "lead": "标注、交叉复核并发布人脸数据集。",
        "username": "用户名",
        "password": "密码",
        "submit": "登录",
        "after": "没有账号或密码？数据集的管理员可以在“成员”页面邀请你或重设密码。",
        "language": "语言",
    },
}

REFUSALS: Final = {
    "wrong_credentials": "用户名和密码不匹配。请检查后重试。",
    "too_many_attempts": "密码错误次数过多。请在 {minutes} 分钟后重试。",
}
"""What the sign-in page says in Chinese; English has the problem's own sentence."""


def page_language(request: HttpRequest) -> str:
    """The person's last choice in this browser, else the first known language of the browser's, else English."""
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for tag in _accepted(request.headers.get("Accept-Language", "")):
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "en"


def _accepted(header: str) -> list[str]:
    """Language tags, the most wanted first."""
    weighted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, parameters = parse_header_parameters(part.strip())
        try:
            weight = float(parameters.get("q", "1"))
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            weighted.append((weight, tag.lower()))
    return [tag for _, tag in sorted(weighted, key=lambda one: -one[0])]


def refusal_text(problem: Problem, language: str) -> str:
    """Why a sign-in was refused."""
    if language == "en" or problem.code not in REFUSALS:
        return problem.message
    minutes = max(round(int(problem.details.get("retry_after_s", 0)) / 60), 1)
    return REFUSALS[problem.code].format(minutes=minutes)
