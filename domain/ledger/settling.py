"""What payments and credit notes do to receivables: settle them, and undo that again; shared by their use cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import allocation_store, discount_store, entry_store, store
from domain.ledger.model import (
    Allocation,
    AllocationPolicy,
    AllocationWish,
    Entry,
    EntryKind,
    Held,
    OpenItem,
    OpenParts,
    Payment,
    Receivable,
    Settlement,
)
from domain.ledger.movements import entries_by_part
from domain.ledger.remittance import named_receivables
from domain.ledger.rules.allocation import Share, allocate_as_named, allocate_by_policy
from domain.ledger.rules.components import Parts, SettleFirst, only, settled_parts
from domain.ledger.rules.early_payment import earned_by, lost_by
from domain.ledger.rules.standing import overdue_at_after, standing_on


async def shares_for(
    ctx: Context, customer_id: str, amount: Money, wishes: Sequence[AllocationWish] | None, policy: AllocationPolicy
) -> tuple[list[Held], list[Share]]:
    """Which of the customer's receivables get what of `amount`; they are locked until the transaction ends."""
    if wishes is None:
        held = await store.lock_open(ctx, customer_id, amount.currency)
        items = [OpenItem(h.receivable.id, h.receivable.open_amount.amount, h.receivable.due_on) for h in held]
        return held, allocate_by_policy(policy, amount, items)
    names = await named_receivables(ctx, customer_id, amount.currency, wishes)
    held = await store.lock_all(ctx, [name.receivable_id for name in names])
    return held, allocate_as_named(amount.amount, names, _open_amounts(held))


def allocations_of(shares: Sequence[Share], currency: str) -> list[Allocation]:
    """Allocations that are not stored yet."""
    return [
        Allocation(id=new_id("alc"), receivable_id=share.receivable_id, amount=Money(share.amount, currency))
        for share in shares
    ]


async def settle(
    ctx: Context,
    source: Settlement,
    allocations: Sequence[Allocation],
    held: Sequence[Held],
    day: date,
    first: SettleFirst,
) -> list[Held]:
    """Lowers the open amounts of the locked receivables by stored allocations, with entries of `day` and events.

    A payment in time that brings what was paid in time to the amount less the discount also settles the rest by that discount.
    """
    by_id = {h.receivable.id: h for h in held}
    kind: EntryKind = "allocation" if isinstance(source, Payment) else "credit"
    in_time = await discount_store.paid_in_time(ctx, source, [by_id[a.receivable_id] for a in allocations])
    settled: list[Held] = []
    movements: list[Entry] = []
    for a in allocations:
        before, currency = by_id[a.receivable_id], a.amount.currency
        parts = settled_parts(a.amount.amount, before.receivable.open_parts.bare, first)
        discount = -_discount(earned_by, source, before.receivable, in_time, parts.principal)
        settled.append(_moved_with_discount(ctx, before, -parts, discount))
        movements += entries_by_part(ctx, a.receivable_id, kind, -parts, currency, day, allocation=a.id)
        movements += entries_by_part(ctx, a.receivable_id, "discount", discount, currency, day, allocation=a.id)
    await store.save_standing(ctx, settled)
    await entry_store.add(ctx, movements)
    emit(ctx, *(_standing_event(source, h, _settled_as(h)) for h in settled))
    return settled


async def undo(ctx: Context, source: Settlement, allocations: Sequence[Allocation], day: date) -> None:
    """Takes allocations of a locked payment or credit note back: what they settled is open again, exactly, and told by events.

    So is a discount that does not hold without them. Nothing is taken back before the day on which it was given: between the two
    days more would be open than is owed.
    """
    held = {h.receivable.id: h for h in await store.lock_all(ctx, [a.receivable_id for a in allocations])}
    undone = [(new_id("alc"), allocation) for allocation in allocations]
    await allocation_store.undo(ctx, source.id, undone)
    back, movements = await _taken_back(ctx, source, undone, day)
    reopened, lost = await _reopened(ctx, source, held, back, {a.receivable_id: new for new, a in undone}, day)
    await store.save_standing(ctx, reopened)
    await entry_store.add(ctx, movements + lost)
    emit(ctx, *(_standing_event(source, h, "receivable.reopened") for h in reopened))


async def _taken_back(
    ctx: Context, source: Settlement, undone: Sequence[tuple[str, Allocation]], day: date
) -> tuple[dict[str, Parts], list[Entry]]:
    """What is open again of each receivable, and the entries that this is; `undone` are pairs of a new id and an allocation."""
    ids = [a.id for _, a in undone]
    settled = await entry_store.parts_by_source(ctx, "allocation_id", ids)
    settled_on = await entry_store.days_of_allocations(ctx, ids)
    kind: EntryKind = "allocation_reversal" if isinstance(source, Payment) else "credit_reversal"
    back: dict[str, Parts] = {}
    movements: list[Entry] = []
    for new, a in undone:
        parts = -settled[a.id]
        # A payment may have settled the same receivable more than once.
        back[a.receivable_id] = back.get(a.receivable_id, Parts()) + parts
        on = max(day, settled_on[a.id])
        movements += entries_by_part(ctx, a.receivable_id, kind, parts, a.amount.currency, on, allocation=new)
    return back, movements


async def _reopened(
    ctx: Context,
    source: Settlement,
    held: Mapping[str, Held],
    back: Mapping[str, Parts],
    by: Mapping[str, str],
    day: date,
) -> tuple[list[Held], list[Entry]]:
    """The locked receivables with what is open again of them, and the entries of discounts that are lost by it."""
    in_time = await discount_store.paid_in_time(ctx, source, held.values())
    taken_on = await discount_store.taken_on(ctx, list(in_time))
    reopened: list[Held] = []
    movements: list[Entry] = []
    for one, parts in back.items():
        lost = _discount(lost_by, source, held[one].receivable, in_time, parts.principal)
        reopened.append(_moved_with_discount(ctx, held[one], parts, lost))
        on, currency = max(day, taken_on.get(one, day)), source.amount.currency
        movements += entries_by_part(ctx, one, "discount_reversal", lost, currency, on, allocation=by[one])
    return reopened, movements


def moved(ctx: Context, held: Held, change: Parts, **more: object) -> Held:
    """A locked receivable whose open amount changed, and with it all that depends on it; `more` are other changed fields."""
    before, now = held.receivable, ctx.now()
    currency = before.amount.currency
    after = standing_on(
        before,
        local_date(now, held.time_zone),
        open_amount=before.open_amount + Money(change.total, currency),
        open_parts=OpenParts.of(before.open_parts.bare + change, currency),
        version=before.version + 1,
        updated_at=now,
        **more,
    )
    return replace(held, receivable=after, overdue_at=overdue_at_after(held, after))


def _discount(
    rule: Callable[[Receivable, Decimal, Decimal, date], Decimal],
    source: Settlement,
    receivable: Receivable,
    in_time: Mapping[str, Decimal],
    principal: Decimal,
) -> Parts:
    """What a movement of principal earns or loses by `rule`; nothing where it does not bear on a discount."""
    if not isinstance(source, Payment) or receivable.id not in in_time:
        return Parts()
    return only("principal", rule(receivable, in_time[receivable.id], principal, source.received_on))


def _moved_with_discount(ctx: Context, held: Held, change: Parts, discount: Parts) -> Held:
    """A moved receivable of whose principal a discount takes a part as well, or gives it back."""
    before = held.receivable.discount
    if before is None or not discount.total:
        return moved(ctx, held, change)
    taken = before.taken_amount - Money(discount.total, before.taken_amount.currency)
    return moved(ctx, held, change + discount, discount=replace(before, taken_amount=taken))


def _settled_as(held: Held) -> str:
    """The last payment of a debt that was partly given up settles it all the same: it is told as paid."""
    return "receivable.partly_paid" if held.receivable.open_amount else "receivable.paid"


def _standing_event(source: Settlement, held: Held, kind: str) -> NewEvent:
    by: dict[str, str | None] = {"payment_id": None, "credit_note_id": None}
    by["payment_id" if isinstance(source, Payment) else "credit_note_id"] = source.id
    return NewEvent(kind, held.receivable.id, {"receivable": held.receivable, **by})


def _open_amounts(held: Sequence[Held]) -> dict[str, Decimal]:
    return {h.receivable.id: h.receivable.open_amount.amount for h in held if h.receivable.open_amount}
