"""What payments and credit notes do to receivables: settle them, and undo that again; shared by their use cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import allocation_store, entry_store, store
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
    Settlement,
)
from domain.ledger.receivables import entries_by_part
from domain.ledger.remittance import named_receivables
from domain.ledger.rules.allocation import Share, allocate_as_named, allocate_by_policy
from domain.ledger.rules.components import Parts, SettleFirst, settled_parts
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
    """Lowers the open amounts of the locked receivables by stored allocations, with entries of `day` and events."""
    by_id = {h.receivable.id: h for h in held}
    kind: EntryKind = "allocation" if isinstance(source, Payment) else "credit"
    settled: list[Held] = []
    movements: list[Entry] = []
    for a in allocations:
        parts = settled_parts(a.amount.amount, by_id[a.receivable_id].receivable.open_parts.bare, first)
        settled.append(moved(ctx, by_id[a.receivable_id], -parts))
        movements += entries_by_part(ctx, a.receivable_id, kind, -parts, a.amount.currency, day, allocation=a.id)
    await store.save(ctx, settled)
    await entry_store.add(ctx, movements)
    emit(ctx, *(_standing_event(source, h, _settled_as(h)) for h in settled))
    return settled


async def undo(ctx: Context, source: Settlement, allocations: Sequence[Allocation], day: date) -> None:
    """Takes allocations of a locked payment or credit note back: what they settled is open again, exactly, and told by events."""
    held = {h.receivable.id: h for h in await store.lock_all(ctx, [a.receivable_id for a in allocations])}
    undone = [(new_id("alc"), allocation) for allocation in allocations]
    await allocation_store.undo(ctx, source.id, undone)
    settled = await entry_store.parts_by_source(ctx, "allocation_id", [a.id for a in allocations])
    settled_on = await entry_store.days_of_allocations(ctx, [a.id for a in allocations])
    kind: EntryKind = "allocation_reversal" if isinstance(source, Payment) else "credit_reversal"
    back: dict[str, Parts] = {}
    movements: list[Entry] = []
    for new, a in undone:
        parts = -settled[a.id]
        # A payment may have settled the same receivable more than once.
        back[a.receivable_id] = back.get(a.receivable_id, Parts()) + parts
        # Nothing is taken back before it was given: between the two days more would be open than is owed.
        on = max(day, settled_on[a.id])
        movements += entries_by_part(ctx, a.receivable_id, kind, parts, a.amount.currency, on, allocation=new)
    reopened = [moved(ctx, held[receivable_id], parts) for receivable_id, parts in back.items()]
    await store.save(ctx, reopened)
    await entry_store.add(ctx, movements)
    emit(ctx, *(_standing_event(source, h, "receivable.reopened") for h in reopened))


def moved(ctx: Context, held: Held, change: Parts, **more: object) -> Held:
    """A locked receivable whose open amount changed, and with it all that depends on it; `more` are other changed fields."""
    before, now = held.receivable, ctx.now()
    currency = before.amount.currency
    changed = replace(
        before,
        open_amount=before.open_amount + Money(change.total, currency),
        open_parts=OpenParts.of(before.open_parts.bare + change, currency),
        **more,  # type: ignore[arg-type]
    )
    after = standing_on(changed, local_date(now, held.time_zone))
    after = replace(after, version=before.version + 1, updated_at=now)
    return replace(held, receivable=after, overdue_at=overdue_at_after(held, after))


def _settled_as(held: Held) -> str:
    """The last payment of a debt that was partly given up settles it all the same: it is told as paid."""
    return "receivable.partly_paid" if held.receivable.open_amount else "receivable.paid"


def _standing_event(source: Settlement, held: Held, kind: str) -> NewEvent:
    by: dict[str, str | None] = {"payment_id": None, "credit_note_id": None}
    by["payment_id" if isinstance(source, Payment) else "credit_note_id"] = source.id
    return NewEvent(kind, held.receivable.id, {"receivable": held.receivable, **by})


def _open_amounts(held: Sequence[Held]) -> dict[str, Decimal]:
    return {h.receivable.id: h.receivable.open_amount.amount for h in held if h.receivable.open_amount}
