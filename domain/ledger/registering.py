"""What a new receivable and a changed one are, stored with their entries and told by events; shared by the use cases of receivables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.ledger import entry_store, line_store, store
from domain.ledger.detail_model import Line
from domain.ledger.lines import amount_differs_from_lines, rewrite_lines, tell_lines_replaced
from domain.ledger.model import CustomerRef, Held, OpenParts, Receivable
from domain.ledger.movements import correction_of
from domain.ledger.rules.components import only
from domain.ledger.rules.early_payment import offered
from domain.ledger.rules.lines import check_lines, numbered
from domain.ledger.rules.payment_terms import is_provisional
from domain.ledger.rules.references import NO_REFERENCES
from domain.ledger.rules.standing import days_overdue, overdue_at_after, revised, touched, turns_overdue_at


async def register(
    ctx: Context,
    customer: CustomerRef,
    external_id: str | None,
    terms: dict[str, Any],
    lines: Sequence[Line] | None = None,
) -> Receivable:
    """A new receivable, stored and told, perhaps with lines."""
    check_lines(lines or (), terms["amount"])
    held = new_receivable(ctx, customer, external_id, terms)
    receivable = held.receivable
    await store.add(ctx, [held])
    await line_store.add(ctx, receivable.id, numbered(lines or ()))
    emit(ctx, NewEvent("receivable.created", receivable.id, {"receivable": receivable}))
    return receivable


async def save_changes(
    ctx: Context, held: Held, changes: dict[str, Any], lines: Sequence[Line] | None = None
) -> Receivable:
    """A locked receivable with changed terms, stored and told; the same one if that changes nothing. Raises Conflict."""
    changed = changed_receivable(ctx, held, changes)
    after = (changed or held).receivable
    if lines is None and after.amount != held.receivable.amount and await line_store.having_lines(ctx, [after.id]):
        raise amount_differs_from_lines()
    has_new_lines = lines is not None and await rewrite_lines(ctx, after, lines)
    if changed is None and not has_new_lines:
        return held.receivable
    changed = changed or touched(held, ctx.now())
    await store.save(ctx, [changed])
    await entry_store.add(ctx, correction_of(ctx, held.receivable, changed.receivable))
    if after != held.receivable:
        emit(ctx, *change_events(held.receivable, changed.receivable))
    if has_new_lines:
        tell_lines_replaced(ctx, changed.receivable, lines or ())
    return changed.receivable


def new_receivable(ctx: Context, customer: CustomerRef, external_id: str | None, terms: dict[str, Any]) -> Held:
    """A receivable that is not stored yet."""
    now = ctx.now()
    terms = {"payment_terms": None, "delivery": None, "part": None, **asdict(NO_REFERENCES), **terms}
    waits = is_provisional(terms["payment_terms"], terms["delivery"])
    today = local_date(now, customer.time_zone)
    days = days_overdue(terms["due_on"], terms["amount"].amount, today, is_provisional=waits)
    receivable = Receivable(
        id=new_id("rcv"),
        external_id=external_id,
        customer_id=customer.id,
        charged_amount=Money.zero(terms["amount"].currency),
        open_amount=terms["amount"],
        open_parts=OpenParts.of(only("principal", terms["amount"].amount), terms["amount"].currency),
        written_off_amount=Money.zero(terms["amount"].currency),
        cancelled_on=None,
        cancellation_reason=None,
        due_on_is_provisional=waits,
        discount=offered(terms["payment_terms"], terms["amount"], terms["issued_on"], delivery=terms["delivery"]),
        status="open",
        overdue=days > 0,
        days_overdue=days,
        version=1,
        created_at=now,
        updated_at=now,
        **terms,
    )
    overdue_at = None if waits else turns_overdue_at(receivable.due_on, customer.time_zone)
    return Held(receivable=receivable, time_zone=customer.time_zone, overdue_at=overdue_at)


def changed_receivable(ctx: Context, held: Held, changes: dict[str, Any]) -> Held | None:
    """A locked receivable with changed terms, or None if that changes nothing; raises Conflict."""
    receivable = held.receivable
    changed = revised(receivable, changes, local_date(ctx.now(), held.time_zone))
    if changed == receivable:
        return None
    changed = replace(changed, version=receivable.version + 1, updated_at=ctx.now())
    return replace(held, receivable=changed, overdue_at=overdue_at_after(held, changed))


def change_events(before: Receivable, after: Receivable) -> list[NewEvent]:
    """`receivable.updated`, and what else a change may be: a delivery recorded, or a correction that left nothing open."""
    events = [NewEvent("receivable.updated", after.id, {"receivable": after})]
    if after.delivery != before.delivery:
        events.append(NewEvent("receivable.delivery_recorded", after.id, {"receivable": after}))
    if after.status == "paid" and before.status != "paid":
        events.append(NewEvent("receivable.paid", after.id, {"receivable": after, "payment_id": None}))
    return events
