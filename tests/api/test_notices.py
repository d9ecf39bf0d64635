"""Notices and their deliveries through both doors."""

from __future__ import annotations

import httpx

from domain.kernel.context import Context
from domain.messaging.alerts import queue_alerts
from domain.messaging.sending import send_due_notices
from tests.api.conftest import Graph
from tests.factories_messaging import FakeChannel, a_queued_notice, an_alert


async def test_a_sent_notice_is_listed_read_and_explained(api: httpx.AsyncClient, ctx: Context) -> None:
    sent, _, receivable = await a_queued_notice(ctx)
    await send_due_notices(ctx, {"email": FakeChannel()})
    waiting, _, _ = await a_queued_notice(ctx, "INV-2")

    read = await api.get(f"/v1/notices/{sent.id}")
    notice = read.json()
    assert (notice["state"], notice["sent_at"]) == ("sent", "2026-01-05T01:00:00Z")
    assert (notice["subject"], notice["body"], notice["recipient"]) == (sent.subject, sent.body, sent.recipient)
    assert notice["open_amount"] == {"amount": "1299.00", "currency": "CNY"}
    assert read.headers["etag"] == f'"{notice["version"]}"'
    for filters, found in (
        ({"state": "sent"}, [sent.id]),
        ({"receivable_id": receivable.id}, [sent.id]),
        ({"customer_id": receivable.customer_id, "state": "queued"}, []),
        ({"case_id": "cas_x"}, []),
        ({}, [sent.id, waiting.id]),
    ):
        listed = (await api.get("/v1/notices", params=filters)).json()["data"]
        assert [one["id"] for one in listed] == found
    assert (await api.get("/v1/notices", params={"state": "lost"})).status_code in (400, 422)

    deliveries = (await api.get(f"/v1/notices/{sent.id}/deliveries")).json()["data"]
    assert deliveries == [
        {
            "notice_id": sent.id,
            "number": 1,
            "outcome": "accepted",
            "code": "smtp_250",
            "detail": "queued as 1",
            "attempted_at": "2026-01-05T01:00:00Z",
        }
    ]
    missing = await api.get("/v1/notices/ntc_00000000000000000000000000/deliveries")
    assert (missing.status_code, missing.json()["code"]) == (404, "notice_not_found")


async def test_an_alert_to_staff_has_no_contact(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    (alert,) = await queue_alerts(ctx, [await an_alert(ctx)])
    read = (await api.get(f"/v1/notices/{alert.id}")).json()
    assert (read["audience"], read["contact_id"], read["channel"], read["state"]) == ("staff", None, "feishu", "queued")
    body = await graph("query ($id: ID!) { notice(id: $id) { audience contactId channel } }", {"id": alert.id})
    assert body["data"] == {"notice": {"audience": "staff", "contactId": None, "channel": "feishu"}}


async def test_graphql_tells_the_same_of_a_notice(graph: Graph, ctx: Context) -> None:
    sent, _, receivable = await a_queued_notice(ctx)
    await send_due_notices(ctx, {"email": FakeChannel()})
    body = await graph(
        """
        query ($id: ID!) {
          notice(id: $id) { state openAmount { amount } customer { id } receivable { number } }
          notices(state: "sent") { edges { node { id } } }
          deliveries(noticeId: $id) { edges { node { number outcome code } } }
          node(id: $id) { __typename }
        }
        """,
        {"id": sent.id},
    )
    assert body["data"] == {
        "notice": {
            "state": "sent",
            "openAmount": {"amount": "1299.00"},
            "customer": {"id": receivable.customer_id},
            "receivable": {"number": "INV-1"},
        },
        "notices": {"edges": [{"node": {"id": sent.id}}]},
        "deliveries": {"edges": [{"node": {"number": 1, "outcome": "accepted", "code": "smtp_250"}}]},
        "node": {"__typename": "Notice"},
    }
    wrong = await graph('{ notices(state: "lost") { edges { cursor } } }')
    assert wrong["errors"][0]["extensions"]["code"] == "invalid_input"
