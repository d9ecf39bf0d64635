"""/u/{token}: where the recipient of a reminder stops them, by a click in the mail program (RFC 8058) or on this page.

A mail program posts without asking and from anywhere, so neither origin nor cookie is looked at: the signed token is the permission.
Whoever only opens the link, as scanners of mails do, changes nothing.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.pages.rendering import page
from api.pages.texts import TEXTS, Language
from domain.kernel.errors import NotFound
from domain.messaging.unsubscribing import company_of, notice_of_token, unsubscribe


@get("/u/{token:str}", include_in_schema=False)
async def show_unsubscribe(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Asks, in the language of the mail."""
    try:
        ctx, notice = await notice_of_token(token)
    except NotFound:
        return page(request, "message", status=404, about="unsubscribe_gone")
    return page(request, "unsubscribe", language=_language(request, notice.locale), company=await company_of(ctx))


@post("/u/{token:str}", include_in_schema=False)
async def submit_unsubscribe(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Opts the contact out of e-mail; again changes nothing."""
    try:
        notice = await unsubscribe(token)
    except NotFound:
        return page(request, "message", status=404, about="unsubscribe_gone")
    return page(request, "message", language=_language(request, notice.locale), about="unsubscribed", status=200)


def _language(request: Request[Any, Any, Any], locale: str) -> Language | None:
    """The mail's, unless another one is asked for."""
    if request.query_params.get("lang") in TEXTS or locale not in TEXTS:
        return None
    return "zh-CN" if locale == "zh-CN" else "en"


ROUTES = [show_unsubscribe, submit_unsubscribe]
