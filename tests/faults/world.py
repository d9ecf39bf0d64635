"""Tenants in New York: one lives on the system clock, where debts keep coming in; one is moved over a change to summer time."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.access.clock import advance_clock
from domain.access.platforms import create_platform
from domain.access.tenants import create_tenant
from domain.customers.model import Customer
from domain.kernel.context import Actor, Context, PlatformContext
from domain.kernel.errors import Conflict
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import PLATFORM_SCOPES
from domain.ledger.model import AllocationWish
from domain.ledger.payments import record_payment
from domain.ledger.receivables import create_receivable
from domain.operations.model import Operation
from domain.operations.operations import list_operations
from tests.factories import tenant_context
from tests.factories_dunning import a_debtor, a_plan, email_step, escalation_step, task_step
from tests.faults.servers import DOWN, until_it_answers

AMOUNT = Money(Decimal(100), "USD")
# Clocks in New York go from 02:00 to 03:00 on 8 March 2026: the step at 02:30 falls into the gap on that day.
SPRING = datetime(2026, 2, 26, 5, tzinfo=UTC)
SPRING_ENDS = datetime(2026, 3, 22, 4, tzinfo=UTC)
LADDER = [
    email_step("friendly", -3, "friendly_reminder"),
    email_step("first", 3, time_of_day="02:30"),
    task_step("call", 5),
    email_step("firm", 7, "firm_notice"),
    escalation_step("legal", 10),
]
AT_ONCE = [email_step("first", 0, time_of_day="00:00"), task_step("call", 0)]
_CUSTOMERS = 7
_PAUSE = 0.05


@dataclass
class World:
    """What the trial does to the tenants, and when it was surely done."""

    chance: random.Random
    live: Context
    spring: Context
    crowded: Context
    customers: list[Customer]
    open_debts: list[tuple[Context, str, str]] = field(default_factory=list)
    paid_at: dict[str, float] = field(default_factory=dict)
    """By receivable: the reading of the monotonic clock right after the commit was confirmed."""
    debts: int = 0
    days: int = 0

    async def owe(self) -> None:
        """A debt that is due today comes in; told again as long as nobody says whether it was heard."""
        self.debts += 1
        number, today = f"INV-{self.debts}", self.live.today()
        customer = self.chance.choice(self.customers)

        async def create() -> None:
            try:
                made = await create_receivable(
                    self.live,
                    customer_id=customer.id,
                    number=number,
                    external_id=number,
                    amount=AMOUNT,
                    issued_on=today,
                    due_on=today,
                )
                self.owed(self.live, made.id, customer.id)
            except Conflict:
                pass  # it was heard

        await until_it_answers(create)

    def owed(self, tenant: Context, receivable_id: str, customer_id: str) -> None:
        """Another debt that may be paid."""
        self.open_debts.append((tenant, receivable_id, customer_id))

    async def pay(self) -> None:
        """Some customer pays a debt; one whose answer was lost may count or not, and nothing is concluded from it."""
        if not self.open_debts:
            return
        tenant, receivable_id, customer_id = self.open_debts.pop(self.chance.randrange(len(self.open_debts)))
        try:
            ctx = await tenant_context(tenant.tenant_id)
            wish = AllocationWish(receivable_id=receivable_id)
            await record_payment(
                ctx, customer_id=customer_id, amount=AMOUNT, received_on=ctx.today(), allocations=[wish]
            )
        except DOWN:
            return
        self.paid_at[receivable_id] = time.monotonic()

    async def spring_comes(self) -> None:
        """The test clock is moved day by day; the workers do what falls due, dying meanwhile."""
        while (ctx := await until_it_answers(lambda: tenant_context(self.spring.tenant_id))).now() < SPRING_ENDS:
            await _next_day(ctx)
            self.days += 1


async def _next_day(ctx: Context) -> None:
    """Has the clock moved by a day, and waits for it; one that is being moved already, by a call whose answer was lost, will do."""
    with suppress(Conflict):
        await until_it_answers(lambda: advance_clock(ctx, to=ctx.now() + timedelta(days=1)))
    while not all(one.state in ("succeeded", "failed") for one in await until_it_answers(lambda: _operations(ctx))):
        await asyncio.sleep(_PAUSE)


async def _operations(ctx: Context) -> list[Operation]:
    return (await list_operations(ctx, PageRequest(limit=200))).items


async def a_world(chance: random.Random) -> World:
    """The tenants; these two with their plans, and the moved one has its debts already. `crowd` furnishes the third."""
    platform, client = await create_platform("Trial CRM")
    owner = PlatformContext(platform_id=platform.id, actor=Actor("client", client.client_id), scopes=PLATFORM_SCOPES)
    told: dict[str, Any] = {"base_currency": "USD", "time_zone": "America/New_York", "locale": "en"}
    live = await tenant_context((await create_tenant(owner, name="Live", mode="live", **told)).id)
    crowded = await tenant_context((await create_tenant(owner, name="Crowd", mode="live", **told)).id)
    moved = await create_tenant(owner, name="Spring", mode="sandbox", test_clock_at=SPRING, **told)
    spring = await tenant_context(moved.id)
    await a_plan(live, steps=AT_ONCE)
    await a_plan(spring, steps=LADDER)
    customers = [await a_debtor(live) for _ in range(_CUSTOMERS)]
    world = World(chance=chance, live=live, spring=spring, crowded=crowded, customers=customers)
    for number in range(40):
        due_on = date(2026, 2, 27) + timedelta(days=number % 12)
        customer = await a_debtor(spring)
        made = await create_receivable(
            spring,
            customer_id=customer.id,
            number=f"S-{number}",
            amount=AMOUNT,
            issued_on=spring.today(),
            due_on=due_on,
        )
        if number % 4 == 0:
            world.open_debts.append((spring, made.id, customer.id))
    return world
