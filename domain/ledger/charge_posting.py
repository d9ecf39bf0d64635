"""Posting charges: what is known, what comes of it, and what is stored; for one receivable as for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import charge_store, dispute_store, entry_store, store
from domain.ledger.charge_model import Charge, ChargeComponent, ChargeRule
from domain.ledger.model import Entry, EntryKind, Held, Receivable
from domain.ledger.movements import entries_by_part
from domain.ledger.rules.charging import Charging, DebtFacts, charging, check_chargeable, check_stands
from domain.ledger.rules.components import only
from domain.ledger.rules.disputing import Freeze, undisputed
from domain.ledger.rules.late_interest import Balance
from domain.ledger.settling import moved


@dataclass(frozen=True, slots=True)
class ChargeWish:
    """A receivable, the rule it is to be charged by, and the day up to which, which is also the charge's value date."""

    receivable_id: str
    rule_id: str
    day: date


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """What became of a wish: the charge and what is open of the receivable after it, or the code of why there is none."""

    charge: Charge | None = None
    open_amount: Money | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What charging some receivables by some rules depends on; `charged` is by receivable and rule."""

    rules: dict[str, ChargeRule]
    balances: dict[str, list[Balance]]
    freezes: dict[str, list[Freeze]]
    charged: dict[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Posting:
    """A charge or its waiver, and what it moves; not stored yet."""

    charge: Charge
    after: Held
    entries: list[Entry]
    events: list[NewEvent]


async def post_charges(ctx: Context, wishes: Sequence[ChargeWish]) -> list[ChargeResult]:
    """Charges a batch of receivables in the open transaction; a result for each wish, in their order, none is an exception.

    The receivables are locked in the order of all who lock several, and the number of statements is the same for any number of
    wishes. Wishes for one receivable follow one another. Unlike a charge that a person makes, none is added to a debt that is
    settled, disputed as a whole, or of which nobody knows yet when it is due: `receivable_settled`, `disputed`, `due_date_provisional`.
    """
    locked = await store.lock_all(ctx, list({wish.receivable_id for wish in wishes}))
    held = {one.receivable.id: one for one in locked}
    facts = await charge_facts(ctx, list(held), list({wish.rule_id for wish in wishes}))
    postings: list[Posting] = []
    results: list[ChargeResult] = []
    for wish in wishes:
        try:
            posting = _posting_of(ctx, held, facts, wish)
        except DunwellError as refused:
            results.append(ChargeResult(refusal=refused.errors[0].code if refused.errors else refused.code))
            continue
        key = (wish.receivable_id, wish.rule_id)
        held[wish.receivable_id] = posting.after
        facts.charged[key] = facts.charged.get(key, Decimal(0)) + posting.charge.amount.amount
        postings.append(posting)
        results.append(ChargeResult(posting.charge, posting.after.receivable.open_amount))
    await store_charges(ctx, postings)
    return results


async def charge_facts(ctx: Context, receivable_ids: Sequence[str], rule_ids: Sequence[str]) -> ChargeFacts:
    """Everything for these receivables and rules, in four statements; to be posted by, the receivables must be locked before."""
    return ChargeFacts(
        rules=await charge_store.get_rules(ctx, rule_ids),
        balances=await charge_store.balances(ctx, receivable_ids),
        freezes=await dispute_store.freezes(ctx, receivable_ids),
        charged=await charge_store.charged(ctx, receivable_ids, rule_ids),
    )


def charging_of(facts: ChargeFacts, receivable: Receivable, rule_id: str, day: date) -> Charging:
    """What a rule comes to; raises NotFound, or Conflict where the rule is not for this debt."""
    rule = _rule(facts, rule_id)
    due_on = None if receivable.due_on_is_provisional else receivable.due_on
    if due_on and ((rule.valid_from and due_on < rule.valid_from) or (rule.valid_to and due_on > rule.valid_to)):
        raise Conflict("charge_rule_not_valid", "The rule is not for debts that were due on that day.")
    debt = DebtFacts(
        invoiced=receivable.amount,
        due_on=due_on,
        balances=undisputed(facts.balances.get(receivable.id, []), facts.freezes.get(receivable.id, [])),
        charged=facts.charged.get((receivable.id, rule_id), Decimal(0)),
    )
    return charging(rule.terms, debt, day)


def posting_by_rule(ctx: Context, held: Held, facts: ChargeFacts, rule_id: str, day: date) -> Posting:
    """The charge of what a rule comes to up to `day`, less what it has charged; raises NotFound, Conflict (`nothing_to_charge`)."""
    check_chargeable(held.receivable)
    rule = _rule(facts, rule_id)
    if rule.state == "archived":
        raise Conflict("charge_rule_archived", "The rule is not in use any more.")
    found = charging_of(facts, held.receivable, rule_id, day)
    if not found.due:
        raise Conflict("nothing_to_charge", f"Up to {day} the rule has nothing more to charge.")
    return posting(ctx, held, found.due, rule.component, day, rule_id=rule.id, reason=rule.name)


def posting(
    ctx: Context,
    held: Held,
    amount: Money,
    component: ChargeComponent,
    day: date,
    *,
    rule_id: str | None,
    reason: str,
) -> Posting:
    """A charge of an amount in the receivable's currency."""
    now = ctx.now()
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
    return movement(ctx, held, charge, "charge", amount, day)


def movement(ctx: Context, held: Held, charge: Charge, kind: EntryKind, change: Money, day: date) -> Posting:
    """What a charge, or the waiver of one, makes of a locked receivable, and what is told of both."""
    before, parts = held.receivable, only(charge.component, change.amount)
    after = moved(ctx, held, parts, charged_amount=before.charged_amount + change)
    told = "receivable.updated" if before.open_amount else "receivable.reopened"
    if not after.receivable.open_amount:
        told = "receivable.paid" if after.receivable.status == "paid" else "receivable.written_off"
    events = [
        NewEvent("charge.posted" if kind == "charge" else "charge.waived", charge.id, {"charge": charge}),
        NewEvent(told, before.id, {"receivable": after.receivable}),
    ]
    entries = entries_by_part(ctx, before.id, kind, parts, change.currency, day, charge=charge.id)
    return Posting(charge, after, entries, events)


async def store_charges(ctx: Context, postings: Sequence[Posting]) -> None:
    """Stores new charges and what they move, in three statements."""
    await charge_store.add(ctx, [one.charge for one in postings])
    await store_movements(ctx, postings)


async def store_movements(ctx: Context, postings: Sequence[Posting]) -> None:
    """Stores what charges or waivers move, in two statements; of several on one receivable the last tells how it stands."""
    standing = {one.after.receivable.id: one.after for one in postings}
    await store.save_standing(ctx, list(standing.values()))
    await entry_store.add(ctx, [entry for one in postings for entry in one.entries])
    emit(ctx, *(event for one in postings for event in one.events))


def _posting_of(ctx: Context, held: dict[str, Held], facts: ChargeFacts, wish: ChargeWish) -> Posting:
    if wish.receivable_id not in held:
        raise NotFound.of("receivable", wish.receivable_id)
    one = held[wish.receivable_id]
    check_chargeable(one.receivable)
    check_stands(one.receivable, facts.freezes.get(wish.receivable_id, []))
    return posting_by_rule(ctx, one, facts, wish.rule_id, wish.day)


def _rule(facts: ChargeFacts, rule_id: str) -> ChargeRule:
    rule = facts.rules.get(rule_id)
    if rule is None:
        raise NotFound.of("charge_rule", rule_id)
    return rule
