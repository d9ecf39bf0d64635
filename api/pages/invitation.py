"""/oauth/invitation: where an invited user, or one who forgot it, sets a password; and the style of all pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.pages.forgery import is_same_site
from api.pages.limiting import too_often
from api.pages.rendering import Refusal, page
from domain.access.invitations import accept_invitation, invited_user
from domain.kernel.errors import InvalidInput, NotFound

_CSS = (Path(__file__).parent / "static" / "pages.css").read_bytes()


@get("/oauth/invitation/{token:str}", include_in_schema=False)
async def show_invitation(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """The form, as long as the link is good."""
    try:
        user = await invited_user(token)
    except NotFound:
        return _gone(request)
    return page(request, "invitation", email=user.email or "")


@post("/oauth/invitation/{token:str}", include_in_schema=False)
async def submit_invitation(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Sets the password; whoever knows the link is the user, so the link itself is what another site cannot know."""
    if not is_same_site(request) or request.content_type[0] != "application/x-www-form-urlencoded":
        return page(request, "message", status=403, about="error")
    if (limited := await too_often(request)) is not None:
        return limited
    form = await request.form()
    password, repeated = str(form.get("password", "")), str(form.get("repeated", ""))
    try:
        user = await invited_user(token)
        if password != repeated:
            return page(request, "invitation", status=422, refusal=Refusal(None, "password_differs"), email=user.email)
        await accept_invitation(token, password[:1000], request.client.host if request.client else None)
    except NotFound:
        return _gone(request)
    except InvalidInput as poor:
        refusal = Refusal(None, poor.errors[0].code)
        return page(request, "invitation", status=422, refusal=refusal, email=user.email or "")
    return page(request, "message", about="finished")


@get("/oauth/assets/pages.css", include_in_schema=False)
async def style() -> Response[bytes]:
    """The style sheet."""
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(_CSS, media_type="text/css; charset=utf-8", headers=headers)


def _gone(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "message", status=410, about="invitation_gone")


ROUTES = [show_invitation, submit_invitation, style]
