"""How often an address may send a form: what tries passwords must not be fast."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from api.pages.rendering import page
from domain.kernel.errors import TooManyRequests


async def too_often(request: Request[Any, Any, Any]) -> Response[str] | None:
    """Counts a form that was sent from this address; the page that refuses it, or None."""
    address = request.client.host if request.client else None
    try:
        await request.app.state.attempts.at_sign_in(address)
    except TooManyRequests as limited:
        headers = {"Retry-After": str(limited.retry_after_seconds)}
        return page(request, "message", status=429, about="limited", headers=headers)
    return None
