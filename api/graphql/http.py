"""POST and GET /graphql, as the GraphQL-over-HTTP specification wants them."""

from __future__ import annotations

from typing import Any

import msgspec
from graphql import GraphQLError
from litestar import HttpMethod, Request, Response, route
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from api.graphql.context import GraphContext
from api.graphql.errors import formatted
from api.graphql.schema import schema
from api.problems import NESTED_TOO_DEEPLY

MODERN = "application/graphql-response+json"
LEGACY = "application/json"


class GraphRequest(msgspec.Struct, kw_only=True):
    """The parameters of an operation."""

    query: str
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


@route("/graphql", http_method=[HttpMethod.GET, HttpMethod.POST], operation_id="GraphQL", include_in_schema=False)
async def graphql(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Runs one operation; queries may come by GET, mutations only by POST."""
    media_type = _accepted(request)
    if media_type is None:
        return _answer(406, LEGACY, _error("Accept application/graphql-response+json or application/json."))
    if request.method == "POST" and request.content_type[0] != LEGACY:
        return _answer(415, media_type, _error("The body must be application/json."))
    try:
        parameters = await _parameters(request)
    except (msgspec.MsgspecError, UnicodeDecodeError) as malformed:
        return _answer(400, media_type, _error(str(malformed)))
    except RecursionError:
        return _answer(400, media_type, _error(NESTED_TOO_DEEPLY, "nested_too_deeply"))
    allowed = set(OperationType) if request.method == "POST" else {OperationType.QUERY}
    return await _run(request, parameters, allowed, media_type)


async def _run(
    request: Request[Any, Any, Any], parameters: GraphRequest, allowed: set[OperationType], media_type: str
) -> Response[bytes]:
    state = request.scope["state"]
    try:
        result = await schema.execute(
            parameters.query,
            variable_values=parameters.variables,
            operation_name=parameters.operation_name,
            context_value=GraphContext(state["context"]),
            allowed_operation_types=allowed,
        )
    except InvalidOperationTypeError:
        return _answer(405, media_type, _error("Mutations must be sent by POST."))
    except CannotGetOperationTypeError as ambiguous:
        status = 400 if media_type == MODERN else 200
        return _answer(status, media_type, _error(ambiguous.as_http_error_reason()))
    errors = [formatted(error, state.get("request_id")) for error in result.errors or []]
    body: dict[str, Any] = {"errors": errors} if errors else {}
    # Without any data the request was refused before it ran: the specification leaves `data` out.
    never_ran = result.data is None and all(error.path is None for error in result.errors or [])
    if not never_ran:
        body["data"] = result.data
    status = 400 if never_ran and media_type == MODERN else 200
    return _answer(status, media_type, body)


async def _parameters(request: Request[Any, Any, Any]) -> GraphRequest:
    if request.method == "POST":
        return msgspec.json.decode(await request.body(), type=GraphRequest)
    query = dict(request.query_params.items())
    values: dict[str, Any] = {name: query[name] for name in ("query", "operationName") if name in query}
    for name in ("variables", "extensions"):
        if name in query:
            values[name] = msgspec.json.decode(query[name])
    return msgspec.convert(values, GraphRequest)


def _accepted(request: Request[Any, Any, Any]) -> str | None:
    accept = request.headers.get("accept", "*/*")
    kinds = [part.split(";")[0].strip() for part in accept.split(",")]
    if MODERN in kinds:
        return MODERN
    if any(kind in (LEGACY, "*/*", "application/*") for kind in kinds):
        return LEGACY
    return None


def _error(message: str, code: str = "malformed_request") -> dict[str, Any]:
    error = GraphQLError(message, extensions={"code": code})
    return {"errors": [error.formatted]}


def _answer(status: int, media_type: str, body: dict[str, Any]) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=f"{media_type}; charset=utf-8")
