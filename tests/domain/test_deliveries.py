"""Deliveries, and due dates that wait for them, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.insight.aging import list_aging, list_aging_receivables
from domain.insight.model import AgingFilter
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.charge_rules import create_charge_rule
from domain.ledger.charges import charge_by_rule, preview_charge
from domain.ledger.delivering import record_delivery
from domain.ledger.model import Receivable, ReceivableFilter
from domain.ledger.overdue import announce_overdue
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.receivables import create_receivable, get_receivable, list_receivables, put_receivable
from domain.ledger.rules.charging import ChargeTerms
from domain.ledger.rules.delivery import Delivery
from domain.ledger.rules.late_interest import InterestRule
from tests.factories import a_customer
from tests.factories_ledger import TWO_TEN, a_payment, cny, events_of, standing_at

ON_RECEIPT = replace(TWO_TEN, anchor="received_on")
TERMS: dict[str, Any] = {"number": "INV-1", "amount": cny(1000), "issued_on": date(2026, 1, 1)}
RECEIVED = Delivery(delivered_on=date(2025, 12, 30), received_on=date(2026, 1, 20), method="courier", reference="SF-1")
IN_APRIL = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


async def _waiting(ctx: Context, **overrides: Any) -> Receivable:
    customer = await a_customer(ctx)
    return await create_receivable(ctx, customer_id=customer.id, **{**TERMS, "payment_terms": ON_RECEIPT, **overrides})


async def test_a_delivery_is_recorded_shown_and_told_and_ordinary_due_dates_stay(ctx: Context) -> None:
    made = await _waiting(ctx, payment_terms=TWO_TEN)
    assert (made.delivery, made.due_on_is_provisional) == (None, False)
    changed = await record_delivery(ctx, made.id, RECEIVED, expected_version=1)
    assert (changed.delivery, changed.due_on, changed.version) == (RECEIVED, made.due_on, 2)
    assert await get_receivable(ctx, made.id) == changed
    assert await record_delivery(ctx, made.id, RECEIVED) == changed
    (event,) = await events_of(ctx, "receivable.delivery_recorded")
    assert event.data["receivable"]["delivery"]["reference"] == "SF-1"
    with pytest.raises(PreconditionFailed):
        await record_delivery(ctx, made.id, Delivery(), expected_version=1)
    assert (await record_delivery(ctx, made.id, Delivery())).delivery is None


async def test_days_before_what_they_follow_are_pointed_at(ctx: Context) -> None:
    made = await _waiting(ctx)
    wrong = replace(RECEIVED, received_on=date(2025, 12, 29))
    with pytest.raises(InvalidInput) as refused:
        await record_delivery(ctx, made.id, wrong)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/received_on", "received_too_early")]
    with pytest.raises(InvalidInput) as refused:
        await _waiting(ctx, delivery=wrong)
    assert refused.value.errors[0].pointer == "/delivery/received_on"


async def test_while_the_anchor_is_unknown_nothing_is_late(ctx: Context) -> None:
    made = await _waiting(ctx)
    assert (made.due_on, made.due_on_is_provisional) == (date(2026, 1, 31), True)
    assert made.discount is not None
    assert made.discount.until is None
    later = standing_at(ctx, IN_APRIL)
    assert await announce_overdue(later) == 0
    read = await get_receivable(later, made.id)
    assert (read.overdue, read.days_overdue) == (False, 0)
    assert (await list_receivables(later, PageRequest(), ReceivableFilter(overdue=True))).items == []
    (aged,) = (await list_aging(later, PageRequest(), group_by="currency")).items
    assert (aged.current_amount, aged.open_amount) == (cny(1000), cny(1000))
    (past,) = (await list_aging(later, PageRequest(), group_by="currency", as_of=date(2026, 3, 1))).items
    assert past.current_amount == cny(1000)
    late = await list_aging_receivables(later, PageRequest(), as_of=None, wanted=AgingFilter(days_from=1))
    assert late.items == []
    (current,) = (await list_aging_receivables(later, PageRequest(), as_of=None, wanted=AgingFilter(days_to=0))).items
    assert (current.due_on_is_provisional, current.days_overdue) == (True, 0)


async def test_no_interest_accrues_before_the_due_date_is_known(ctx: Context) -> None:
    made = await _waiting(ctx)
    interest = ChargeTerms(late_interest=InterestRule(rate=Decimal("0.001"), rate_period="day"))
    rule = await create_charge_rule(ctx, name="Late", component="interest", terms=interest)
    preview = await preview_charge(ctx, made.id, rule_id=rule.id, as_of=date(2026, 4, 1))
    assert (preview.total, preview.segments) == (cny(0), [])
    with pytest.raises(Conflict) as refused:
        await charge_by_rule(ctx, made.id, rule_id=rule.id, as_of=date(2026, 4, 1))
    assert refused.value.code == "nothing_to_charge"
    await record_delivery(ctx, made.id, RECEIVED)
    charged = await charge_by_rule(ctx, made.id, rule_id=rule.id, as_of=date(2026, 3, 1))
    assert charged.amount == cny(10)
    await record_delivery(ctx, made.id, replace(RECEIVED, received_on=date(2026, 2, 20)))
    assert (await get_receivable(ctx, made.id)).charged_amount == cny(10)


async def test_the_due_date_is_final_once_the_day_is_known_and_moves_with_it(ctx: Context) -> None:
    made = await _waiting(ctx)
    final = await record_delivery(ctx, made.id, RECEIVED)
    assert (final.due_on, final.due_on_is_provisional) == (date(2026, 2, 19), False)
    assert final.discount is not None
    assert final.discount.until == date(2026, 1, 30)
    later = standing_at(ctx, IN_APRIL)
    assert await announce_overdue(later) == 1
    assert (await get_receivable(later, made.id)).days_overdue == 41
    moved = await record_delivery(ctx, made.id, replace(RECEIVED, received_on=date(2026, 1, 25)))
    assert moved.due_on == date(2026, 2, 24)
    waiting = await record_delivery(later, made.id, replace(RECEIVED, received_on=None))
    assert (waiting.due_on, waiting.due_on_is_provisional, waiting.overdue) == (date(2026, 1, 31), True, False)
    assert await announce_overdue(later) == 0


async def test_an_invoice_is_not_due_before_it_is_issued(ctx: Context) -> None:
    early = Delivery(received_on=date(2025, 11, 1))
    assert (await _waiting(ctx, delivery=early)).due_on == date(2026, 1, 1)


async def test_a_put_without_a_delivery_keeps_it_and_one_with_null_removes_it(ctx: Context) -> None:
    customer = await a_customer(ctx)
    told = {**TERMS, "customer_id": customer.id, "payment_terms": ON_RECEIPT}
    first = await put_receivable(ctx, "i-1", **told, delivery=RECEIVED)
    assert first.due_on == date(2026, 2, 19)
    assert await put_receivable(ctx, "i-1", **told) == first
    removed = await put_receivable(ctx, "i-1", **told, delivery=None)
    assert (removed.delivery, removed.due_on_is_provisional) == (None, True)


async def test_a_discount_taken_before_the_delivery_is_known_stays_and_is_lost_with_its_payment(ctx: Context) -> None:
    made = await _waiting(ctx)
    assert made.customer_id
    customer = replace(await a_customer(ctx), id=made.customer_id)
    payment = await a_payment(ctx, customer, 980, received_on=date(2026, 3, 1))
    assert (await get_receivable(ctx, made.id)).status == "paid"
    known = await record_delivery(ctx, made.id, RECEIVED)
    assert known.discount is not None
    assert (known.status, known.discount.until, known.discount.taken_amount) == ("paid", date(2026, 1, 30), cny(20))
    await reverse_payment(ctx, payment.id, reason="bounced", reversed_on=date(2026, 3, 5))
    back = await get_receivable(ctx, made.id)
    assert back.discount is not None
    assert (back.open_amount, back.discount.taken_amount) == (cny(1000), cny(0))
