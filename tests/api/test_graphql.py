"""GraphQL's own habits: limits before the database is touched, masked defects, HTTP as the specification wants it."""

from __future__ import annotations

import httpx
import pytest
from graphql import GraphQLError

from api.graphql.errors import formatted
from api.graphql.limits import MAX_ALIASES, MAX_COST, MAX_DEPTH, MAX_TOKENS
from tests.api.conftest import Graph

DEEP = (
    "{ customers { edges { node " + "{ contacts { edges { node { customer " * 4 + "{ id }" + " } } } }" * 4 + " } } }"
)
WIDE = "{ " + " ".join(f"a{n}: clock {{ now }}" for n in range(MAX_ALIASES + 1)) + " }"
LONG = "{ clock { " + "now " * MAX_TOKENS + "} }"
COSTLY = "{ customers(first: 200) { edges { node { contacts(first: 200) { edges { node { id } } } } } } }"


@pytest.mark.parametrize(
    ("query", "said"), [(DEEP, str(MAX_DEPTH)), (WIDE, "aliases"), (LONG, "token"), (COSTLY, str(MAX_COST))]
)
async def test_what_asks_for_too_much_is_refused(graph: Graph, query: str, said: str) -> None:
    answer = await graph(query)
    assert said in answer["errors"][0]["message"]
    assert "data" not in answer


async def test_the_cost_counts_what_variables_ask_for(graph: Graph) -> None:
    query = (
        "query($n: Int) { customers(first: $n) { edges { node { contacts(first: $n) { edges { node { id } } } } } } }"
    )
    assert (await graph(query, {"n": 200}))["errors"][0]["extensions"]["code"] == "operation_too_costly"
    assert "errors" not in await graph(query, {"n": 10})


def test_a_defect_is_masked_and_named_only_by_its_request() -> None:
    defect = GraphQLError("password=hunter2", path=["customer"], original_error=RuntimeError("password=hunter2"))
    answer = formatted(defect, "req_1")
    assert "hunter2" not in str(answer)
    assert answer["extensions"] == {"code": "internal_error", "request_id": "req_1"}


async def test_a_mutation_by_get_is_refused_and_changes_nothing(api: httpx.AsyncClient) -> None:
    mutation = 'mutation { createCustomer(input: {name: "x"}) { id } }'
    assert (await api.get("/graphql", params={"query": mutation})).status_code == 405
    assert (await api.get("/v1/customers")).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"query": 1}', 400), (b'{"query": "{ clock { now } }"}', 200)]
)
async def test_a_malformed_request_is_told_apart_from_a_refused_one(
    api: httpx.AsyncClient, body: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
    assert (await api.post("/graphql", content=body, headers=headers)).status_code == status


async def test_without_a_token_nothing_is_answered(anonymous: httpx.AsyncClient) -> None:
    refused = await anonymous.post("/graphql", json={"query": "{ clock { now } }"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_missing")


async def test_a_keyed_mutation_is_replayed(api: httpx.AsyncClient) -> None:
    body = {"query": 'mutation { createCustomer(input: {name: "x"}) { id contacts { edges { node { id } } } } }'}
    first = await api.post("/graphql", json=body, headers={"Idempotency-Key": "g-1"})
    again = await api.post("/graphql", json=body, headers={"Idempotency-Key": "g-1"})
    assert first.json() == again.json()
    assert "errors" not in first.json()
    assert len((await api.get("/v1/customers")).json()["data"]) == 1


async def test_node_answers_only_what_the_tenant_has(graph: Graph) -> None:
    answer = await graph('{ a: node(id: "cus_00000000000000000000000000") { id } b: node(id: "nonsense") { id } }')
    assert answer["data"] == {"a": None, "b": None}
