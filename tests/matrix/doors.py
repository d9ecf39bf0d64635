"""Every door there is: the routes under /v1 and the root fields of GraphQL, each with its use case, and how a call goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from api.app import create_app
from api.contracts import NOWHERE
from api.graphql.schema import Mutation, Query, schema
from domain.kernel.usecase import CATALOGUE, UseCase, declared
from tests.matrix.registry import Call

BUILT = build_schema(schema.as_str())


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a call was refused, with which status (REST) and code, everything that was said, and under which request id."""

    status: int
    code: str | None
    text: str
    request_id: str


class Door(Protocol):
    """One way to a use case."""

    @property
    def name(self) -> str:
        """How the test calls it."""
        ...

    @property
    def use(self) -> UseCase | None:
        """What is behind it, None if it declares nothing."""
        ...

    async def enter(self, http: httpx.AsyncClient, call: Call, token: str | None) -> Answer:
        """Goes through it."""
        ...


@dataclass(frozen=True, slots=True)
class RestDoor:
    """A route."""

    operation_id: str
    method: str
    path: str
    use: UseCase | None

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    async def enter(self, http: httpx.AsyncClient, call: Call, token: str | None) -> Answer:
        """Sends the request."""
        path = self.path
        for name, value in call.path.items():
            path = path.replace("{" + name + ":str}", value)
        assert "{" not in path, f"{self.name}: {path} is not filled in"
        body: dict[str, Any] = {"content": call.content} if call.content else {"json": call.body}
        if call.content is None and call.body is None:
            body = {}
        headers = {"Content-Type": call.media_type} if call.content else {}
        answer = await http.request(
            self.method, path, params=call.query, headers={**headers, **_authorization(token)}, **body
        )
        code = answer.json().get("code") if answer.status_code >= 400 else None
        return Answer(answer.status_code, code, answer.text, answer.headers.get("x-request-id", ""))


@dataclass(frozen=True, slots=True)
class GraphDoor:
    """A root field."""

    kind: str
    field: str
    use: UseCase | None

    @property
    def name(self) -> str:
        """The field."""
        return f"{self.kind} {self.field}"

    async def enter(self, http: httpx.AsyncClient, call: Call, token: str | None) -> Answer:
        """Sends the operation, which asks for every scalar that the field offers."""
        root = BUILT.query_type if self.kind == "query" else BUILT.mutation_type
        assert root is not None
        known: GraphQLField = root.fields[self.field]
        values = dict(_arguments(known.args, call))
        declaration = ", ".join(f"${name}: {known.args[name].type}" for name in values)
        passing = ", ".join(f"{name}: ${name}" for name in values)
        document = (
            f"{self.kind}{f'({declaration})' if declaration else ''}"
            f" {{ {self.field}{f'({passing})' if passing else ''} {_selection(known.type)} }}"
        )
        answer = await http.post(
            "/graphql", json={"query": document, "variables": values}, headers=_authorization(token)
        )
        body = answer.json()
        errors = body.get("errors", [])
        code = errors[0]["extensions"]["code"] if errors else body.get("code")
        assert code != "invalid_document", (document, values, answer.text)
        status = answer.status_code if "errors" not in body else 400
        return Answer(status, code, answer.text, answer.headers.get("x-request-id", ""))


def rest_doors() -> list[RestDoor]:
    """Every route under /v1."""
    return list(_rest_doors(create_app(NOWHERE)))


def graph_doors() -> list[GraphDoor]:
    """Every root field; `node` is the same as the fields it finds by an id's prefix."""
    return [
        GraphDoor(kind, to_camel_case(field.name), _use(field.metadata.get("use_case")))
        for kind, root in (("query", Query), ("mutation", Mutation))
        for field in get_object_definition(root, strict=True).fields
        if field.name != "node"
    ]


def _rest_doors(app: Litestar) -> Iterator[RestDoor]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if not isinstance(handler, HTTPRouteHandler) or not route.path.startswith("/v1"):
                continue
            use_case = handler.opt.get("use_case")
            use = declared(use_case) if use_case is not None else None
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield RestDoor(str(handler.operation_id), method, route.path_format.replace("}", ":str}"), use)


def _use(name: str | None) -> UseCase | None:
    return CATALOGUE.get(name or "")


def _authorization(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _arguments(arguments: dict[str, GraphQLArgument], call: Call) -> Iterator[tuple[str, Any]]:
    """`input` is the body; `id` is what of the path no other argument names; the rest goes by its name."""
    path = dict(call.path)
    told = {**call.query, **(call.body if isinstance(call.body, dict) else {}), **call.graph}
    for name, argument in arguments.items():
        snake = to_snake_case(name)
        if snake in path:
            yield name, path.pop(snake)
        elif name == "input":
            yield name, _typed(call.body or {}, argument.type)
        elif name != "id" and snake in told:
            yield name, told[snake]
    if "id" in arguments and path:
        (value,) = path.values()
        yield "id", value


def _typed(value: Any, kind: Any) -> Any:
    """JSON of the REST door in the names of GraphQL's input types; what is of the scalar JSON stays as it is."""
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList) and isinstance(value, list):
        return [_typed(item, kind.of_type) for item in value]
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        return {
            name: _typed(value[to_snake_case(name)], field.type)
            for name, field in kind.fields.items()
            if to_snake_case(name) in value
        }
    return value


def _selection(kind: Any, depth: int = 3) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType) or depth == 0:
        return "{ __typename }"
    inner = [
        f"{name} {_selection(field.type, depth - 1)}"
        for name, field in named.fields.items()
        if not any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values())
        and (is_leaf_type(get_named_type(field.type)) or (depth > 1 and not _is_connection(field.type, named)))
    ]
    return "{ " + " ".join(inner or ["__typename"]) + " }"


def _is_connection(kind: Any, inside: GraphQLObjectType) -> bool:
    """Lists inside objects would make the operation costly; the list's own field is asked by itself."""
    return get_named_type(kind).name.endswith("Connection") and inside.name not in ("Query", "Mutation")
