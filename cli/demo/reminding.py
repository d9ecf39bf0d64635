"""Who is reminded by which plan and channel, and when not, on a tenant of its own: two plans, four channels, a hold, quiet hours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import aiohttp

from cli.demo.checks import CheckResult
from cli.demo.client import Client
from cli.demo.mail_sink import mail_sink
from cli.demo.providers import Arrived, Providers, providers
from cli.demo.reminding_checks import arrivals_and_notices
from cli.demo.reminding_report import explanation_lines, explanation_now, in_the_way
from cli.demo.reminding_setup import SCOPES, TENANT, Scene, set_the_scene

Json = dict[str, Any]
CUSTOMERS: dict[str, Json] = {
    "HARBOUR": {"name": "Harbour Foods Ltd"},
    "NORTHGATE": {"name": "Northgate Textiles Ltd"},
    "KESTREL": {"name": "Kestrel Instruments Inc", "tags": ["key_account"]},
}
CONTACTS: dict[str, Json] = {
    "HARBOUR": {"name": "Wang Fang", "email": "wang@harbour.example", "phone": "+8613800006789"},
    "NORTHGATE": {"name": "Tom North", "email": "tom@northgate.example"},
    "KESTREL": {"name": "Li Na", "email": "li@kestrel.example", "addresses": {"wecom": "wmLiNa"}},
}
AMOUNT = {"amount": "8000.00", "currency": "CNY"}


@dataclass(slots=True)
class Notebook:
    """What is told, and where the API says something else than the story leads to."""

    lines: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def tell(self, when: str, what: str, text: str) -> None:
        """One line of the story."""
        self.lines.append(f"  2026-{when:<11} {what:<11} {text}")

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        """Compares what the API says with what it must say."""
        if found != wanted:
            self.differences.append(f"{what} is {found!r}, not {wanted!r}")


@dataclass(frozen=True, slots=True)
class Played:
    """The chapter's lines, an explanation, and its checks."""

    lines: list[str]
    explanation: list[str]
    checks: list[CheckResult]


async def play_reminding(platform: Client, client_of: Callable[[Json], Client]) -> Played:
    """Plays the chapter with a client that `client_of` makes of new credentials."""
    tenant = await platform.post("/v1/tenants", TENANT)
    made = await platform.post(f"/v1/tenants/{tenant['id']}/clients", {"name": "Reminding", "scopes": SCOPES})
    async with client_of(made) as client, _outside() as (at_providers, smtp_url):
        scene = await set_the_scene(client, at_providers, smtp_url)
        chapter = _Chapter(client, at_providers, scene)
        await chapter.play()
        notices = [notice async for notice in client.list("/v1/notices")]
        explanation = await explanation_lines(client, chapter.debts["NORTHGATE"], notices)
    return Played(
        chapter.book.lines,
        explanation,
        [
            CheckResult("plans, channels, hold and quiet hours did what they must", tuple(chapter.book.differences)),
            CheckResult(
                f"{len(notices)} notices of four channels arrived once each, signed and as the API tells them",
                tuple(arrivals_and_notices(at_providers, notices)),
            ),
        ],
    )


class _Chapter:
    def __init__(self, client: Client, at_providers: Providers, scene: Scene) -> None:
        self._client, self._providers, self._scene = client, at_providers, scene
        self.book = Notebook()
        self.debts: dict[str, str] = {}

    async def play(self) -> None:
        """From the first invoice to the red flag."""
        await self._invoice()
        await self._which_plans()
        await self._first_notices()
        await self._the_crm_sends_by_itself()
        await self._hold()
        await self._quiet_hours()
        await self._payment_and_red_flag()

    async def _invoice(self) -> None:
        for key, customer in CUSTOMERS.items():
            made = await self._client.post("/v1/customers", {"external_id": key, **customer})
            await self._client.post(f"/v1/customers/{made['id']}/contacts", CONTACTS[key])
            number = f"INV-{key[0]}"
            body = {"customer_external_id": key, "external_id": number, "number": number, "amount": AMOUNT}
            debt = await self._client.post(
                "/v1/receivables", {**body, "issued_on": "2026-02-06", "due_on": "2026-03-06"}
            )
            self.debts[key] = debt["id"]
        await self._advance("2026-03-02T01:05:00Z")

    async def _which_plans(self) -> None:
        for key, plan, source in (("HARBOUR", "Standard", "default"), ("KESTREL", "Key accounts", "segment")):
            told = await self._client.get(f"/v1/receivables/{self.debts[key]}/effective-plan")
            winner = told["winner"]
            self.book.expect(f"the plan of {key}", (winner["plan_name"], winner["source"]), (plan, source))
            why = "the default" if source == "default" else "by a rule for the segment Key accounts"
            self.book.tell("03-02", "plan", f"{CUSTOMERS[key]['name']} gets the plan {winner['plan_name']!r}, {why}")

    async def _first_notices(self) -> None:
        """A telephone number is known of one, so it gets an SMS; the other gets the next channel of the step."""
        await self._advance("2026-03-09T01:01:00Z")
        for key, channel in (("HARBOUR", "sms"), ("NORTHGATE", "email")):
            (notice,) = await self._notices_of(key)
            self.book.expect(f"the first notice of {key}", (notice["channel"], notice["state"]), (channel, "sent"))
            said = notice["subject"] or f"{notice['body'][:70].strip()} ..."
            self.book.tell("03-09 09:00", channel, f"to {notice['recipient']}: {said}")
        async with aiohttp.ClientSession() as session:
            async with session.post(self._scene.sms_callback, json=self._providers.sms_reports()) as answer:
                self.book.expect("the answer to Aliyun's report", answer.status, 200)
        (notice,) = await self._notices_of("HARBOUR")
        self.book.expect("the SMS", notice["state"], "delivered")
        self.book.tell("03-09 09:00", "receipt", f"Aliyun reports: the SMS is {notice['state']}")

    async def _the_crm_sends_by_itself(self) -> None:
        """The CRM claims the notice, asks whether it is still wanted, sends it, and says so."""
        await self._advance("2026-03-10T01:01:00Z")
        claimed = await self._client.post("/v1/notices/claim", {"channel": "wecom", "limit": 10})
        self.book.expect("what there is to claim", len(claimed["intents"]), 1)
        for intent in claimed["intents"]:
            notice, lease = intent["notice"], {"lease_token": intent["lease_token"]}
            check = await self._client.post(f"/v1/notices/{notice['id']}/check", lease)
            self.book.expect("whether it is still wanted", check["is_wanted"], True)
            self._providers.arrived.append(
                Arrived(channel="wecom", notice_id=notice["id"], recipient=notice["recipient"], text=notice["body"])
            )
            told = await self._client.post(f"/v1/notices/{notice['id']}/ack", {**lease, "outcome": "sent"})
            self.book.expect("what the CRM sent", told["state"], "sent")
            self.book.tell(
                "03-10 09:00", "wecom", f"claimed, sent and acknowledged by the CRM, to {notice['recipient']}"
            )

    async def _hold(self) -> None:
        hold = {"receivable_id": self.debts["NORTHGATE"], "reason": "negotiation", "until_on": "2026-03-16"}
        await self._client.post("/v1/holds", {**hold, "note": "They ask for instalments."})
        self.book.tell("03-10 09:01", "hold", f"{CUSTOMERS['NORTHGATE']['name']}, negotiation, until 2026-03-16")

    async def _quiet_hours(self) -> None:
        """At 20:00 nobody is written to: the notice waits for the morning, or for the end of the hold."""
        await self._advance("2026-03-12T12:01:00Z")
        for key, reasons, until, here in (
            ("HARBOUR", ["quiet_hours"], "2026-03-13T01:00:00Z", "2026-03-13 09:00"),
            ("NORTHGATE", ["on_hold"], "2026-03-16T16:00:00Z", "2026-03-17 00:00"),
        ):
            case = await self._case_of(key)
            waits = (case["deferred_reasons"], case["deferred_until"])
            self.book.expect(f"why {key} waits", waits, (reasons, until))
            self.book.tell("03-12 20:00", "deferred", f"{CUSTOMERS[key]['name']}: {', '.join(waits[0])} until {here}")
        await self._why_on_hold()
        await self._advance("2026-03-13T01:01:00Z")
        late = (await self._notices_of("HARBOUR"))[-1]
        self.book.expect("when the evening's notice left", late["sent_at"], "2026-03-13T01:00:00Z")
        self.book.tell("03-13 09:00", late["channel"], f"to {late['recipient']}: {late['subject']}")

    async def _why_on_hold(self) -> None:
        explanation = await explanation_now(self._client, self.debts["NORTHGATE"])
        codes = [blocker["code"] for blocker in explanation["blockers"]]
        told = (explanation["is_allowed"], "on_hold" in codes)
        self.book.expect("what the API explains of the hold", told, (False, True))
        self.book.tell("03-12 20:01", "explain", f"{CUSTOMERS['NORTHGATE']['name']}: {in_the_way(explanation)}")

    async def _payment_and_red_flag(self) -> None:
        money = {"customer_external_id": "HARBOUR", "amount": AMOUNT, "received_on": "2026-03-13"}
        await self._client.post("/v1/payments", money)
        self.book.tell("03-13 09:01", "payment", f"{CUSTOMERS['HARBOUR']['name']} pays, nothing more is sent")
        await self._advance("2026-03-18T01:01:00Z")
        self.book.expect("the case of HARBOUR", (await self._case_of("HARBOUR"))["state"], "closed")
        *_, late, alert = await self._notices_of("NORTHGATE")
        self.book.expect(
            "what comes after the hold", (late["sent_at"], late["state"]), ("2026-03-17T01:00:00Z", "sent")
        )
        self.book.tell("03-17 09:00", late["channel"], f"the hold is over, to {late['recipient']}: {late['subject']}")
        self.book.expect("the red flag", (alert["channel"], alert["state"]), ("feishu", "sent"))
        self.book.tell("03-18 09:00", "feishu", f"to our own group: {alert['body'].splitlines()[0]}")

    async def _advance(self, to: str) -> None:
        await self._client.finished(await self._client.post("/v1/clock/advance", {"to": to}))

    async def _notices_of(self, key: str) -> list[Json]:
        query = {"receivable_id": self.debts[key]}
        return [notice async for notice in self._client.list("/v1/notices", **query)]

    async def _case_of(self, key: str) -> Json:
        (case,) = [one async for one in self._client.list("/v1/cases", receivable_id=self.debts[key])]
        return case  # type: ignore[no-any-return]


@asynccontextmanager
async def _outside() -> AsyncIterator[tuple[Providers, str]]:
    """The providers, and a mail server of the tenant's own that writes into the same notebook."""
    async with providers() as made:

        def received(recipient: str, mail: EmailMessage) -> None:
            text = str(mail["Subject"] or "")
            notice_id = str(mail["X-Dunwell-Notice"])
            made.arrived.append(Arrived(channel="email", notice_id=notice_id, recipient=recipient, text=text))

        with mail_sink(received) as smtp_url:
            yield made, smtp_url
