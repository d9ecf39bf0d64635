"""The cookie that binds a sign-in to one browser."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from domain.access.public_url import public_url

MAX_AGE_SECONDS = 600
LANGUAGE = "dunwell-language"


def sign_in_cookie(browser_secret: str) -> Cookie:
    """The cookie with a sign-in's secret; over https its name keeps other hosts from planting one (RFC 6265bis, `__Host-`)."""
    secure = public_url().startswith("https://")
    return Cookie(
        key=_name(),
        value=browser_secret,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=MAX_AGE_SECONDS,
    )


def no_sign_in_cookie() -> Cookie:
    """Takes the cookie away, after the sign-in ended."""
    secure = public_url().startswith("https://")
    return Cookie(key=_name(), value="", path="/", httponly=True, secure=secure, samesite="lax", max_age=0)


def language_cookie(language: str) -> Cookie:
    """Remembers the language that somebody chose."""
    secure = public_url().startswith("https://")
    return Cookie(key=LANGUAGE, value=language, path="/oauth", httponly=True, secure=secure, samesite="lax")


def browser_secret_of(request: Request[Any, Any, Any]) -> str:
    """The secret that the browser sent, empty if it sent none."""
    return request.cookies.get(_name(), "")


def _name() -> str:
    return "__Host-dunwell-sign-in" if public_url().startswith("https://") else "dunwell-sign-in"
