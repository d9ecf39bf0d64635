"""Plans, receivables and cases for tests, made through the use cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.access.clock import set_test_clock
from domain.customers.model import Customer
from domain.dunning.cases import list_cases
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Case, ReminderPlan
from domain.dunning.plans import create_plan, publish_plan
from domain.dunning.reactions import react
from domain.events.log import list_events
from domain.events.model import Event
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.charge_model import ChargeRule
from domain.ledger.charge_rules import create_charge_rule
from domain.ledger.model import Receivable
from domain.ledger.receivables import create_receivable
from domain.ledger.rules.charging import ChargeTerms, FixedCharge, Tier
from domain.ledger.rules.late_interest import InterestRule
from domain.storage.transaction import transaction
from tests.factories import a_contact, a_customer

DUE_ON = date(2026, 1, 10)


def email_step(
    key: str, offset_days: int, template: str = "overdue_notice", time_of_day: str = "09:00"
) -> dict[str, Any]:
    """A step that writes."""
    action = {"type": "email", "template": template}
    return {"key": key, "offset_days": offset_days, "time_of_day": time_of_day, "action": action}


def task_step(key: str, offset_days: int, title: str = "Call them") -> dict[str, Any]:
    """A step that asks a user."""
    action = {"type": "task", "title": title, "assignee": "li.na"}
    return {"key": key, "offset_days": offset_days, "time_of_day": "09:00", "action": action}


def escalation_step(key: str, offset_days: int, level: str = "legal") -> dict[str, Any]:
    """A step that leaves the ladder."""
    action = {"type": "escalation", "level": level}
    return {"key": key, "offset_days": offset_days, "time_of_day": "09:00", "action": action}


def charge_step(key: str, offset_days: int, rule: ChargeRule) -> dict[str, Any]:
    """A step that charges."""
    action = {"type": "charge", "charge_rule_id": rule.id}
    return {"key": key, "offset_days": offset_days, "time_of_day": "09:00", "action": action}


async def a_fee(ctx: Context, amount: int = 40, currency: str = "CNY", **more: Any) -> ChargeRule:
    """A rule that charges a fee once."""
    fixed = FixedCharge(tiers=(Tier(below=None, amount=Money(Decimal(amount), currency)),))
    return await create_charge_rule(ctx, name="Reminder fee", component="fee", terms=ChargeTerms(fixed=fixed), **more)


async def a_thousandth_a_day(ctx: Context, **more: Any) -> ChargeRule:
    """A rule that charges 0.1 % of what is open for each day."""
    terms = ChargeTerms(late_interest=InterestRule(rate=Decimal("0.001"), rate_period="day"))
    return await create_charge_rule(ctx, name="Late interest", component="interest", terms=terms, **more)


LADDER = [
    email_step("friendly", -3, "friendly_reminder"),
    email_step("first", 3),
    task_step("call", 10),
    email_step("firm", 15, "firm_notice"),
    escalation_step("legal", 60),
]


async def a_plan(ctx: Context, **overrides: Any) -> ReminderPlan:
    """The default plan, published."""
    draft = await create_plan(ctx, **{"name": "Standard", "steps": LADDER, "is_default": True, **overrides})
    return await publish_plan(ctx, draft.id)


async def a_debtor(ctx: Context, **overrides: Any) -> Customer:
    """A customer who can be written to."""
    customer = await a_customer(ctx, **overrides)
    await a_contact(ctx, customer)
    return customer


async def a_receivable(ctx: Context, customer: Customer, **overrides: Any) -> Receivable:
    """1,299 CNY, due on DUE_ON."""
    fields = {
        "number": "INV-1",
        "amount": Money(Decimal(1299), "CNY"),
        "issued_on": (overrides.get("due_on") or DUE_ON) - timedelta(days=30),
        "due_on": DUE_ON,
        **overrides,
    }
    return await create_receivable(ctx, customer_id=customer.id, **fields)


async def a_case(ctx: Context, **overrides: Any) -> Case:
    """The case of a new receivable of a new debtor; a plan must have been published."""
    receivable = await a_receivable(ctx, await a_debtor(ctx), **overrides)
    await drain(react, ctx)
    return await case_of(ctx, receivable)


async def case_of(ctx: Context, receivable: Receivable) -> Case:
    """The one case of a receivable."""
    (case,) = (await list_cases(ctx, PageRequest(), receivable_id=receivable.id)).items
    return case


def receivable_of(case: Case) -> str:
    """The receivable of a case that is about a single one."""
    assert case.receivable_id is not None
    return case.receivable_id


async def drain(work: Any, ctx: Context) -> int:
    """Calls an engine function until it finds nothing more; how much it did."""
    total = 0
    while done := await work(ctx):
        total += done
    return total


async def at(ctx: Context, instant: datetime) -> Context:
    """The tenant's test clock moved to `instant`, and the context there."""
    async with transaction(ctx):
        moved = await set_test_clock(ctx, instant)
    return replace(moved, clock=FixedClock(instant))


async def run_at(ctx: Context, instant: datetime) -> Context:
    """Moves the clock and lets the engine do what is due."""
    moved = await at(ctx, instant)
    await drain(react, moved)
    await drain(run_due_cases, moved)
    return moved


async def events_of(ctx: Context, *kinds: str) -> list[Event]:
    """The tenant's events of these types, in order."""
    found: list[Event] = []
    page, after = await list_events(ctx, PageRequest(limit=200)), None
    while True:
        found += page.items
        after = page.next_key
        if after is None:
            return [event for event in found if not kinds or event.type in kinds]
        page = await list_events(ctx, PageRequest(limit=200, after=after))
