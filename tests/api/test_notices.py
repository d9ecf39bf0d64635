"""Notices and their deliveries through both doors."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import unquote

import httpx

from domain.kernel.context import Context
from domain.messaging.alerts import queue_alerts
from domain.messaging.sending import send_due_notices
from tests.api.conftest import Graph
from tests.factories_messaging import FakeChannel, a_queued_letter, a_queued_notice, an_alert


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


async def test_a_letter_is_read_as_the_same_file_through_both_doors(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    notice, plain = await a_queued_letter(ctx), (await a_queued_notice(ctx, "INV-2"))[0]
    queued = (await api.get(f"/v1/notices/{notice.id}")).json()
    unmade = {"number": "M-2026-000001", "sha256": None, "pages": None, "size": None, "new_due_on": "2026-01-19"}
    assert (queued["letter"], queued["new_due_on"], queued["tone"]) == (unmade, "2026-01-19", None)
    assert (queued["template_id"], queued["template_version"]) == ("shipped:firm_notice@en", None)
    file = await api.get(f"/v1/notices/{notice.id}/letter")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert file.headers["content-disposition"] == 'attachment; filename="M-2026-000001.pdf"'
    digest = hashlib.sha256(file.content).hexdigest()
    assert file.headers["etag"] == f'"{digest}"'
    assert (await api.get(f"/v1/notices/{notice.id}/letter")).content == file.content
    told = await graph(
        "query ($id: ID!) { letter(noticeId: $id) { number sha256 pages size contentBase64 }"
        " notice(id: $id) { newDueOn letter { number sha256 pages size newDueOn } } }",
        {"id": notice.id},
    )
    made = {"number": "M-2026-000001", "sha256": digest, "pages": 1, "size": len(file.content)}
    assert base64.b64decode(told["data"]["letter"].pop("contentBase64")) == file.content
    assert told["data"] == {
        "letter": made,
        "notice": {"newDueOn": "2026-01-19", "letter": {**made, "newDueOn": "2026-01-19"}},
    }
    none = await api.get(f"/v1/notices/{plain.id}/letter")
    assert (none.status_code, none.json()["code"]) == (404, "letter_not_found")
    assert (await api.get(f"/v1/notices/{plain.id}")).json()["letter"] is None


async def test_letters_are_numbered_as_the_tenant_says(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    before = await api.get("/v1/letter-settings")
    assert (before.json()["number_format"], before.headers["etag"]) == ("M-{year}-{number}", '"0"')
    wanted = {"number_format": "催函〔{year}〕{number}号"}
    changed = await api.put("/v1/letter-settings", json=wanted, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"1"')
    notice = await a_queued_letter(ctx)
    file = await api.get(f"/v1/notices/{notice.id}/letter")
    disposition = file.headers["content-disposition"]
    assert unquote(disposition) == "attachment; filename*=UTF-8''催函〔2026〕000001号.pdf"
    wrong = await api.put("/v1/letter-settings", json={"number_format": "{number}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "malformed_number_format")
    told = await graph(
        "mutation ($input: PutLetterSettingsInput!) { putLetterSettings(input: $input) { numberFormat version } }",
        {"input": {"numberFormat": "L{year}-{number}"}},
    )
    assert told["data"]["putLetterSettings"] == {"numberFormat": "L{year}-{number}", "version": 2}
    assert (await graph("{ letterSettings { version } }"))["data"] == {"letterSettings": {"version": 2}}
