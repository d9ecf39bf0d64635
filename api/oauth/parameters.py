"""The parameters of OAuth requests: each given once, in one place, and neither huge nor with characters that could split a header."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError
from litestar import Request

LARGEST_BODY = 8 * 1024
LONGEST_VALUE = 2000
LONGEST_TOKEN = 8000
_MOST = 50
_FORM = "application/x-www-form-urlencoded"
# RFC 6749 appendix A allows visible ASCII and space; nothing else may get near a header, a log or a query.
_ALLOWED = re.compile(r"[\x20-\x7e]*", re.ASCII)
_TOKENS = {"token", "subject_token", "client_assertion"}


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The form of a POST; raises InvalidRequestError if anything is wrong with it."""
    if request.content_type[0] != _FORM:
        raise InvalidRequestError(f"The body must be {_FORM}.")
    if request.scope["query_string"]:
        raise InvalidRequestError("Parameters belong into the body alone.")
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise InvalidRequestError("The request is too large.")
    return parameters(pairs_of(body))


def query_of(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """The parameters of the query, as they were given."""
    if len(request.scope["query_string"]) > LARGEST_BODY:
        raise InvalidRequestError("The request is too large.")
    return pairs_of(request.scope["query_string"])


def pairs_of(encoded: bytes) -> list[tuple[str, str]]:
    """Names and values of a form; raises InvalidRequestError if they are not UTF-8 or far too many."""
    try:
        text = encoded.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except ValueError as malformed:
        raise InvalidRequestError("The parameters are malformed.") from malformed


def parameters(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Each once; what has no value counts as left out (RFC 6749 section 3.1)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidRequestError("A parameter is given more than once.")
        if not _ALLOWED.fullmatch(name) or not _ALLOWED.fullmatch(value):
            raise InvalidRequestError("A parameter holds a character that is not allowed.")
        if len(value) > (LONGEST_TOKEN if name in _TOKENS else LONGEST_VALUE):
            raise InvalidRequestError("A parameter is too long.")
        found[name] = value
    return {name: value for name, value in found.items() if value}
