"""External ids in paths: whatever an integrator calls a thing, also `2026/001`, reaches us as it was sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import Request

_BEFORE = "/external/"


def external_id_of(request: Request[Any, Any, Any]) -> str:
    """The id that ends the path, percent-decoded once.

    The router's own value has lost what `%2F` was: servers decode a path before it is taken apart.
    """
    sent = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    return unquote(sent.partition(_BEFORE)[2])
