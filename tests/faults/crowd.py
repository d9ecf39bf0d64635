"""A tenant on the system clock with everything between a debt and its notice: one notice for several debts, SMS, a cap, holds, a CRM.

Its customers get an SMS through a provider that is slow enough to be called when a worker dies; those of the second plan get a notice
that the CRM claims, sends and acknowledges.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from domain.collections.holds import place_hold, release_hold
from domain.customers.model import Customer
from domain.dunning.customer_settings import put_customer_reminder_settings
from domain.kernel.context import Context
from domain.kernel.errors import Conflict
from domain.ledger.receivables import create_receivable
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.contact_policies import put_contact_policy
from domain.messaging.intent_model import NoticeIntent
from domain.messaging.intents import acknowledge_notice, check_notice, claim_notices
from domain.messaging.rules.contact_policy_fields import a_cap
from domain.storage.transaction import reading
from tests.factories import a_contact, a_customer, tenant_context
from tests.factories_dunning import a_plan
from tests.fakes.aliyun import KEY_ID, KEY_SECRET, FakeAliyun
from tests.faults.servers import DOWN, until_it_answers
from tests.faults.world import AMOUNT

CHANNEL_OF_THE_CRM = "wecom"
MOST_NOTICES = 2
"""By the contact policy, to one customer in one day, which is longer than any trial."""
_CUSTOMERS = 12
_LEASE_SECONDS = 10
_TEMPLATES = {"overdue_notice": {"code": "SMS_1", "params": ["numbers", "total_due_amount"]}}

_WAITING = """
  select exists (select 1 from notices where tenant_id = $1 and channel = $3 and state = 'queued' and offered_at <= $2)
"""

Arrived = Callable[[str], None]
Owed = Callable[[Context, str, str], None]


class SmsProvider(FakeAliyun):
    """Verifies signatures, tells each message that it has taken by its notice, and answers a moment later."""

    def __init__(self, chance: random.Random, arrived: Arrived) -> None:
        super().__init__()
        self._chance, self._arrived, self._told = chance, arrived, 0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One request of the API."""
        answer = await super().__call__(request)
        while self._told < len(self.messages):
            self._arrived(self.messages[self._told]["OutId"])
            self._told += 1
        await asyncio.sleep(self._chance.uniform(0, 0.05))
        return answer


@dataclass
class Crowd:
    """What the trial does to this tenant, and when it was surely done."""

    chance: random.Random
    ctx: Context
    customers: list[Customer]
    arrived: Arrived
    owed: Owed
    debts: list[str] = field(default_factory=list)
    held: list[tuple[str, float, float]] = field(default_factory=list)
    """By receivable: between these readings of the monotonic clock it was surely on hold."""
    sent_by_crm: set[str] = field(default_factory=set)
    count: int = 0

    async def owe(self) -> None:
        """Some debts of one customer at once, due today."""
        await self.owe_of(self.chance.choice(self.customers), self.chance.randint(1, 3))

    async def owe_of(self, customer: Customer, count: int) -> None:
        """So many debts of this customer; told again as long as nobody says whether they were heard."""
        today = self.ctx.today()
        for _ in range(count):
            self.count += 1
            number = f"C-{self.count}"

            async def create(number: str = number) -> None:
                with suppress(Conflict):  # it was heard the last time
                    made = await create_receivable(
                        self.ctx,
                        customer_id=customer.id,
                        number=number,
                        external_id=number,
                        amount=AMOUNT,
                        issued_on=today,
                        due_on=today,
                    )
                    self.debts.append(made.id)
                    self.owed(self.ctx, made.id, customer.id)

            await until_it_answers(create)

    async def hold(self) -> None:
        """A debt is on hold for a moment; one whose answer was lost may be so for ever, and nothing is concluded from it."""
        if not self.debts:
            return
        receivable_id = self.chance.choice(self.debts[-20:])
        try:
            hold = await place_hold(self.ctx, receivable_id=receivable_id, reason="negotiation")
        except DOWN:
            return
        since = time.monotonic()
        await asyncio.sleep(self.chance.uniform(0.1, 1.0))
        self.held.append((receivable_id, since, time.monotonic()))
        with suppress(Conflict):
            await until_it_answers(lambda: release_hold(self.ctx, hold.id))

    async def send_by_crm(self) -> None:
        """The CRM claims what waits for it, asks once more, sends, and says so; what it has sent already it only says again."""
        ctx = await until_it_answers(lambda: tenant_context(self.ctx.tenant_id))
        with suppress(*DOWN):
            claimed = await claim_notices(ctx, channel=CHANNEL_OF_THE_CRM, lease_seconds=_LEASE_SECONDS)
            for intent in claimed.intents:
                with suppress(Conflict):  # the lease has ended while the server was down
                    await self._serve(ctx, intent)

    async def is_waiting_for_the_crm(self) -> bool:
        """Whether there is a notice that the CRM could still settle, be it once its last lease has ended."""
        async with reading(self.ctx) as tx:
            return bool(await tx.fetchval(_WAITING, self.ctx.tenant_id, self.ctx.now(), CHANNEL_OF_THE_CRM))

    async def _serve(self, ctx: Context, intent: NoticeIntent) -> None:
        notice, token = intent.notice, intent.lease_token
        if notice.id not in self.sent_by_crm:
            check = await until_it_answers(lambda: check_notice(ctx, notice.id, lease_token=token))
            if not check.is_wanted:
                return
            self.sent_by_crm.add(notice.id)
            self.arrived(notice.id)
        await until_it_answers(lambda: acknowledge_notice(ctx, notice.id, lease_token=token, outcome="sent"))


async def a_crowd(chance: random.Random, ctx: Context, sms_url: str, arrived: Arrived, owed: Owed) -> Crowd:
    """The tenant's plans, policy, accounts and customers."""
    await create_channel_account(
        ctx,
        channel="sms",
        provider="aliyun",
        name="SMS",
        settings={"sign_name": "Trial", "templates": _TEMPLATES, "endpoint": sms_url},
        credentials={"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET},
    )
    await create_channel_account(ctx, channel=CHANNEL_OF_THE_CRM, provider="integrator", name="CRM")
    await put_contact_policy(ctx, {"caps": [a_cap(per="customer", most=MOST_NOTICES, days=1)]})
    await a_plan(ctx, steps=[_at_once("sms")], options={"combine": True})
    by_crm = await a_plan(ctx, name="By the CRM", steps=[_at_once(CHANNEL_OF_THE_CRM)], is_default=False)
    customers = []
    for number in range(_CUSTOMERS):
        customers.append(await a_customer(ctx, name=f"Crowd {number}"))
        phone, addresses = f"138{number:08d}", {CHANNEL_OF_THE_CRM: f"wm{number}"}
        await a_contact(ctx, customers[-1], phone=phone, addresses=addresses)
        if number % 3 == 0:
            await put_customer_reminder_settings(ctx, customers[-1].id, plan_id=by_crm.id)
    crowd = Crowd(chance=chance, ctx=ctx, customers=customers, arrived=arrived, owed=owed)
    # Nobody works yet, so what these owe is decided in one batch.
    for customer in customers[1:3]:
        await crowd.owe_of(customer, 3)
    return crowd


def _at_once(channel: str) -> dict[str, Any]:
    action = {"type": "notice", "channels": [channel], "template": "overdue_notice"}
    return {"key": "first", "offset_days": 0, "time_of_day": "00:00", "action": action}
