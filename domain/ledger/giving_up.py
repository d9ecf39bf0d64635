"""What a write-off does to its receivable; shared by the use cases and by payments whose small differences are let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import store, write_off_store
from domain.ledger.model import (
    Entry,
    EntryKind,
    Held,
    LedgerPolicy,
    Receivable,
    WriteOff,
    WriteOffReason,
    WriteOffState,
)
from domain.ledger.receivables import entry
from domain.ledger.rules.policy import is_tolerable
from domain.ledger.settling import moved


def new_write_off(
    ctx: Context,
    receivable: Receivable,
    amount: Money,
    reason: WriteOffReason,
    *,
    note: str | None,
    day: date,
    state: WriteOffState,
) -> WriteOff:
    """A write-off that is not stored yet."""
    now = ctx.now()
    return WriteOff(
        id=new_id("wof"),
        receivable_id=receivable.id,
        customer_id=receivable.customer_id,
        amount=amount,
        reversed_amount=Money.zero(amount.currency),
        reason=reason,
        note=note,
        state=state,
        effective_on=day,
        requested_by=ctx.actor.id,
        decided_by=None,
        version=1,
        created_at=now,
        updated_at=now,
    )


async def take_effect(ctx: Context, held: Held, write_off: WriteOff) -> Held:
    """Lowers the open amount of the locked receivable by what is given up, with its entry and event."""
    written_off = held.receivable.written_off_amount + write_off.amount
    after = moved(ctx, held, -write_off.amount, written_off_amount=written_off)
    await store_moved(ctx, after, movement_of(ctx, write_off, "write_off", -write_off.amount, write_off.effective_on))
    kind = "receivable.updated" if after.receivable.open_amount else "receivable.written_off"
    emit(ctx, NewEvent(kind, after.receivable.id, {"receivable": after.receivable}))
    return after


async def let_go(ctx: Context, policy: LedgerPolicy, settled: Sequence[Held], day: date) -> None:
    """Writes off what a payment has left of locked receivables where the policy tolerates it, all in one go."""
    small = [h for h in settled if is_tolerable(policy, h.receivable.open_amount)]
    if not small:
        return
    given_up = [
        new_write_off(
            ctx, h.receivable, h.receivable.open_amount, "small_difference", note=None, day=day, state="effective"
        )
        for h in small
    ]
    after = [
        moved(ctx, h, -w.amount, written_off_amount=h.receivable.written_off_amount + w.amount)
        for h, w in zip(small, given_up, strict=True)
    ]
    await write_off_store.add_all(ctx, given_up)
    await store.save(ctx, after)
    await store.add_entries(ctx, [movement_of(ctx, w, "write_off", -w.amount, day) for w in given_up])
    emit(ctx, *(write_off_event("posted", w) for w in given_up))
    emit(ctx, *(NewEvent("receivable.written_off", h.receivable.id, {"receivable": h.receivable}) for h in after))


async def store_moved(ctx: Context, after: Held, movement: Entry) -> None:
    """Stores a changed receivable together with the entry that changed it."""
    await store.save(ctx, [after])
    await store.add_entries(ctx, [movement])


def movement_of(ctx: Context, write_off: WriteOff, kind: EntryKind, amount: Money, day: date) -> Entry:
    """The entry that a write-off or its reversal is."""
    return entry(ctx, write_off.receivable_id, kind, amount, day, write_off=write_off.id)


def write_off_event(what: str, write_off: WriteOff) -> NewEvent:
    """`write_off.requested`, `.posted`, `.rejected` or `.reversed` with the whole write-off."""
    return NewEvent(f"write_off.{what}", write_off.id, {"write_off": write_off})
