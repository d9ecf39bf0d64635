"""Escalations through both doors."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_plan, escalation_step, run_at


async def test_an_escalation_is_listed_and_read(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    await a_plan(ctx, steps=[escalation_step("legal", 60)])
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 3, 12, tzinfo=UTC))
    [raised] = (await api.get("/v1/escalations", params={"case_id": case.id})).json()["data"]
    assert (raised["level"], raised["open_amount"]) == ("legal", {"amount": "1299.00", "currency": "CNY"})
    assert (await api.get(f"/v1/escalations/{raised['id']}")).json() == raised
    assert (await api.get("/v1/escalations", params={"customer_id": "cus_x"})).json()["data"] == []
    missing = await api.get("/v1/escalations/esc_00000000000000000000000000")
    assert missing.json()["code"] == "escalation_not_found"

    body = await graph(
        """
        query ($id: ID!) {
          escalation(id: $id) { level case { id state } customer { id } openAmount { amount } }
          escalations { edges { node { id } } }
          node(id: $id) { __typename }
        }
        """,
        {"id": raised["id"]},
    )
    data = body["data"]
    assert data["escalation"]["case"] == {"id": case.id, "state": "escalated"}
    assert data["escalation"]["customer"] == {"id": case.customer_id}
    assert data["escalations"]["edges"] == [{"node": {"id": raised["id"]}}]
    assert data["node"] == {"__typename": "Escalation"}
