"""An integrator that sends by itself, through both doors; bounces as a mail relay hands them in; the link that stops mails."""

from __future__ import annotations

import httpx

from domain.access.public_url import public_url
from domain.customers.contacts import get_contact
from domain.kernel.context import Context
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.notices import get_notice
from domain.messaging.sending import send_due_notices
from domain.messaging.unsubscribing import unsubscribe_token
from tests.api.conftest import Graph
from tests.factories_channels import FakeAccounts
from tests.factories_messaging import a_queued_notice
from tests.factories_receipts import a_sent_notice, an_offered_notice
from tests.rules.test_mail_reports import NOTICE, a_bounce, a_reply

LATER = "2026-01-05T00:59:00Z"


async def test_a_notice_is_taken_checked_sent_and_its_fate_told(api: httpx.AsyncClient, ctx: Context) -> None:
    notice, _ = await an_offered_notice(ctx)
    claimed = (await api.post("/v1/notices/claim", json={"channel": "whatsapp", "lease_seconds": 60})).json()
    (intent,) = claimed["intents"]
    assert (intent["notice"]["id"], intent["attempt"], intent["possibly_sent"]) == (notice.id, 1, False)
    assert intent["notice"]["recipient"] == "+8613800006789"
    assert intent["notice"]["variables"]["number"] == "INV-1"
    held = {"lease_token": intent["lease_token"]}

    check = (await api.post(f"/v1/notices/{notice.id}/check", json=held)).json()
    assert (check["is_wanted"], check["reason"]) == (True, None)
    word = {**held, "outcome": "sent", "provider_message_id": "wamid.1"}
    first = await api.post(f"/v1/notices/{notice.id}/ack", json=word)
    again = await api.post(f"/v1/notices/{notice.id}/ack", json=word)
    assert (first.status_code, first.json()["state"]) == (200, "sent")
    assert again.json() == first.json()
    lost = await api.post(f"/v1/notices/{notice.id}/ack", json={**word, "lease_token": "other"})
    assert (lost.status_code, lost.json()["code"]) == (409, "lease_lost")

    told = {"receipts": [{"kind": "read", "occurred_at": LATER, "code": "wa"}]}
    assert (await api.post(f"/v1/notices/{notice.id}/receipts", json=told)).json()["state"] == "read"
    (receipt,) = (await api.get(f"/v1/notices/{notice.id}/receipts")).json()["data"]
    assert {name: receipt[name] for name in ("kind", "code", "detail", "occurred_at", "received_at")} == {
        "kind": "read",
        "code": "wa",
        "detail": "",
        "occurred_at": LATER,
        "received_at": "2026-01-05T01:00:00Z",
    }
    wrong = await api.post("/v1/notices/claim", json={"limit": 1000})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/limit")


async def test_graphql_does_the_same(graph: Graph, ctx: Context) -> None:
    notice, _ = await an_offered_notice(ctx)
    body = await graph(
        "mutation { claimNotices(input: {limit: 5}) { intents { leaseToken attempt notice { id recipient variables } } } }"
    )
    (intent,) = body["data"]["claimNotices"]["intents"]
    variables = {"id": notice.id, "token": intent["leaseToken"]}
    body = await graph(
        """
        mutation ($id: ID!, $token: String!) {
          checkNotice(id: $id, input: {leaseToken: $token}) { isWanted reason }
          releaseNotice(id: $id, input: {leaseToken: $token}) { state attemptCount }
        }
        """,
        variables,
    )
    assert body["data"] == {
        "checkNotice": {"isWanted": True, "reason": None},
        "releaseNotice": {"state": "queued", "attemptCount": 0},
    }
    body = await graph(
        "mutation ($id: ID!, $token: String!)"
        ' { acknowledgeNotice(id: $id, input: {leaseToken: $token, outcome: "sent"}) { state } }',
        variables,
    )
    assert body["errors"][0]["extensions"]["code"] == "lease_lost"


async def test_a_relay_hands_in_what_came_back(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    notice = await a_sent_notice(ctx, email="gone@lanhai.example")
    mail = a_bounce().replace(NOTICE.encode(), notice.id.encode())
    taken = await api.post("/v1/inbound/email", content=mail, headers={"Content-Type": "message/rfc822"})
    assert (taken.status_code, taken.json()) == (200, {"recorded_count": 1, "ignored": None})
    contact = (await api.get(f"/v1/contacts/{notice.contact_id}")).json()
    assert contact["invalid_addresses"] == [{"channel": "email", "reason": "5.1.1", "told_at": "2026-01-05T01:00:00Z"}]
    body = await graph(
        "mutation ($mail: String!) { receiveEmail(content: $mail) { ignored } }", {"mail": mail.decode()}
    )
    assert body["data"]["receiveEmail"] == {"ignored": "known_already"}
    refused = await api.post("/v1/inbound/email", content=mail, headers={"Content-Type": "text/plain"})
    assert refused.status_code == 415
    stranger = await api.post("/v1/inbound/email", content=a_bounce(), headers={"Content-Type": "message/rfc822"})
    assert stranger.json()["ignored"] == "belongs_to_no_notice"
    (ignored,) = (await api.get("/v1/ignored-receipts")).json()["data"]
    assert (ignored["kind"], ignored["reason"], ignored["count"]) == ("bounced", "unknown_notice", 1)


async def test_a_tenants_own_relay_hands_in_what_came_back(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    settings = {"host": "mail.acme.example", "from": "dunning@acme.example", "bounces": "bounces@acme.example"}
    account = await create_channel_account(ctx, channel="email", provider="smtp", name="Mail", settings=settings)
    notice, _, _ = await a_queued_notice(ctx)
    await send_due_notices(ctx, {}, accounts=FakeAccounts())
    mail = a_bounce(returned="Subject: s", to=f"bounces+{notice.id}@acme.example")
    hook = account.callback_url.removeprefix(public_url())
    assert (await anonymous.post(hook, content=mail)).status_code == 200
    assert (await get_notice(ctx, notice.id)).state == "bounced"
    answer = a_reply(To="dunning@acme.example", From=f"Wang <{notice.recipient}>")
    assert (await anonymous.post(hook, content=answer)).status_code == 200
    assert (await get_notice(ctx, notice.id)).state == "replied"
    assert (await anonymous.post(f"{hook}x", content=mail)).status_code == 404


async def test_the_link_in_a_mail_asks_and_a_click_stops_the_mails(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    notice = await a_sent_notice(ctx)
    link = f"/u/{unsubscribe_token(ctx, notice.id)}"
    asked = await anonymous.get(link, headers={"Accept-Language": "zh-CN"})
    assert asked.status_code == 200
    assert "Stop these e-mails?" in asked.text
    assert "Acme Receivables" in asked.text
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == []
    assert "停止接收此类邮件" in (await anonymous.get(f"{link}?lang=zh-CN")).text
    clicked = await anonymous.post(
        link, data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert clicked.status_code == 200
    assert (await get_contact(ctx, notice.contact_id or "")).opted_out_channels == ["email"]
    for method in (anonymous.get, anonymous.post):
        gone = await method(f"{link[:-1]}_")
        assert gone.status_code == 404
        assert "This link is not valid" in gone.text
