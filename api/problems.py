"""RFC 9457: every refused request is an `application/problem+json` with a stable code."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from asyncpg import CharacterNotInRepertoireError, DataError, UntranslatableCharacterError
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from domain.kernel.errors import (
    Conflict,
    DunwellError,
    FieldError,
    Forbidden,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    TooManyRequests,
    Unauthenticated,
)
from domain.kernel.shapes import field_error

MEDIA_TYPE = "application/problem+json"
_STATUS: dict[type[DunwellError], int] = {
    InvalidInput: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    PayloadTooLarge: 413,
    TooManyRequests: 429,
}
# What the framework says of a body that was not sent: the name of our argument.
_NO_BODY = "'data'"
_HTTP_CODES = {
    400: "malformed_request",
    404: "no_such_path",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
}

NESTED_TOO_DEEPLY = "The body is nested too deeply to be read."

logger = structlog.get_logger("dunwell.api")


class ProblemError(msgspec.Struct, kw_only=True):
    """One wrong place in the request: a JSON pointer into the body, or a parameter's name."""

    pointer: str
    code: str
    detail: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why a request was refused. `code` is stable; `title` and `detail` are for people."""

    title: str
    status: int
    code: str
    detail: str
    type: str = "about:blank"
    request_id: str | None = None
    errors: list[ProblemError] = []


def status_of(error: DunwellError) -> int:
    """The HTTP status of a domain error."""
    return next(status for kind, status in _STATUS.items() if isinstance(error, kind))


def on_domain_error(request: Request[Any, Any, Any], error: DunwellError) -> Response[Problem]:
    """A refusal of the domain."""
    status = status_of(error)
    scope = error.scope if isinstance(error, Forbidden) else None
    headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, TooManyRequests) else None
    return respond(request, status, error.title, error.code, error.detail, error.errors, headers, scope=scope)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """A refusal of the framework: no such path, malformed JSON, a wrong parameter."""
    if isinstance(error, ValidationException):
        return _on_invalid(request, error)
    code = _HTTP_CODES.get(error.status_code, "request_refused")
    title = "Malformed request" if error.status_code == 400 else "Request refused"
    return respond(request, error.status_code, title, code, error.detail, headers=error.headers)


def on_unstorable_text(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """PostgreSQL stores no NUL and no number beyond its types; that is the sender's mistake, not ours."""
    detail = "A value holds a character (such as NUL) or a number that cannot be stored."
    return respond(request, 422, InvalidInput.title, "unstorable_value", detail)


def on_deep_nesting(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """JSON that is nested more deeply than it can be read: the sender's mistake, since nothing of ours recurses but over what was sent."""
    logger.warning("request nested too deeply", path=request.url.path)
    return respond(request, 400, "Malformed request", "nested_too_deeply", NESTED_TOO_DEEPLY)


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A defect of ours: logged with its trace, told to the caller only by the request's id."""
    logger.error("request failed", path=request.url.path, exc_info=error)
    detail = "Something went wrong on our side; quote the request id when you report it."
    return respond(request, 500, "Internal error", "internal_error", detail)


def respond(
    request: Request[Any, Any, Any],
    status: int,
    title: str,
    code: str,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    headers: dict[str, Any] | None = None,
    *,
    scope: str | None = None,
) -> Response[Problem]:
    """A problem as a response; 401 and 403 say in `WWW-Authenticate` what RFC 6750 wants."""
    places = [ProblemError(pointer=e.pointer, code=e.code, detail=e.detail) for e in errors]
    request_id = request.scope.get("state", {}).get("request_id")
    problem = Problem(title=title, status=status, code=code, detail=detail, request_id=request_id, errors=places)
    extra = dict(headers or {})
    if status == 401 or code == "insufficient_scope":
        extra["WWW-Authenticate"] = _challenge(request, code, scope)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=extra)


def _challenge(request: Request[Any, Any, Any], code: str, scope: str | None) -> str:
    """RFC 6750 section 3, and where to learn who issues tokens (RFC 9728 section 5.1)."""
    parts = ['realm="dunwell"']
    if code != "token_missing":
        parts.append(f'error="{code if code == "insufficient_scope" else "invalid_token"}"')
    if scope is not None:
        parts.append(f'scope="{scope}"')
    public_url = request.app.state.get("public_url")
    parts.append(f'resource_metadata="{public_url}/.well-known/oauth-protected-resource"')
    return f"Bearer {', '.join(parts)}"


def _on_invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    raw = error.extra if isinstance(error.extra, list) else []
    body = getattr(request.scope.get("route_handler"), "parsed_data_field", None)
    kind = None if body is None else body.annotation
    errors = tuple(_field_error(item, kind) for item in raw if isinstance(item, dict))
    in_body = any(item.get("source") == "body" for item in raw if isinstance(item, dict))
    detail = errors[0].detail if errors else error.detail
    return respond(request, 422 if in_body else 400, InvalidInput.title, "invalid_input", detail, errors)


def _field_error(item: dict[str, Any], body: Any) -> FieldError:
    message, key, source = str(item.get("message", "")), str(item.get("key", "")), item.get("source")
    if source != "body":
        return FieldError(key, "invalid_parameter", f"{key}: {message}")
    if message == _NO_BODY:
        return FieldError("", "missing_body", "This call takes a JSON body; send {} if there is nothing to say.")
    return field_error(message if key == "data" else f"{message} - at `$.{key}`", body)


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    DunwellError: on_domain_error,
    HTTPException: on_http_error,
    CharacterNotInRepertoireError: on_unstorable_text,
    UntranslatableCharacterError: on_unstorable_text,
    DataError: on_unstorable_text,
    RecursionError: on_deep_nesting,
    Exception: on_unexpected,
}
