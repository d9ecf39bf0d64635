"""Pages out of templates: language, headers that keep everything foreign out, and one place for both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import Cookie

from api.pages.cookies import LANGUAGE, language_cookie
from api.pages.scope_words import words_of
from api.pages.texts import TEXTS, Language

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}
_HOST_SOURCE = re.compile(r"[a-z0-9.-]+(:[0-9]+)?", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not accepted: at which field, in which words of `texts`."""

    field: str | None
    text: str
    seconds: int = 0


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The language asked for by `?lang=`, else the one chosen before, else the best of Accept-Language (RFC 9110 12.5.4)."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE)):
        if wanted in TEXTS:
            return wanted
    best: tuple[float, Language] = (0.0, "en")
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", parameters)
        weight = float(quality[1]) if quality else 1.0
        main = tag.strip().lower().partition("-")[0]
        if main in ("zh", "en") and weight > best[0]:
            best = (weight, "zh-CN" if main == "zh" else "en")
    return best[1]


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    returns_to: str | None = None,
    cookies: tuple[Cookie, ...] = (),
    headers: dict[str, str] | None = None,
    language: Language | None = None,
    **values: Any,
) -> Response[str]:
    """A page in the caller's language or in the one given; `returns_to` is where its forms may lead besides here."""
    language = language or language_of(request)
    html = _TEMPLATES.get_template(f"{template}.html").render(
        t=TEXTS[language],
        language=language,
        words_of=lambda scope: words_of(scope, language),
        path="/oauth/sign-in" if request.url.path.startswith("/oauth/sign-in") else request.url.path,
        refusal=refusal,
        **values,
    )
    chosen = (language_cookie(language),) if request.query_params.get("lang") in TEXTS else ()
    return Response(
        html,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={**_HEADERS, "Content-Security-Policy": policy(returns_to), **(headers or {})},
        cookies=[*cookies, *chosen],
    )


def policy(returns_to: str | None = None) -> str:
    """Nothing but our own style and images; no script at all. Chromium applies form-action to redirects after a POST."""
    allowed = f" {source}" if returns_to and (source := form_source(returns_to)) else ""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        f" form-action 'self'{allowed}"
    )


def form_source(uri: str) -> str | None:
    """A redirect URI as a CSP source: its origin, or its scheme where it has no host that CSP could name (apps, IPv6).

    >>> form_source("https://crm.example/back"), form_source("com.example.app:/back"), form_source("http://[::1]:5/x")
    ('https://crm.example', 'com.example.app:', 'http:')
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and _HOST_SOURCE.fullmatch(parts.netloc.lower()):
        return f"{parts.scheme}://{parts.netloc.lower()}"
    return f"{parts.scheme}:" if _SCHEME.fullmatch(parts.scheme) else None
