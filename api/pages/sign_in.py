"""/oauth/sign-in: from an authorization request to a user's consent, one page after the other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from api.pages.cookies import browser_secret_of, no_sign_in_cookie, sign_in_cookie
from api.pages.forgery import form_token, is_our_form
from api.pages.limiting import too_often
from api.pages.rendering import Refusal, page
from domain.access import consents, proofs
from domain.access.proofs import Passed, Refused
from domain.access.provider_sign_ins import provider_of
from domain.access.public_url import public_url
from domain.access.sign_ins import SignIn, find_sign_in

_AT = "/oauth/sign-in"


@get("/oauth/sign-in", include_in_schema=False)
async def show_sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """The page of the stage that the browser's sign-in has reached."""
    secret = browser_secret_of(request)
    sign_in = await find_sign_in(secret)
    if sign_in is None:
        return expired_page(request)
    if sign_in.stage == "consent":
        return await _consent_page(request, sign_in, secret)
    return await _form(request, sign_in, secret)


@post("/oauth/sign-in", include_in_schema=False)
async def submit_password(request: Request[Any, Any, Any]) -> Response[str]:
    """Judges address and password."""
    form = await _form_of(request)
    sign_in, refused = await _expected(request, form, "identify")
    if sign_in is None:
        return refused
    secret, email, organisation = browser_secret_of(request), form.get("email", ""), form.get("organisation", "")
    typed = {"email": email, "organisation": organisation}
    needed = [email, form.get("password", ""), *([organisation] if sign_in.asks_organisation else [])]
    if not all(value.strip() for value in needed) or any(len(value) > 1000 for value in needed):
        return await _form(request, sign_in, secret, Refusal("email", "missing"), 422, **typed)
    answer = await proofs.prove_password(
        sign_in, organisation=organisation, email=email, password=form["password"], address=address_of(request)
    )
    return await after_proof(request, sign_in, secret, answer, "wrong", **typed)


@post("/oauth/sign-in/second-factor", include_in_schema=False)
async def submit_second_factor(request: Request[Any, Any, Any]) -> Response[str]:
    """Judges a one-time code."""
    form = await _form_of(request)
    sign_in, refused = await _expected(request, form, "second_factor")
    if sign_in is None:
        return refused
    answer = await proofs.prove_second_factor(sign_in, code=form.get("code", "")[:20], address=address_of(request))
    return await after_proof(request, sign_in, browser_secret_of(request), answer, "wrong_code")


@post("/oauth/sign-in/consent", include_in_schema=False)
async def submit_consent(request: Request[Any, Any, Any]) -> Response[str]:
    """Returns to the app with a code, or with the news that there is none (RFC 6749 section 4.1.2, RFC 9207)."""
    form = await _form_of(request)
    sign_in, refused = await _expected(request, form, "consent")
    if sign_in is None:
        return refused
    if form.get("answer") == "allow":
        code = await consents.approve(sign_in, address_of(request))
        return _back_to_app(sign_in, {"code": code} if code else {"error": "access_denied"})
    await consents.deny(sign_in, address_of(request))
    return _back_to_app(sign_in, {"error": "access_denied"})


async def _expected(
    request: Request[Any, Any, Any], form: dict[str, str], stage: str
) -> tuple[SignIn | None, Response[str]]:
    """The sign-in at this stage whose form this is; else None and the page that says why not."""
    if (limited := await too_often(request)) is not None:
        return None, limited
    secret = browser_secret_of(request)
    sign_in = await find_sign_in(secret)
    if sign_in is None:
        return None, expired_page(request)
    if not is_our_form(request, secret, form.get("form_token", "")):
        return None, page(request, "message", status=403, about="error")
    if sign_in.stage != stage:
        return None, redirect_to(_AT)
    return sign_in, redirect_to(_AT)


async def after_proof(
    request: Request[Any, Any, Any], sign_in: SignIn, secret: str, answer: Passed | Refused, wrong: str, **typed: str
) -> Response[str]:
    """The next page, or the same one with what was wrong."""
    if isinstance(answer, Passed):
        return redirect_to(_AT, sign_in_cookie(answer.browser_secret))
    if answer.why == "ended":
        return expired_page(request)
    if answer.why == "locked":
        seconds = answer.retry_after_seconds
        return await _form(request, sign_in, secret, Refusal(None, "locked", seconds), 429, **typed)
    return await _form(request, sign_in, secret, Refusal(None, wrong), 422, **typed)


async def _form(
    request: Request[Any, Any, Any],
    sign_in: SignIn,
    secret: str,
    refusal: Refusal | None = None,
    status: int = 200,
    email: str = "",
    organisation: str = "",
) -> Response[str]:
    return page(
        request,
        "sign_in" if sign_in.stage == "identify" else "second_factor",
        status=status,
        refusal=refusal,
        headers={"Retry-After": str(refusal.seconds)} if refusal and refusal.seconds else None,
        app=sign_in.client_name,
        asks_organisation=sign_in.asks_organisation,
        form_token=form_token(secret),
        email=email,
        organisation=organisation,
        provider=await provider_of(sign_in),
    )


async def _consent_page(request: Request[Any, Any, Any], sign_in: SignIn, secret: str) -> Response[str]:
    asked = await consents.consent_request(sign_in)
    if asked is None:
        return expired_page(request)
    parts = urlsplit(sign_in.redirect_uri)
    return page(
        request,
        "consent",
        returns_to=sign_in.redirect_uri,
        app=sign_in.client_name,
        asked=asked,
        host=parts.netloc or f"{parts.scheme}:",
        form_token=form_token(secret),
    )


def _back_to_app(sign_in: SignIn, outcome: dict[str, str]) -> Response[str]:
    state = {} if sign_in.state is None else {"state": sign_in.state}
    query = urlencode({**outcome, **state, "iss": public_url()})
    separator = "&" if "?" in sign_in.redirect_uri else "?"
    return redirect_to(f"{sign_in.redirect_uri}{separator}{query}", no_sign_in_cookie())


def expired_page(request: Request[Any, Any, Any]) -> Response[str]:
    """There is nothing to go on with."""
    return page(request, "message", status=410, about="expired", cookies=(no_sign_in_cookie(),))


def redirect_to(to: str, *cookies: Cookie) -> Response[str]:
    """303, so that a reload asks again instead of submitting again."""
    headers = {"Location": to, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response("", status_code=303, headers=headers, cookies=list(cookies), media_type="text/html; charset=utf-8")


async def _form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a form; of a repeated one, of files and of other bodies nothing is kept."""
    if request.content_type[0] != "application/x-www-form-urlencoded":
        return {}
    pairs = [(str(name), str(value)) for name, value in (await request.form()).multi_items()]
    form = dict(pairs)
    return form if len(form) == len(pairs) and not any("\x00" in value for value in form.values()) else {}


def address_of(request: Request[Any, Any, Any]) -> str | None:
    """The IP address of the browser."""
    return request.client.host if request.client else None


ROUTES = [show_sign_in, submit_password, submit_second_factor, submit_consent]
