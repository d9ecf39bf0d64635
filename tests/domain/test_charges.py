"""What being paid late costs: shown, charged, paid in order, waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.charge_model import ChargeComponent, ChargeRule
from domain.ledger.charge_rules import archive_charge_rule, create_charge_rule, list_charge_rules, list_rule_packs
from domain.ledger.charges import add_charge, charge_by_rule, get_charge, list_charges, preview_charge, waive_charge
from domain.ledger.ledger_policy import put_ledger_policy
from domain.ledger.payment_changes import reverse_payment
from domain.ledger.receivables import get_receivable, list_entries, update_receivable
from domain.ledger.rules.charging import ChargeTerms, FixedCharge, Tier
from domain.ledger.rules.late_interest import InterestRule
from domain.ledger.write_offs import cancel_receivable, reverse_write_off, write_off_receivable
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, cny, count, events_of, standing_at

THOUSANDTH = ChargeTerms(late_interest=InterestRule(rate=Decimal("0.001"), rate_period="day"))
FORTY = ChargeTerms(fixed=FixedCharge(tiers=(Tier(below=None, amount=cny(40)),)))


@pytest.fixture
async def late(ctx: Context) -> Context:
    """2 March 2026: thirty days after the receivable was due."""
    return standing_at(ctx, datetime(2026, 3, 2, 4, tzinfo=UTC))


async def a_rule(
    ctx: Context, terms: ChargeTerms, component: ChargeComponent = "interest", **more: object
) -> ChargeRule:
    return await create_charge_rule(ctx, name="Late", component=component, terms=terms, **more)  # type: ignore[arg-type]


async def test_interest_is_shown_for_any_day_and_stores_nothing(late: Context) -> None:
    customer = await a_customer(late)
    receivable, rule = await a_receivable(late, customer), await a_rule(late, THOUSANDTH)
    await a_payment(late, customer, 600, received_on=date(2026, 2, 10))
    shown = await preview_charge(late, receivable.id, rule_id=rule.id)
    # 10 days of 1,000 and 20 days of 400
    assert (shown.as_of, shown.total, shown.due) == (date(2026, 3, 2), cny(18), cny(18))
    assert [(s.first_on, s.last_on, s.open_amount, s.interest) for s in shown.segments] == [
        (date(2026, 2, 1), date(2026, 2, 10), cny(1000), Decimal("10.0000000000")),
        (date(2026, 2, 11), date(2026, 3, 2), cny(400), Decimal("8.0000000000")),
    ]
    assert (await preview_charge(late, receivable.id, rule_id=rule.id, as_of=date(2026, 2, 5))).total == cny(5)
    assert await count(late, "charges") == 0


async def test_interest_is_charged_again_only_by_what_has_grown(late: Context) -> None:
    receivable, rule = await a_receivable(late, await a_customer(late)), await a_rule(late, THOUSANDTH)
    first = await charge_by_rule(late, receivable.id, rule_id=rule.id, as_of=date(2026, 2, 10))
    second = await charge_by_rule(late, receivable.id, rule_id=rule.id)
    assert (first.amount, second.amount) == (cny(10), cny(20))
    with pytest.raises(Conflict, match="nothing_to_charge"):
        await charge_by_rule(late, receivable.id, rule_id=rule.id)
    after = await get_receivable(late, receivable.id)
    assert (after.amount, after.charged_amount, after.open_amount) == (cny(1000), cny(30), cny(1030))
    assert (after.open_parts.principal, after.open_parts.interest) == (cny(1000), cny(30))
    assert [c.id for c in (await list_charges(late, PageRequest(), receivable_id=receivable.id)).items] == [
        first.id,
        second.id,
    ]


async def test_a_fixed_compensation_is_charged_once_and_only_when_overdue(ctx: Context, late: Context) -> None:
    receivable, rule = await a_receivable(ctx, await a_customer(ctx)), await a_rule(ctx, FORTY, "cost")
    with pytest.raises(Conflict, match="nothing_to_charge"):
        await charge_by_rule(ctx, receivable.id, rule_id=rule.id)
    charge = await charge_by_rule(late, receivable.id, rule_id=rule.id)
    assert charge.amount == cny(40)
    await waive_charge(late, charge.id, reason="goodwill")
    with pytest.raises(Conflict, match="nothing_to_charge"):
        await charge_by_rule(late, receivable.id, rule_id=rule.id)


async def test_a_compensation_stays_what_it_was_when_the_invoice_is_corrected(late: Context) -> None:
    tiers = (Tier(below=cny(1000), amount=cny(40)), Tier(below=None, amount=cny(70)))
    rule = await a_rule(late, ChargeTerms(fixed=FixedCharge(tiers=tiers)), "cost")
    receivable = await a_receivable(late, await a_customer(late), amount=cny(900))
    await charge_by_rule(late, receivable.id, rule_id=rule.id)
    await update_receivable(late, receivable.id, {"amount": cny(2000)})
    shown = await preview_charge(late, receivable.id, rule_id=rule.id)
    assert (shown.total, shown.due) == (cny(70), cny(0))
    with pytest.raises(Conflict, match="nothing_to_charge"):
        await charge_by_rule(late, receivable.id, rule_id=rule.id)


@pytest.mark.parametrize(
    ("first", "principal", "interest", "cost"), [("charges", 970, 0, 0), ("principal", 900, 30, 40)]
)
async def test_a_payment_settles_costs_and_interest_before_principal_or_the_other_way_round(
    late: Context, first: str, principal: int, interest: int, cost: int
) -> None:
    await put_ledger_policy(
        late,
        allocation_policy="oldest_due_first",
        settle_first=first,  # type: ignore[arg-type]
        tolerances=[],
        approval_limits=[],
    )
    customer = await a_customer(late)
    receivable, rule = await a_receivable(late, customer), await a_rule(late, THOUSANDTH)
    await charge_by_rule(late, receivable.id, rule_id=rule.id)
    await add_charge(late, receivable.id, component="cost", amount=cny(40), reason="lawyer's letter")
    payment = await a_payment(late, customer, 100, received_on=date(2026, 3, 2))
    parts = (await get_receivable(late, receivable.id)).open_parts
    assert (parts.principal, parts.interest, parts.cost) == (cny(principal), cny(interest), cny(cost))
    await reverse_payment(late, payment.id, reason="bounced", reversed_on=date(2026, 3, 3))
    parts = (await get_receivable(late, receivable.id)).open_parts
    assert (parts.principal, parts.interest, parts.cost) == (cny(1000), cny(30), cny(40))


async def test_a_charge_is_waived_as_far_as_nobody_has_paid_it(late: Context) -> None:
    customer = await a_customer(late)
    receivable = await a_receivable(late, customer)
    charge = await add_charge(late, receivable.id, component="fee", amount=cny(50), reason="reminder fee")
    part = await waive_charge(late, charge.id, amount=cny(20), reason="goodwill")
    assert (part.waived_amount, part.waiver_reason) == (cny(20), "goodwill")
    await a_payment(late, customer, 10, received_on=date(2026, 3, 2))
    with pytest.raises(InvalidInput, match="20"):
        await waive_charge(late, charge.id, amount=cny(21), reason="goodwill")
    assert (await waive_charge(late, charge.id, reason="goodwill")).waived_amount == cny(40)
    with pytest.raises(Conflict, match="charge_settled"):
        await waive_charge(late, charge.id, reason="goodwill")
    after = await get_receivable(late, receivable.id)
    assert (after.charged_amount, after.open_amount) == (cny(10), cny(1000))
    entries = (await list_entries(late, receivable.id, PageRequest())).items
    assert [f"{e.kind} {e.component} {e.amount.amount}" for e in entries][1:] == [
        "charge fee 50.00",
        "charge_waiver fee -20.00",
        "allocation fee -10.00",
        "charge_waiver fee -20.00",
    ]


async def test_interest_after_the_debt_was_paid_opens_it_again(late: Context) -> None:
    customer = await a_customer(late)
    receivable, rule = await a_receivable(late, customer), await a_rule(late, THOUSANDTH)
    await a_payment(late, customer, 1000, received_on=date(2026, 3, 2))
    charge = await charge_by_rule(late, receivable.id, rule_id=rule.id)
    assert charge.amount == cny(30)
    assert (await get_receivable(late, receivable.id)).status == "partly_paid"
    assert (await events_of(late))[-1].type == "receivable.reopened"
    await waive_charge(late, charge.id, reason="paid in the end")
    assert (await get_receivable(late, receivable.id)).status == "paid"


async def test_what_is_given_up_takes_the_charges_first_and_gives_the_principal_back_first(late: Context) -> None:
    receivable = await a_receivable(late, await a_customer(late))
    await add_charge(late, receivable.id, component="interest", amount=cny(30), reason="by hand")
    write_off = await write_off_receivable(late, receivable.id, amount=cny(130), reason="settlement")
    parts = (await get_receivable(late, receivable.id)).open_parts
    assert (parts.principal, parts.interest) == (cny(900), cny(0))
    await reverse_write_off(late, write_off.id, amount=cny(110))
    parts = (await get_receivable(late, receivable.id)).open_parts
    assert (parts.principal, parts.interest) == (cny(1000), cny(10))


async def test_a_cancelled_receivable_takes_its_charges_with_it_and_gets_no_more(late: Context) -> None:
    receivable = await a_receivable(late, await a_customer(late))
    await add_charge(late, receivable.id, component="interest", amount=cny(30), reason="by hand")
    cancelled = await cancel_receivable(late, receivable.id, reason="twice")
    assert (cancelled.status, cancelled.open_amount) == ("cancelled", cny(0))
    with pytest.raises(Conflict, match="receivable_cancelled"):
        await add_charge(late, receivable.id, component="fee", amount=cny(1), reason="no")


async def test_rules_that_do_not_fit_are_refused(late: Context) -> None:
    receivable = await a_receivable(late, await a_customer(late))
    for terms, component, code in (
        (ChargeTerms(), "fee", "one_kind_of_terms"),
        (THOUSANDTH, "fee", "component_mismatch"),
        (FORTY, "interest", "component_mismatch"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await a_rule(late, terms, component)  # type: ignore[arg-type]
        assert refused.value.errors[0].code == code
    euros = replace(FORTY, fixed=FixedCharge(tiers=(Tier(below=None, amount=Money(Decimal(40), "EUR")),)))
    other_currency = await a_rule(late, euros, "cost")
    later = await a_rule(late, THOUSANDTH, valid_from=date(2026, 2, 1))
    old = await a_rule(late, THOUSANDTH)
    await archive_charge_rule(late, old.id)
    for rule, code in (
        (other_currency, "no_charge_in_currency"),
        (later, "charge_rule_not_valid"),
        (old, "charge_rule_archived"),
    ):
        with pytest.raises(Conflict, match=code):
            await charge_by_rule(late, receivable.id, rule_id=rule.id)
    assert [r.state for r in (await list_charge_rules(late, PageRequest())).items] == ["active", "active", "archived"]


async def test_every_shipped_rule_can_be_installed_and_names_its_source(late: Context) -> None:
    for pack in await list_rule_packs(late):
        rule = await create_charge_rule(
            late, name=pack.name, component=pack.component, terms=pack.terms, source=pack.source
        )
        assert rule.terms == pack.terms
        assert pack.source


async def test_a_charge_is_read_as_it_was_made(late: Context) -> None:
    receivable = await a_receivable(late, await a_customer(late))
    charge = await add_charge(late, receivable.id, component="fee", amount=cny(5), reason="reminder fee")
    assert await get_charge(late, charge.id) == charge
