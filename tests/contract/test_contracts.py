"""The committed contracts in openapi/ are what the code says."""

from __future__ import annotations

import msgspec
from graphql import build_schema

from api.contracts import FOLDER, contracts, stale_contracts


def test_the_committed_contracts_are_up_to_date() -> None:
    assert stale_contracts() == [], "run `make contracts`"


def test_the_committed_graphql_schema_is_valid() -> None:
    build_schema((FOLDER / "schema.graphql").read_text(encoding="utf-8"))


def test_every_operation_names_its_scope_and_its_refusals() -> None:
    document = msgspec.json.decode(contracts()["openapi.json"])
    for item in document["paths"].values():
        for operation in item.values():
            assert len(operation["security"][0]["oauth2"]) == 1
            assert {"401", "403", "422"} <= operation["responses"].keys()
