"""Use cases of charges: what being paid late costs, shown for any day, added to what is owed, or waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from asyncpg import UniqueViolationError

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import charge_store, dispute_store, entry_store, store
from domain.ledger.charge_model import Charge, ChargeComponent, ChargePreview, ChargeRule, InterestSegment
from domain.ledger.model import EntryKind, Held, Receivable
from domain.ledger.movements import entries_by_part
from domain.ledger.rules.charging import Charging, DebtFacts, charging
from domain.ledger.rules.components import only
from domain.ledger.rules.disputing import undisputed
from domain.ledger.rules.late_interest import Segment
from domain.ledger.rules.standing import check_terms
from domain.ledger.settling import moved
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
        rule = await charge_store.get_rule(ctx, rule_id)
        found = await _charging(ctx, receivable, rule, day)
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
        rule = await charge_store.get_rule(ctx, rule_id)
        if rule.state == "archived":
            raise Conflict("charge_rule_archived", "The rule is not in use any more.")
        found = await _charging(ctx, held.receivable, rule, day)
        if not found.due:
            raise Conflict("nothing_to_charge", f"Up to {day} the rule has nothing more to charge.")
        return await _post(ctx, held, found.due, rule.component, day, rule_id=rule.id, reason=rule.name)


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
        return await _post(ctx, held, amount, component, effective_on or ctx.today(), rule_id=None, reason=reason)


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
        emit(ctx, NewEvent("charge.waived", charge_id, {"charge": changed}))
        await _move(ctx, held, changed, "charge_waiver", -waived, ctx.today())
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


async def _charging(ctx: Context, receivable: Receivable, rule: ChargeRule, day: date) -> Charging:
    due_on = None if receivable.due_on_is_provisional else receivable.due_on
    if due_on and ((rule.valid_from and due_on < rule.valid_from) or (rule.valid_to and due_on > rule.valid_to)):
        raise Conflict("charge_rule_not_valid", "The rule is not for debts that were due on that day.")
    frozen = await dispute_store.freezes(ctx, [receivable.id])
    facts = DebtFacts(
        invoiced=receivable.amount,
        due_on=due_on,
        balances=undisputed(await charge_store.balances(ctx, receivable.id), frozen.get(receivable.id, [])),
        charged=await charge_store.charged(ctx, receivable.id, rule.id),
    )
    return charging(rule.terms, facts, day)


async def _chargeable(ctx: Context, receivable_id: str) -> Held:
    held = await store.lock(ctx, receivable_id)
    if held.receivable.status == "cancelled":
        raise Conflict("receivable_cancelled", f"The receivable was cancelled on {held.receivable.cancelled_on}.")
    return held


async def _post(
    ctx: Context,
    held: Held,
    amount: Money,
    component: ChargeComponent,
    day: date,
    *,
    rule_id: str | None,
    reason: str,
) -> Charge:
    now = ctx.now()
    if amount.currency != held.receivable.amount.currency:
        raise InvalidInput.at(
            "/amount/currency", "currency_mismatch", f"The receivable is in {held.receivable.amount.currency}."
        )
    charge = Charge(
        id=new_id("chg"),
        receivable_id=held.receivable.id,
        customer_id=held.receivable.customer_id,
        rule_id=rule_id,
        component=component,
        amount=amount,
        waived_amount=Money.zero(amount.currency),
        reason=reason,
        waiver_reason=None,
        effective_on=day,
        version=1,
        created_at=now,
        updated_at=now,
    )
    try:
        await charge_store.add(ctx, charge)
    except UniqueViolationError as twin:
        raise Conflict("nothing_to_charge", "The rule has charged this receivable before.") from twin
    emit(ctx, NewEvent("charge.posted", charge.id, {"charge": charge}))
    await _move(ctx, held, charge, "charge", amount, day)
    return charge


async def _move(ctx: Context, held: Held, charge: Charge, kind: EntryKind, change: Money, day: date) -> None:
    receivable, parts = held.receivable, only(charge.component, change.amount)
    after = moved(ctx, held, parts, charged_amount=receivable.charged_amount + change)
    await store.save_standing(ctx, [after])
    currency = change.currency
    await entry_store.add(ctx, entries_by_part(ctx, receivable.id, kind, parts, currency, day, charge=charge.id))
    was_settled = not receivable.open_amount
    told = "receivable.reopened" if was_settled else "receivable.updated"
    if not after.receivable.open_amount:
        told = "receivable.paid" if after.receivable.status == "paid" else "receivable.written_off"
    emit(ctx, NewEvent(told, receivable.id, {"receivable": after.receivable}))


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
