"""Documents generated from our own GraphQL schema: no answer may be a defect of ours."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import requests
from graphql import GraphQLObjectType, build_schema, parse_value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from api.graphql.schema import schema

SDL = schema.as_str()
BUILT = build_schema(SDL)
EXAMPLES = 2
# What the schema's own scalars look like, some of it wrong on purpose.
SCALARS = {
    "DateTime": st.sampled_from(["2026-01-05T01:00:00Z", "2026-02-30T00:00:00Z", "soon"]),
    "Date": st.sampled_from(["2026-01-05", "2026-02-30", "9999-12-31"]),
    "Decimal": st.sampled_from(["1.00", "1e400", "-0"]),
    "JSON": st.sampled_from(["{}", "[]", "null", '"text"', "12"]),
    "BigInt": st.integers(-(2**70), 2**70).map(str),
}


def fields_of(root: GraphQLObjectType | None) -> list[str]:
    return sorted(root.fields) if root else []


CASES = [("query", name) for name in fields_of(BUILT.query_type)] + [
    ("mutation", name) for name in fields_of(BUILT.mutation_type)
]


@pytest.mark.parametrize(("kind", "field"), CASES)
async def test_no_generated_document_finds_a_defect(kind: str, field: str, base_url: str, access_token: str) -> None:
    await asyncio.to_thread(_judge, kind, field, base_url, access_token)


def _judge(kind: str, field: str, base_url: str, token: str) -> None:
    strategy: Any = queries if kind == "query" else mutations
    scalars = {name: values.map(_literal) for name, values in SCALARS.items()}

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(strategy(BUILT, fields=[field], custom_scalars=scalars))
    def judge(document: str) -> None:
        answer = requests.post(
            f"{base_url}/graphql",
            json={"query": document},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
        assert "internal_error" not in codes, (document, answer.text)

    judge()


def _literal(text: str) -> Any:
    return parse_value(text if text[:1] in '{["' or text == "null" else json.dumps(text))
