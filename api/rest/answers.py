"""What the routes have in common: pages with cursors, ETags, versions, patches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from api.inputs.fields import Instant
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, PageRequest, decode_cursor, encode_cursor
from domain.operations.model import Operation

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(max_length=1000, description="`next_cursor` of the page before.")]

DEFAULT = DEFAULT_LIMIT


class Listing(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None


def page_request(request: Request[Any, Any, Any], limit: int, cursor: str | None) -> PageRequest:
    """What part of the list is asked for; the cursor must come from this list with the same filters."""
    return PageRequest(limit=limit, after=decode_cursor(cursor, _binding(request)))


def instant_of(name: str, text: str | None) -> datetime | None:
    """A query parameter as an instant with its offset (RFC 3339); raises InvalidInput.

    Lax parsing, which queries get otherwise, would take a bare number for seconds since 1970.
    """
    if text is None:
        return None
    try:
        return msgspec.convert(text, Instant)
    except msgspec.ValidationError as wrong:
        raise InvalidInput.at(name, "invalid_parameter", f"{name}: {wrong}") from wrong


def listing(request: Request[Any, Any, Any], page: Page[T]) -> Response[Listing[T]]:
    """A page, with the next one in the `Link` header."""
    cursor = encode_cursor(page.next_key, _binding(request))
    headers = {}
    if cursor is not None:
        query = urlencode([*_filters(request, keep_limit=True), ("cursor", cursor)])
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return Response(Listing(data=page.items, next_cursor=cursor), headers=headers)


def with_etag(found: T, status_code: int = 200) -> Response[T]:
    """One object, its version as a strong ETag."""
    return Response(found, status_code=status_code, headers={"ETag": f'"{found.version}"'})  # type: ignore[attr-defined]


def created(made: T) -> Response[T]:
    """A new object, 201."""
    if hasattr(made, "version"):
        return with_etag(made, 201)
    return Response(made, status_code=201)


def accepted(operation: Operation) -> Response[Operation]:
    """Long work has begun: 202, and where to look."""
    return Response(operation, status_code=202, headers={"Location": f"/v1/operations/{operation.id}"})


def expected_version(request: Request[Any, Any, Any]) -> int | None:
    """The version named by `If-Match`, None if the caller does not care."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    version = header.strip().strip('"')
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise InvalidInput.at("If-Match", "malformed_etag", 'If-Match takes an ETag that this API gave, such as "3".')
    return int(version)


def _binding(request: Request[Any, Any, Any]) -> str:
    return f"{request.url.path}?{urlencode(_filters(request))}"


def _filters(request: Request[Any, Any, Any], *, keep_limit: bool = False) -> list[tuple[str, str]]:
    dropped = {"cursor"} if keep_limit else {"cursor", "limit"}
    return sorted((name, value) for name, value in request.query_params.multi_items() if name not in dropped)
