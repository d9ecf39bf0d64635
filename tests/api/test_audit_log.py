"""The audit log through both doors: read, verified, and a tampered one found out."""

from __future__ import annotations

import asyncpg
import httpx

from domain.access.model import Tenant
from domain.access.roles import scopes_of
from domain.kernel.scopes import Scope
from tests.api.conftest import Graph


async def tamper(database_url: str, owner_id: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "update audit_entries set details = '{\"amount\": 1}' where owner_id = $1 and sequence = 2", owner_id
    )
    await connection.close()


async def test_what_was_done_is_read_with_who_and_from_where(api: httpx.AsyncClient, graph: Graph) -> None:
    made = await api.post("/v1/customers", json={"name": "Lanhai"})
    listed = (await api.get("/v1/audit-log", params={"object_id": made.json()["id"]})).json()["data"]
    [entry] = listed
    assert (entry["action"], entry["actor_kind"], entry["address"]) == ("create_customer", "client", "127.0.0.1")
    assert (entry["client_id"], entry["request_id"]) == (entry["actor_id"], made.headers["x-request-id"])
    assert (await api.get(f"/v1/audit-log/{entry['id']}")).json() == entry
    for wrong in ("132499", "yesterday", "2026-01-05T01:00:00"):
        refused = await api.get("/v1/audit-log", params={"recorded_to": wrong})
        error = refused.json()["errors"][0]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, "recorded_to", "invalid_parameter")
    since = await api.get("/v1/audit-log", params={"recorded_from": entry["recorded_at"], "action": "create_customer"})
    assert since.json()["data"] == listed
    body = await graph('{ auditEntries(action: "create_customer") { edges { node { id sequence hash } } } }')
    [edge] = body["data"]["auditEntries"]["edges"]
    assert edge["node"] == {key: entry[key] for key in ("id", "sequence", "hash")}
    assert (await api.get("/v1/audit-log/aud_00000000000000000000000000")).json()["code"] == "audit_entry_not_found"


async def test_a_page_of_the_log_leads_to_the_next(api: httpx.AsyncClient) -> None:
    for n in range(3):
        await api.post("/v1/customers", json={"name": f"{n}"})
    first = (await api.get("/v1/audit-log", params={"limit": 2})).json()
    second = (await api.get("/v1/audit-log", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    sequences = [entry["sequence"] for entry in first["data"] + second["data"]]
    assert sequences == [1, 2, 3, 4]


async def test_a_tampered_log_is_found_by_both_doors(
    api: httpx.AsyncClient, graph: Graph, tenant: Tenant, database_url: str
) -> None:
    await api.post("/v1/customers", json={"name": "Lanhai"})
    head = (await api.get("/v1/audit-log/verification")).json()
    assert head["valid"]
    kept = {"expected_sequence": head["last_sequence"], "expected_hash": head["last_hash"]}
    assert (await api.get("/v1/audit-log/verification", params=kept)).json() == head
    other = {**kept, "expected_hash": "00" * 32}
    differs = (await api.get("/v1/audit-log/verification", params=other)).json()
    assert (differs["valid"], differs["reason"]) == (False, "expected_hash_differs")
    await tamper(database_url, tenant.id)
    found = (await api.get("/v1/audit-log/verification")).json()
    assert (found["valid"], found["first_broken_sequence"], found["reason"]) == (False, 2, "content_changed")
    body = await graph("{ auditVerification { valid firstBrokenSequence reason } }")
    assert body["data"]["auditVerification"] == {"valid": False, "firstBrokenSequence": 2, "reason": "content_changed"}


async def test_a_platform_reads_its_own_log(platform_api: httpx.AsyncClient, tenant: Tenant) -> None:
    [entry] = (await platform_api.get("/v1/audit-log", params={"object_id": tenant.id})).json()["data"]
    assert entry["action"] == "create_tenant"
    assert (await platform_api.get("/v1/audit-log/verification")).json()["valid"]


def test_only_auditors_read_the_log() -> None:
    roles = ("admin", "finance_manager", "collector", "viewer", "auditor")
    assert [role for role in roles if Scope.AUDIT_READ in scopes_of(role)] == ["auditor"]  # type: ignore[arg-type]
