"""Cases of accounts and notices that name several receivables, through both doors."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_debtor, a_plan, a_receivable, email_step, run_at

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)


async def test_what_a_case_stands_for_and_what_its_notice_named(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)], options={"anchor": "balance"})
    customer = await a_debtor(ctx)
    debts = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in (1, 2)]
    await run_at(ctx, FIRST)
    [case] = (await api.get("/v1/cases", params={"receivable_id": debts[1].id})).json()["data"]
    assert (case["receivable_id"], case["anchor"], case["currency"]) == (None, "balance", "CNY")
    listed = (await api.get(f"/v1/cases/{case['id']}/receivables")).json()["data"]
    assert [one["receivable_id"] for one in listed] == sorted(debt.id for debt in debts)
    [notice] = (await api.get("/v1/notices", params={"receivable_id": debts[1].id})).json()["data"]
    assert notice["open_amount"] == {"amount": "2598.00", "currency": "CNY"}
    assert [(one["number"], one["open_amount"]["amount"]) for one in notice["receivables"]] == [
        ("INV-1", "1299.00"),
        ("INV-2", "1299.00"),
    ]
    assert (await api.get(f"/v1/notices/{notice['id']}")).json() == notice
    [past] = (await api.get(f"/v1/cases/{case['id']}/timeline")).json()["past"]
    assert past["anchor_receivable_id"] == debts[0].id

    query = """
      query ($case: ID!, $notice: ID!) {
        case(id: $case) { anchor currency receivable { id } }
        caseReceivables(caseId: $case) { edges { node { receivable { number } } } }
        notice(id: $notice) { receivables { number openAmount { amount } } } }
    """
    found = (await graph(query, {"case": case["id"], "notice": notice["id"]}))["data"]
    assert found["case"] == {"anchor": "balance", "currency": "CNY", "receivable": None}
    assert {edge["node"]["receivable"]["number"] for edge in found["caseReceivables"]["edges"]} == {"INV-1", "INV-2"}
    assert [one["number"] for one in found["notice"]["receivables"]] == ["INV-1", "INV-2"]


async def test_a_case_of_one_receivable_stands_for_that(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_plan(ctx)
    debt = await a_receivable(ctx, await a_debtor(ctx))
    await run_at(ctx, FIRST)
    [case] = (await api.get("/v1/cases")).json()["data"]
    assert (case["receivable_id"], case["anchor"], case["currency"]) == (debt.id, "receivable", None)
    [one] = (await api.get(f"/v1/cases/{case['id']}/receivables")).json()["data"]
    assert one == {"receivable_id": debt.id, "joined_at": case["opened_at"]}
    [notice] = (await api.get("/v1/notices")).json()["data"]
    assert notice["receivables"] == []
    missing = await api.get("/v1/cases/cas_00000000000000000000000000/receivables")
    assert (missing.status_code, missing.json()["code"]) == (404, "case_not_found")
