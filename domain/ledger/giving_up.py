"""What a write-off does to its receivable; shared by the use cases and by payments whose small differences are let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import entry_store, store, write_off_store
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
from domain.ledger.movements import entries_by_part
from domain.ledger.rules.components import Parts, settled_parts
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
    after, movements = given_up(ctx, held, write_off)
    await store.save_standing(ctx, [after])
    await entry_store.add(ctx, movements)
    kind = "receivable.updated" if after.receivable.open_amount else "receivable.written_off"
    emit(ctx, NewEvent(kind, after.receivable.id, {"receivable": after.receivable}))
    return after


async def let_go(ctx: Context, policy: LedgerPolicy, settled: Sequence[Held], day: date) -> None:
    """Writes off what a payment has left of locked receivables where the policy tolerates it, all in one go."""
    small = [h for h in settled if is_tolerable(policy, h.receivable.open_amount)]
    if not small:
        return
    write_offs = [
        new_write_off(
            ctx, h.receivable, h.receivable.open_amount, "small_difference", note=None, day=day, state="effective"
        )
        for h in small
    ]
    moves = [given_up(ctx, h, w) for h, w in zip(small, write_offs, strict=True)]
    after = [held for held, _ in moves]
    await write_off_store.add_all(ctx, write_offs)
    await store.save_standing(ctx, after)
    await entry_store.add(ctx, [movement for _, movements in moves for movement in movements])
    emit(ctx, *(write_off_event("posted", w) for w in write_offs))
    emit(ctx, *(NewEvent("receivable.written_off", h.receivable.id, {"receivable": h.receivable}) for h in after))


def given_up(ctx: Context, held: Held, write_off: WriteOff) -> tuple[Held, list[Entry]]:
    """The locked receivable without what is given up, charges before principal, and the movements that this is."""
    parts = -settled_parts(write_off.amount.amount, held.receivable.open_parts.bare, "charges")
    written_off = held.receivable.written_off_amount + write_off.amount
    return moved(ctx, held, parts, written_off_amount=written_off), movements_of(
        ctx, write_off, "write_off", parts, write_off.effective_on
    )


def movements_of(ctx: Context, write_off: WriteOff, kind: EntryKind, parts: Parts, day: date) -> list[Entry]:
    """The entries that a write-off or its reversal is."""
    currency = write_off.amount.currency
    return entries_by_part(ctx, write_off.receivable_id, kind, parts, currency, day, write_off=write_off.id)


def write_off_event(what: str, write_off: WriteOff) -> NewEvent:
    """`write_off.requested`, `.posted`, `.rejected` or `.reversed` with the whole write-off."""
    return NewEvent(f"write_off.{what}", write_off.id, {"write_off": write_off})
