"""Disputes: what may be contested, how it ends, and what interest and the customer's debt become."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import Scope
from domain.ledger.charge_rules import create_charge_rule
from domain.ledger.charges import preview_charge
from domain.ledger.credit_notes import get_credit_note
from domain.ledger.dispute_model import Dispute
from domain.ledger.disputes import get_dispute, list_disputes, open_dispute, resolve_dispute, update_dispute
from domain.ledger.model import Receivable
from domain.ledger.receivables import get_receivable
from domain.ledger.rules.charging import ChargeTerms
from domain.ledger.rules.late_interest import InterestRule
from domain.ledger.write_offs import cancel_receivable, write_off_receivable
from tests.factories import a_customer
from tests.factories_ledger import TWO_TEN, a_payment, a_receivable, cny, events_of, standing_at

DAILY = ChargeTerms(late_interest=InterestRule(rate=Decimal("0.001"), rate_period="day"))


async def a_debt(ctx: Context) -> Receivable:
    return await a_receivable(ctx, await a_customer(ctx))


async def a_dispute(ctx: Context, receivable: Receivable, **overrides: Any) -> Dispute:
    return await open_dispute(ctx, receivable.id, **{"reason": "quality", **overrides})


async def test_without_an_amount_all_that_is_open_is_disputed(ctx: Context) -> None:
    debt = await a_debt(ctx)
    dispute = await a_dispute(ctx, debt, note="scratched", raised_by="Wang Fang")
    assert (dispute.amount, dispute.state, dispute.opened_on) == (cny(1000), "open", ctx.today())
    assert await get_dispute(ctx, dispute.id) == dispute
    assert (await events_of(ctx))[-1].type == "dispute.opened"
    listed = await list_disputes(ctx, PageRequest(), receivable_id=debt.id, state="open")
    assert listed.items == [dispute]
    assert (await list_disputes(ctx, PageRequest(), state="rejected")).items == []


async def test_open_disputes_never_contest_more_than_is_open(ctx: Context) -> None:
    debt = await a_debt(ctx)
    await a_dispute(ctx, debt, amount=cny(700))
    with pytest.raises(Conflict) as more:
        await a_dispute(ctx, debt, amount=cny("300.01"))
    assert more.value.code == "dispute_exceeds_open_amount"
    rest = await a_dispute(ctx, debt)
    assert rest.amount == cny(300)
    with pytest.raises(Conflict, match="Only 0"):
        await a_dispute(ctx, debt)


@pytest.mark.parametrize("amount", [cny(-1), cny(0), Money(Decimal(5), "EUR")])
async def test_an_amount_that_makes_no_sense_is_refused(ctx: Context, amount: Money) -> None:
    with pytest.raises(InvalidInput):
        await a_dispute(ctx, await a_debt(ctx), amount=amount)


async def test_a_settled_receivable_is_not_disputed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    debt = await a_receivable(ctx, customer)
    await a_payment(ctx, customer, 1000)
    with pytest.raises(Conflict) as settled:
        await a_dispute(ctx, debt)
    assert settled.value.code == "receivable_already_settled"
    with pytest.raises(NotFound):
        await open_dispute(ctx, "rcv_nothing", reason="other")


async def test_somebody_looks_after_it(ctx: Context) -> None:
    dispute = await a_dispute(ctx, await a_debt(ctx))
    changed = await update_dispute(ctx, dispute.id, {"assignee": "li", "state": "investigating"}, expected_version=1)
    assert (changed.assignee, changed.state, changed.version) == ("li", "investigating", 2)
    assert await update_dispute(ctx, dispute.id, {"assignee": "li"}) == changed
    with pytest.raises(PreconditionFailed):
        await update_dispute(ctx, dispute.id, {"assignee": "x"}, expected_version=1)
    assert [e.type for e in await events_of(ctx)][-2:] == ["dispute.opened", "dispute.updated"]


async def test_what_was_accepted_is_credited_in_the_same_step(ctx: Context) -> None:
    debt = await a_debt(ctx)
    dispute = await a_dispute(ctx, debt, amount=cny(400))
    ended = await resolve_dispute(
        ctx, dispute.id, outcome="partially_accepted", accepted_amount=cny(150), issue_credit=True
    )
    assert (ended.state, ended.accepted_amount, ended.resolved_on) == ("partially_accepted", cny(150), ctx.today())
    assert ended.credit_note_id is not None
    credit = await get_credit_note(ctx, ended.credit_note_id)
    assert (credit.number, credit.amount, credit.reason) == (f"CN-{dispute.id}", cny(150), "dispute")
    assert (await get_receivable(ctx, debt.id)).open_amount == cny(850)
    with pytest.raises(Conflict) as twice:
        await resolve_dispute(ctx, dispute.id, outcome="rejected")
    assert twice.value.code == "dispute_resolved"
    with pytest.raises(Conflict):
        await update_dispute(ctx, dispute.id, {"assignee": "li"})


async def test_what_is_not_open_any_more_stays_unapplied_on_the_credit_note(ctx: Context) -> None:
    customer = await a_customer(ctx)
    debt = await a_receivable(ctx, customer)
    dispute = await a_dispute(ctx, debt, amount=cny(400))
    await a_payment(ctx, customer, 900)
    ended = await resolve_dispute(ctx, dispute.id, outcome="accepted", issue_credit=True, credit_note_number="CN-7")
    credit = await get_credit_note(ctx, str(ended.credit_note_id))
    assert (credit.number, credit.unapplied_amount) == ("CN-7", cny(300))
    assert (await get_receivable(ctx, debt.id)).status == "paid"


async def test_who_may_not_credit_does_not_credit_by_a_dispute(ctx: Context) -> None:
    dispute = await a_dispute(ctx, await a_debt(ctx))
    collector = replace(ctx, scopes=frozenset({Scope.DISPUTES_READ, Scope.DISPUTES_WRITE}))
    with pytest.raises(Forbidden):
        await resolve_dispute(collector, dispute.id, outcome="accepted", issue_credit=True)
    assert (await get_dispute(ctx, dispute.id)).state == "open"
    assert (await resolve_dispute(collector, dispute.id, outcome="accepted")).credit_note_id is None


async def test_what_was_cancelled_or_given_up_does_not_come_back_as_money_that_nobody_paid(ctx: Context) -> None:
    """Of 1000, 300 were paid and 700 given up: 300 may still be credited, and stay unapplied."""
    customer = await a_customer(ctx)
    cancelled, given_up = await a_receivable(ctx, customer), await a_receivable(ctx, customer, number="INV-2")
    all_of_it, more, paid = (
        await a_dispute(ctx, cancelled),
        *[await a_dispute(ctx, given_up, amount=cny(n)) for n in (301, 300)],
    )
    await cancel_receivable(ctx, cancelled.id, reason="twice")
    await a_payment(ctx, customer, 300)
    await write_off_receivable(ctx, given_up.id, reason="uncollectible")
    for dispute, code in ((all_of_it, "receivable_cancelled"), (more, "credit_exceeds_owed")):
        with pytest.raises(Conflict) as refused:
            await resolve_dispute(ctx, dispute.id, outcome="accepted", issue_credit=True)
        assert refused.value.code == code
        assert (await resolve_dispute(ctx, dispute.id, outcome="accepted")).credit_note_id is None
    ended = await resolve_dispute(ctx, paid.id, outcome="accepted", issue_credit=True)
    assert (await get_credit_note(ctx, str(ended.credit_note_id))).unapplied_amount == cny(300)


async def test_a_discount_that_was_taken_is_not_credited_as_well(ctx: Context) -> None:
    customer = await a_customer(ctx)
    debt = await a_receivable(ctx, customer, due_on=None, payment_terms=TWO_TEN)
    dispute = await a_dispute(ctx, debt)
    await a_payment(ctx, customer, 980)
    with pytest.raises(Conflict, match=r"Only 980\.00"):
        await resolve_dispute(ctx, dispute.id, outcome="accepted", issue_credit=True)


@pytest.mark.parametrize("told", [{"issue_credit": True}, {"credit_note_number": "CN-1"}])
async def test_nothing_is_credited_of_a_rejected_dispute(ctx: Context, told: dict[str, Any]) -> None:
    dispute = await a_dispute(ctx, await a_debt(ctx))
    with pytest.raises(InvalidInput):
        await resolve_dispute(ctx, dispute.id, outcome="rejected", **told)
    assert (await get_dispute(ctx, dispute.id)).state == "open"


@pytest.mark.parametrize(("outcome", "interest"), [(None, 18), ("rejected", 20), ("withdrawn", 20), ("accepted", 19)])
async def test_interest_is_frozen_on_what_is_disputed_and_due_again_if_it_was_wrong(
    ctx: Context, outcome: Any, interest: int
) -> None:
    """20 days on 1000 at 0.1 % a day; 200 of it is disputed from the 10th day on, until the 15th if it ends."""
    debt = await a_debt(ctx)
    rule = await create_charge_rule(ctx, name="Late", component="interest", terms=DAILY)
    opened = standing_at(ctx, ctx.now().replace(year=2026, month=2, day=10))
    dispute = await a_dispute(opened, debt, amount=cny(200))
    if outcome:
        await resolve_dispute(standing_at(ctx, opened.now() + timedelta(days=5)), dispute.id, outcome=outcome)
    preview = await preview_charge(ctx, debt.id, rule_id=rule.id, as_of=date(2026, 2, 20))
    assert preview.total == cny(interest)
