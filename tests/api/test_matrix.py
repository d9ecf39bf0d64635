"""Every operation of both doors, called by everybody who must not: refused for the right reason, nothing changed, nothing told."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from string import Template
from typing import Any

import asyncpg
import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_list_type, is_non_null_type, is_object_type
from litestar import Litestar

from api.graphql.schema import schema
from domain.access.model import ClientIdentity
from domain.access.platforms import create_platform
from domain.access.tenants import create_tenant
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.ids import new_id
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.kernel.usecase import CATALOGUE, UseCase, declared
from tests.api.operations import FIELDS, REST, Call
from tests.api.world import SECRET, a_world, nowhere
from tests.architecture.test_doors import graphql_fields, rest_routes
from tests.conftest import NOW
from tests.factories import tenant_context

NOISE = {"migration", "idempotency_keys", "signing_keys"}


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready for the world it is to be made in."""

    name: str
    use: UseCase
    method: str
    path: str
    body: Any

    def targets_objects(self) -> bool:
        """Whether it names an object that must not be found by others."""
        return "$" in self.path or "$" in json.dumps(self.body)

    async def send(self, client: httpx.AsyncClient, world: dict[str, str], token: str | None) -> tuple[str, Any]:
        """The request's own text, and the answer."""
        path = Template(self.path).substitute(world)
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        text = Template(text).substitute(world) if self.body is not None else ""
        headers = {"content-type": "text/csv" if isinstance(self.body, str) else "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        content = text if self.body is not None else None
        return path + text, await client.request(self.method, path, content=content, headers=headers)


class Matrix:
    """The victim, everybody else's tokens, and the whole database's fingerprint."""

    def __init__(self, client: httpx.AsyncClient, issuer: Any, database_url: str) -> None:
        self.client, self.issuer, self.database_url = client, issuer, database_url
        self.world: dict[str, str] = {}
        self.platform_id = self.tenant_id = ""

    def token(self, platform_id: str, tenant_id: str | None, scopes: frozenset[str]) -> str:
        """A token as the token endpoint would sign it."""
        identity = ClientIdentity(
            id=new_id("cli"),
            platform_id=platform_id,
            tenant_id=tenant_id,
            secret_hash="",
            scopes=scopes,
            revoked=False,
        )
        token: str = self.issuer.issue(identity, scopes)
        return token

    def rightful(self, use: UseCase) -> str:
        """The token of one who may, with the scope it needs and no other."""
        tenant_id = None if use.realm == "platform" else self.tenant_id
        return self.token(self.platform_id, tenant_id, frozenset({use.scope}))

    async def fingerprint(self, owner: str | None = None) -> dict[str, str]:
        """Count and checksum of each table, of all rows or those of one tenant."""
        connection = await asyncpg.connect(self.database_url)
        try:
            tables = await connection.fetch(
                "select c.relname, (select min(a.attname) from pg_attribute a where a.attrelid = c.oid"
                " and a.attname in ('tenant_id', 'owner_id')"
                " and (c.relname <> 'customers' or a.attname = 'tenant_id')) as of from pg_class c"
                " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
            )
            found = {}
            for name, column in tables:
                if name in NOISE or (owner is not None and column is None):
                    continue
                where = f" where t.{'tenant_id' if column is None else column} = '{owner}'" if owner else ""
                hashes = await connection.fetch(f"select md5(t::text) from {name} t{where} order by 1")
                found[name] = hashlib.sha256("".join(row[0] for row in hashes).encode()).hexdigest()
            return found
        finally:
            await connection.close()

    def leaks(self, asked: str, answer: httpx.Response) -> list[str]:
        """What the answer tells of the victim that the request did not say itself."""
        return [word for word in (SECRET, *self.world.values()) if word in answer.text and word not in asked]


@pytest.fixture
async def matrix(app: Litestar, database_url: str) -> AsyncIterator[Matrix]:
    """A fresh victim."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        made = Matrix(client, app.state.authentication.issuer, database_url)
        made.platform_id, made.tenant_id = await a_tenant(SECRET)
        made.world = await a_world(await tenant_context(made.tenant_id))
        yield made


async def a_tenant(name: str, platform_id: str | None = None) -> tuple[str, str]:
    """A tenant of a new platform, or of a given one."""
    platform_id = platform_id or (await create_platform(name))[0].id
    ctx = PlatformContext(platform_id=platform_id, actor=Actor("operator", "test"), scopes=PLATFORM_SCOPES)
    tenant = await create_tenant(
        ctx, name=name, mode="sandbox", base_currency="CNY", time_zone="UTC", locale="en", test_clock_at=NOW
    )
    return platform_id, tenant.id


def rest_requests(app: Litestar) -> Iterator[Request]:
    """Every route under /v1; one without a line in the catalogue, or without a declared scope, fails."""
    for handler in rest_routes(app):
        call = REST.get(str(handler.operation_id))
        assert call is not None, f"{handler.operation_id} has no line in tests/api/operations.py: REST"
        use = declared(handler.opt["use_case"])
        [template] = list(handler.paths)
        yield _request(str(handler.operation_id), use, sorted(handler.http_methods)[0], f"/v1{template}", call)


def _request(name: str, use: UseCase, method: str, template: str, call: Call) -> Request:
    path = re.sub(r"\{[^}]*\}", call.target.replace("\\", ""), template) + call.query
    return Request(name, use, method, path, call.body)


def graphql_requests() -> Iterator[Request]:
    """Every field of Query and Mutation; one without a line in the catalogue fails."""
    types = {**schema._schema.query_type.fields, **schema._schema.mutation_type.fields}  # type: ignore[union-attr]
    uses = dict(graphql_fields())
    for python_name, use in uses.items():
        name = re.sub(r"_(\w)", lambda letter: letter[1].upper(), python_name)
        arguments = FIELDS.get(name)
        assert arguments is not None, f"{name} has no line in tests/api/operations.py: FIELDS"
        root = "mutation" if name in schema._schema.mutation_type.fields else "query"  # type: ignore[union-attr]
        query = f"{root} {{ {name}{f'({arguments})' if arguments else ''} {_selection(types[name].type)} }}"
        yield Request(name, CATALOGUE[use], "POST", "/graphql", {"query": query})


def _selection(kind: Any, depth: int = 0) -> str:
    """All plain fields, and what a connection or a list holds."""
    named = get_named_type(kind)
    if not is_object_type(named):
        return "" if is_leaf_type(named) else "{ __typename }"
    assert isinstance(named, GraphQLObjectType)
    chosen = ["__typename"]
    for name, field in named.fields.items():
        inner = field.type.of_type if is_non_null_type(field.type) else field.type
        if is_leaf_type(get_named_type(inner)) and not any(is_non_null_type(a.type) for a in field.args.values()):
            chosen.append(name)
        elif depth < 2 and (name in ("edges", "node") or is_list_type(inner)):
            chosen.append(f"{name} {_selection(field.type, depth + 1)}")
    return "{ " + " ".join(chosen) + " }"


@pytest.fixture
def requests(app: Litestar) -> list[Request]:
    """Everything that can be asked for."""
    return [*rest_requests(app), *graphql_requests()]


def outcome(answer: httpx.Response) -> tuple[int, str]:
    """The status and code, alike for both doors."""
    body = answer.json() if answer.content else {}
    if answer.status_code == 200 and isinstance(body, dict) and body.get("errors"):
        return 400, body["errors"][0].get("extensions", {}).get("code", body["errors"][0]["message"])
    return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""


async def refused(matrix: Matrix, requests: list[Request], tokens: dict[str, str | None], expected: Any) -> None:
    """Each request with each token gets a code of `expected(request)`; the database stays as it is and nothing is told."""
    before, wrong = await matrix.fingerprint(), []
    for request in requests:
        for who, token in tokens.items():
            asked, answer = await request.send(matrix.client, matrix.world, token)
            status, code = outcome(answer)
            if status < 400 or code not in expected(request) or matrix.leaks(asked, answer):
                wrong.append((request.name, who, status, code, matrix.leaks(asked, answer)))
    assert wrong == []
    assert await matrix.fingerprint() == before


async def test_the_catalogue_covers_everything_and_names_nothing_else(app: Litestar) -> None:
    assert {request.name for request in rest_requests(app)} == set(REST)
    assert {request.name for request in graphql_requests()} == set(FIELDS)


async def test_without_a_valid_token(matrix: Matrix, requests: list[Request]) -> None:
    good = matrix.token(matrix.platform_id, matrix.tenant_id, TENANT_SCOPES)
    tokens = {"nobody": None, "garbage": "x.y.z", "tampered": good[:-6] + "AAAAAA", "no JWT": "secret"}
    await refused(matrix, requests, tokens, lambda _: {"token_missing", "invalid_token"})


async def test_of_a_suspended_tenant(matrix: Matrix, requests: list[Request]) -> None:
    connection = await asyncpg.connect(matrix.database_url)
    await connection.execute("update tenants set status = 'suspended' where id = $1", matrix.tenant_id)
    await connection.close()
    token = matrix.token(matrix.platform_id, matrix.tenant_id, TENANT_SCOPES)
    await refused(matrix, requests, {"suspended": token}, lambda _: {"tenant_not_active"})


async def test_with_every_scope_but_the_one(matrix: Matrix, requests: list[Request]) -> None:
    before = await matrix.fingerprint()
    for request in requests:
        tenant_id = None if request.use.realm == "platform" else matrix.tenant_id
        scopes = (TENANT_SCOPES | PLATFORM_SCOPES) - {request.use.scope}
        token = matrix.token(matrix.platform_id, tenant_id, scopes)
        asked, answer = await request.send(matrix.client, matrix.world, token)
        assert outcome(answer)[1] == "insufficient_scope", request.name
        assert not matrix.leaks(asked, answer), request.name
    assert await matrix.fingerprint() == before


async def test_with_a_token_of_the_other_realm(matrix: Matrix, requests: list[Request]) -> None:
    tenants = matrix.token(matrix.platform_id, matrix.tenant_id, TENANT_SCOPES | PLATFORM_SCOPES)
    platforms = matrix.token(matrix.platform_id, None, TENANT_SCOPES | PLATFORM_SCOPES)
    ours = [request for request in requests if request.use.realm == "platform"]
    await refused(matrix, ours, {"tenant": tenants}, lambda _: {"platform_token_required"})
    theirs = [request for request in requests if request.use.realm == "tenant"]
    await refused(matrix, theirs, {"platform": platforms}, lambda _: {"tenant_token_required"})


async def test_of_strangers(matrix: Matrix, requests: list[Request]) -> None:
    """Another tenant of the platform, a tenant of another platform, that platform: the victim's ids are as good as none."""
    _, sibling = await a_tenant("Nachbar", matrix.platform_id)
    other_platform, stranger = await a_tenant("Fremd")
    scopes = TENANT_SCOPES | PLATFORM_SCOPES
    before, none = await matrix.fingerprint(matrix.tenant_id), nowhere(matrix.world)
    wrong: list[Any] = []
    # A PUT by external id makes a stranger's own customer; after it, reading that external id finds it.
    for request in sorted(requests, key=lambda one: one.name.lower() == "putcustomer"):
        tenants = {
            "sibling": matrix.token(matrix.platform_id, sibling, scopes),
            "stranger": matrix.token(other_platform, stranger, scopes),
        }
        platforms = {"platform": matrix.token(other_platform, None, scopes)}
        for who, token in (platforms if request.use.realm == "platform" else tenants).items():
            asked, answer = await request.send(matrix.client, matrix.world, token)
            leaks = matrix.leaks(asked, answer)
            if leaks:
                wrong.append((request.name, who, "leaks", leaks))
            if request.targets_objects() and request.name.lower() != "putcustomer":
                _, same = await request.send(matrix.client, none, token)
                if outcome(answer)[0] < 400 or outcome(answer) != outcome(same):
                    wrong.append((request.name, who, outcome(answer), outcome(same)))
    assert wrong == []
    assert await matrix.fingerprint(matrix.tenant_id) == before


async def test_the_rightful_caller_succeeds_and_leaves_one_entry(matrix: Matrix, requests: list[Request]) -> None:
    """So that the refusals above are for the right reason; and each write is in the audit log once, as what it is."""
    rest, graph = requests, [request for request in requests if request.path == "/graphql"]
    wrong = []
    for request in [r for r in rest if r.path != "/graphql"]:
        wrong += await _rightly(matrix, request)
    matrix.platform_id, matrix.tenant_id = await a_tenant(SECRET)
    matrix.world = await a_world(await tenant_context(matrix.tenant_id))
    for request in graph:
        wrong += await _rightly(matrix, request)
    assert wrong == []


async def _rightly(matrix: Matrix, request: Request) -> list[Any]:
    _, answer = await request.send(matrix.client, matrix.world, matrix.rightful(request.use))
    if outcome(answer)[0] >= 300:
        return [(request.name, answer.status_code, answer.text[:300])]
    connection = await asyncpg.connect(matrix.database_url)
    try:
        left = await connection.fetch(
            "select action, actor_kind, actor_id, client_id, address, cardinality(object_ids) as objects"
            " from audit_entries where request_id = $1 and owner_id = $2",
            answer.headers["x-request-id"],
            matrix.platform_id if request.use.realm == "platform" else matrix.tenant_id,
        )
    finally:
        await connection.close()
    if request.use.scope.endswith(":read"):
        return [] if left == [] else [(request.name, "a read left an entry")]
    as_said = [
        e["action"] == request.use.short_name and e["actor_id"] == e["client_id"] and e["address"] and e["objects"]
        for e in left
    ]
    return [] if len(left) == 1 and all(as_said) else [(request.name, "audit", [dict(e) for e in left])]
