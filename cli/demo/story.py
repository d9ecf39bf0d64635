"""The main job, played as an integrator's program would: through the public REST API and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cli.demo.client import Client
from cli.demo.customers_file import CUSTOMER_MAPPING, customers_csv
from cli.demo.history import History, Receipt
from cli.demo.outside import Outside
from cli.demo.plan import REMINDER_PLAN
from cli.demo.webhook_receiver import WebhookReceiver

# Imports and money are recorded before the plan's time of day, wherever the customer lives.
MORNING = time(6, 0)
AFTER_THE_IMPORT = timedelta(minutes=1)

SCOPES = [
    "clock:write",
    "customers:read",
    "customers:write",
    "imports:write",
    "receivables:read",
    "payments:read",
    "payments:write",
    "plans:write",
    "cases:read",
    "notices:read",
    "pii:read",
    "tasks:read",
    "escalations:read",
    "events:read",
    "operations:read",
    "webhooks:write",
    "webhooks:read",
]

EachDay = Callable[[date], None]


async def register_tenant(platform: Client, history: History) -> dict[str, Any]:
    """A sandbox whose test clock stands on the morning of the first day, and a client for it."""
    profile = history.mapping.tenant
    tenant = await platform.post(
        "/v1/tenants",
        {
            "name": profile.name,
            "mode": "sandbox",
            "base_currency": profile.base_currency,
            "time_zone": profile.time_zone,
            "locale": profile.locale,
            "test_clock_at": _rfc3339(morning_of(history, history.start_on)),
        },
    )
    made: dict[str, Any] = await platform.post(
        f"/v1/tenants/{tenant['id']}/clients", {"name": "Demo integration", "scopes": SCOPES}
    )
    return made


class Story:
    """One history, from the first import to the last day."""

    def __init__(self, client: Client, history: History, outside: Outside, each_day: EachDay) -> None:
        """`each_day` is called when a day's imports and money are recorded."""
        self._client = client
        self._history = history
        self._outside = outside
        self._each_day = each_day

    async def play(self, receiver: WebhookReceiver) -> None:
        """Prologue, every day on which something happens, and the days until the end."""
        await self._register_webhook(receiver)
        await self._import_customers()
        first, *later = self._history.days()
        await self._import_of(first)
        await self._publish_plan()
        await self._receive_money_of(first)
        for day in later:
            await self._advance_to(morning_of(self._history, day))
            await self._import_of(day)
            await self._receive_money_of(day)
            self._each_day(day)
        await self._advance_to(morning_of(self._history, self._history.end_on))
        self._each_day(self._history.end_on)

    async def _register_webhook(self, receiver: WebhookReceiver) -> None:
        endpoint = await self._client.post(
            "/v1/webhook-endpoints", {"url": receiver.url, "description": "Demo receiver", "include_pii": True}
        )
        receiver.registered(endpoint["secret"])

    async def _import_customers(self) -> None:
        await self._import("customers", customers_csv(self._history.debtors), CUSTOMER_MAPPING)
        for debtor in self._history.debtors:
            if debtor.opted_out:
                await self._opt_out(debtor.external_id)

    async def _opt_out(self, external_id: str) -> None:
        customer = await self._client.get(f"/v1/customers/external/{external_id}")
        async for contact in self._client.list(f"/v1/customers/{customer['id']}/contacts"):
            await self._client.patch(f"/v1/contacts/{contact['id']}", {"opted_out_channels": ["email"]})

    async def _publish_plan(self) -> None:
        plan = await self._client.post("/v1/reminder-plans", REMINDER_PLAN)
        await self._client.post(f"/v1/reminder-plans/{plan['id']}/publish", {})

    async def _import_of(self, day: date) -> None:
        if file := self._history.imports.get(day):
            await self._import("receivables", file, self._history.mapping.for_import())

    async def _import(self, kind: str, csv: str, mapping: dict[str, Any]) -> None:
        query = {"kind": kind, "mapping": json.dumps(mapping, ensure_ascii=False)}
        await self._client.finished(await self._client.upload("/v1/imports", csv, **query))

    async def _receive_money_of(self, day: date) -> None:
        receipts = self._history.receipts.get(day, [])
        if not receipts:
            return
        if self._history.reminds_at_import(day):
            # What is overdue when it is entered is reminded at once, before today's money: with this it always is.
            await self._advance_to(morning_of(self._history, day) + AFTER_THE_IMPORT)
        await asyncio.gather(*(self._record(receipt) for receipt in receipts if not receipt.settles))
        await asyncio.gather(*(self._record(receipt) for receipt in receipts if receipt.settles))

    async def _record(self, receipt: Receipt) -> None:
        await self._client.post(
            "/v1/payments",
            {
                "external_id": receipt.external_id,
                "customer_external_id": receipt.customer,
                "amount": {"amount": str(receipt.amount), "currency": receipt.currency},
                "received_on": receipt.received_on.isoformat(),
                "allocations": [{"receivable_external_id": receipt.invoice}],
            },
        )
        self._outside.payment_count += 1
        if receipt.settles:
            self._outside.settled[receipt.invoice] = self._outside.next_order()

    async def _advance_to(self, instant: datetime) -> None:
        operation = await self._client.post("/v1/clock/advance", {"to": _rfc3339(instant)})
        await self._client.finished(operation)


def morning_of(history: History, day: date) -> datetime:
    """When the demo does its work on that day."""
    return datetime.combine(day, MORNING, ZoneInfo(history.mapping.tenant.time_zone)).astimezone(UTC)


def _rfc3339(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
