"""Use cases of charges: what being paid late costs, shown for any day, added to what is owed, or waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import charge_store, store
from domain.ledger.charge_model import Charge, ChargeComponent, ChargePreview, InterestSegment
from domain.ledger.charge_posting import (
    charge_facts,
    charging_of,
    movement,
    posting,
    posting_by_rule,
    store_charges,
    store_movements,
)
from domain.ledger.model import Held, Receivable
from domain.ledger.rules.charging import check_chargeable
from domain.ledger.rules.late_interest import Segment
from domain.ledger.rules.standing import check_terms
from domain.storage.transaction import reading, transaction

_TEN_DIGITS = Decimal("0.0000000001")


@use_case("charges:read")
async def preview_charge(ctx: Context, receivable_id: str, *, rule_id: str, as_of: date | None = None) -> ChargePreview:
    """What a rule comes to for a receivable on `as_of` (today without one), and how; stores nothing."""
    check_terms(received_on=as_of)
    day = as_of or ctx.today()
    async with reading(ctx):
        receivable = await store.find(ctx, receivable_id)
        if receivable is None:
            raise NotFound.of("receivable", receivable_id)
        facts = await charge_facts(ctx, [receivable_id], [rule_id])
        found = charging_of(facts, receivable, rule_id, day)
    segments = found.accrual.segments if found.accrual else ()
    return ChargePreview(
        receivable_id=receivable_id,
        rule_id=rule_id,
        as_of=day,
        total=found.total,
        due=found.due,
        segments=[_shown(segment, receivable.amount.currency) for segment in segments],
    )


@use_case("charges:write")
async def charge_by_rule(ctx: Context, receivable_id: str, *, rule_id: str, as_of: date | None = None) -> Charge:
    """Adds what a rule comes to up to `as_of`, less what it has charged before; raises Conflict (`nothing_to_charge`)."""
    check_terms(received_on=as_of)
    day = as_of or ctx.today()
    async with transaction(ctx):
        held = await _chargeable(ctx, receivable_id)
        facts = await charge_facts(ctx, [receivable_id], [rule_id])
        posted = posting_by_rule(ctx, held, facts, rule_id, day)
        await store_charges(ctx, [posted])
    return posted.charge


@use_case("charges:write")
async def add_charge(
    ctx: Context,
    receivable_id: str,
    *,
    component: ChargeComponent,
    amount: Money,
    reason: str,
    effective_on: date | None = None,
) -> Charge:
    """Adds an amount by hand, such as the cost of a lawyer's letter."""
    check_terms(amount=amount, reason=reason, received_on=effective_on)
    async with transaction(ctx):
        held = await _chargeable(ctx, receivable_id)
        currency = held.receivable.amount.currency
        if amount.currency != currency:
            raise InvalidInput.at("/amount/currency", "currency_mismatch", f"The receivable is in {currency}.")
        day = effective_on or ctx.today()
        posted = posting(ctx, held, amount, component, day, rule_id=None, reason=reason)
        await store_charges(ctx, [posted])
    return posted.charge


@use_case("charges:write")
async def waive_charge(
    ctx: Context, charge_id: str, *, amount: Money | None = None, reason: str, expected_version: int | None = None
) -> Charge:
    """Gives a charge up, whole or in part, as far as nobody has paid it; raises Conflict (`charge_settled`)."""
    check_terms(reason=reason)
    async with transaction(ctx):
        found = await charge_store.get(ctx, charge_id)
        held = await store.lock(ctx, found.receivable_id)
        charge = await charge_store.get(ctx, charge_id, lock=True)
        expect(charge.version, expected_version)
        waived = _waivable(charge, held.receivable, amount)
        changed = replace(
            charge,
            waived_amount=charge.waived_amount + waived,
            waiver_reason=reason,
            version=charge.version + 1,
            updated_at=ctx.now(),
        )
        await charge_store.save(ctx, changed)
        await store_movements(ctx, [movement(ctx, held, changed, "charge_waiver", -waived, ctx.today())])
    return changed


@use_case("charges:read")
async def get_charge(ctx: Context, charge_id: str) -> Charge:
    """One charge; raises NotFound."""
    async with reading(ctx):
        return await charge_store.get(ctx, charge_id)


@use_case("charges:read")
async def list_charges(ctx: Context, page: PageRequest, *, receivable_id: str | None = None) -> Page[Charge]:
    """Charges in the order of their creation."""
    async with reading(ctx):
        rows = await charge_store.page(ctx, receivable_id, page)
    return page_of(rows, page, lambda row: str(row["id"]), charge_store.charge_of)


async def _chargeable(ctx: Context, receivable_id: str) -> Held:
    held = await store.lock(ctx, receivable_id)
    check_chargeable(held.receivable)
    return held


def _waivable(charge: Charge, receivable: Receivable, amount: Money | None) -> Money:
    left = charge.amount - charge.waived_amount
    still_open: Money = min(left, getattr(receivable.open_parts, charge.component))
    wanted = still_open if amount is None else amount
    if not still_open:
        raise Conflict("charge_settled", "Nothing of this charge is open any more.")
    if wanted.amount <= 0:
        raise InvalidInput.at("/amount/amount", "amount_not_positive", "The amount is more than zero.")
    if wanted > still_open:
        raise InvalidInput.at(
            "/amount/amount", "waiver_exceeds_open_charge", f"Only {still_open.amount} of it is open."
        )
    return wanted


def _shown(segment: Segment, currency: str) -> InterestSegment:
    exact = Decimal(segment.interest.numerator) / Decimal(segment.interest.denominator)
    return InterestSegment(
        first_on=segment.first_on,
        last_on=segment.last_on,
        open_amount=Money(segment.open_amount, currency),
        rate=segment.rate,
        interest=exact.quantize(_TEN_DIGITS),
    )
