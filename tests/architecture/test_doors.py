"""Every use case has a REST and a GraphQL door that call it, or stands on a short list with its reason."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from strawberry.types import get_object_definition

from api.app import create_app
from api.contracts import NOWHERE
from api.graphql.schema import Mutation, Query
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES, Scope
from domain.kernel.usecase import CATALOGUE, declared, qualified_name

# Loaders answer siblings of a GraphQL query at once; REST has no use for them.
GRAPHQL_ONLY_SUFFIX = "_by_ids"


@pytest.fixture(scope="module")
def rest_app() -> Litestar:
    return create_app(NOWHERE)


def rest_routes(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            is_ours = isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}
            if is_ours and route.path.startswith("/v1"):
                yield handler


def graphql_fields() -> Iterator[tuple[str, str]]:
    for root in (Query, Mutation):
        for field in get_object_definition(root, strict=True).fields:
            if field.name != "node":
                yield field.name, field.metadata["use_case"]


def test_every_use_case_has_a_rest_door(rest_app: Litestar) -> None:
    doors = {qualified_name(handler.opt["use_case"]) for handler in rest_routes(rest_app)}
    assert {name for name in CATALOGUE if not name.endswith(GRAPHQL_ONLY_SUFFIX)} - doors == set()


def test_every_use_case_has_a_graphql_door() -> None:
    doors = {use_case for _, use_case in graphql_fields()}
    assert {name for name in CATALOGUE if not name.endswith(GRAPHQL_ONLY_SUFFIX)} - doors == set()


def test_a_route_calls_the_use_case_that_it_declares(rest_app: Litestar) -> None:
    for handler in rest_routes(rest_app):
        wanted = declared(handler.opt["use_case"]).name.rpartition(".")[2]
        assert f"{wanted}(" in inspect.getsource(handler.fn), handler.operation_id


def test_a_field_calls_the_use_case_that_it_declares() -> None:
    for root in (Query, Mutation):
        for field in get_object_definition(root, strict=True).fields:
            if field.name != "node":
                wanted = field.metadata["use_case"].rpartition(".")[2]
                assert f"{wanted}(" in inspect.getsource(cast(Any, field.base_resolver).wrapped_func), field.name


def test_every_scope_that_a_use_case_needs_can_be_granted() -> None:
    assert {use.scope for use in CATALOGUE.values() if use.realm == "tenant"} <= TENANT_SCOPES
    assert {use.scope for use in CATALOGUE.values() if use.realm == "platform"} <= PLATFORM_SCOPES


def test_every_scope_that_can_be_granted_opens_something() -> None:
    # pii:read opens no use case of its own: it shows addresses in what the others answer (domain/kernel/pii.py).
    assert {use.scope for use in CATALOGUE.values()} == (TENANT_SCOPES | PLATFORM_SCOPES) - {Scope.PII_READ}
