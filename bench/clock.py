"""Ninety days of a sandbox's test clock with a hundred cases, through the worker's own driver."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from bench.harness import Figure, open_database
from bench.measuring import Measured, measured
from cli.servers import ServerUrls
from domain.access.clock import advance_clock
from domain.access.platforms import create_platform
from domain.access.profile import context_for
from domain.access.tenants import create_tenant
from domain.customers.contacts import create_contact
from domain.customers.customers import create_customer
from domain.dunning.plan_presets import install_plan_preset
from domain.dunning.plans import publish_plan, update_plan
from domain.kernel.context import Actor, Context, PlatformContext
from domain.kernel.money import Money
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.ledger.payments import record_payment
from domain.ledger.receivables import create_receivable
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.operations.operations import get_operation
from workers.tasks.operations import run_operations

CASES, DAYS, ROUNDS = 100, 90, 3
MOST_SECONDS = 5.0
PLAN = "standard"
BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "America/New_York")


class _Sink:
    """A mail server that takes everything at once."""

    def __init__(self) -> None:
        self.taken = 0

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.taken += len(messages)
        return [Outcome("accepted", "smtp_250", "ok")] * len(messages)


async def run(urls: ServerUrls) -> list[Figure]:
    """The median of a few tenants, one after the other."""
    took, instants, sent = list[Measured](), 0, 0
    async with open_database(urls):
        for _ in range(ROUNDS):
            ctx, sink = await _a_sandbox(), _Sink()
            operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=DAYS))
            took.append(await measured(urls, partial(run_operations, {"channels": {"email": sink}})))
            done = await get_operation(ctx, operation.id)
            if done.state != "succeeded" or sink.taken < CASES:
                raise RuntimeError(f"the clock was not moved: {done}, {sink.taken} mails")
            instants, sent = done.result["instants"], sink.taken
    median = statistics.median(one.seconds for one in took)
    computed = statistics.median(one.python_seconds + (one.server_seconds or 0.0) for one in took)
    how = (
        f"median of {ROUNDS} sandboxes with the shipped plan `{PLAN}`: {instants} instants, {sent} mails, customers in two time zones;"
        f" {computed:.1f} s of it computed, in Python and in PostgreSQL"
    )
    name, limit = f"{DAYS} days of {CASES} cases by the test clock", f"< {MOST_SECONDS:.0f}"
    return [Figure(name, median, "seconds", limit, median < MOST_SECONDS, how)]


async def _a_sandbox() -> Context:
    """A tenant of which an invoice falls due on nearly every day; every tenth is paid beforehand."""
    platform, _ = await create_platform("Bench")
    owner = PlatformContext(platform_id=platform.id, actor=Actor("operator", "bench"), scopes=PLATFORM_SCOPES)
    tenant = await create_tenant(
        owner,
        name="Bench",
        mode="sandbox",
        base_currency="CNY",
        time_zone="Asia/Shanghai",
        locale="en",
        test_clock_at=BEGIN,
    )
    ctx = await context_for(tenant.id, Actor("client", "bench"), TENANT_SCOPES)
    plan = await install_plan_preset(ctx, PLAN)
    await update_plan(ctx, plan.id, {"is_default": True})
    await publish_plan(ctx, plan.id)
    for n in range(CASES):
        await _a_debt(ctx, n)
    return ctx


async def _a_debt(ctx: Context, n: int) -> None:
    customer = await create_customer(ctx, name=f"Customer {n}", time_zone=ZONES[n % 2], locale="en")
    await create_contact(ctx, customer.id, name="Accounts payable", email=f"payable{n}@customer.example")
    amount, due_on = Money(Decimal(1000 + n), "CNY"), ctx.today() + timedelta(days=n % DAYS)
    await create_receivable(
        ctx, customer_id=customer.id, number=f"INV-{n}", amount=amount, issued_on=ctx.today(), due_on=due_on
    )
    if n % 10 == 0:
        await record_payment(ctx, customer_id=customer.id, amount=amount, received_on=ctx.today())
