"""Keeps other sites from submitting our forms: a token bound to the browser's secret, and the browser's own word on the origin."""

from __future__ import annotations

import base64
import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from domain.access.public_url import public_url


def form_token(browser_secret: str) -> str:
    """What each form carries; it changes with the secret."""
    return base64.urlsafe_b64encode(hmac.digest(browser_secret.encode(), b"form", "sha256")).decode().rstrip("=")


def is_our_form(request: Request[Any, Any, Any], browser_secret: str, token: str) -> bool:
    """Whether a submitted form came from a page that we gave to this very browser."""
    is_ours = hmac.compare_digest(form_token(browser_secret).encode(), token.encode())
    return bool(browser_secret) and is_ours and is_same_site(request)


def is_same_site(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says that the request came from our own page; old browsers that say nothing are believed."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    # Under `Referrer-Policy: no-referrer` browsers send the origin of our own forms as null; Sec-Fetch-Site tells them apart.
    if origin is None or (origin == "null" and "sec-fetch-site" in request.headers):
        return True
    parts = urlsplit(public_url())
    return origin in (f"{parts.scheme}://{parts.netloc}", f"{request.url.scheme}://{request.url.netloc}")
