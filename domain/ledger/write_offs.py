"""Use cases that give up what is owed, whole or in part, and take that back; and that say that something was never owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from asyncpg import UniqueViolationError

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import entry_store, store
from domain.ledger import write_off_store as write_offs
from domain.ledger.giving_up import movements_of, new_write_off, take_effect, write_off_event
from domain.ledger.model import Held, Receivable, WriteOff, WriteOffReason, WriteOffState
from domain.ledger.movements import entries_by_part
from domain.ledger.rules.components import settled_parts
from domain.ledger.rules.policy import needs_approval
from domain.ledger.rules.standing import check_terms
from domain.ledger.settling import moved
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def write_off_receivable(
    ctx: Context,
    receivable_id: str,
    *,
    amount: Money | None = None,
    reason: WriteOffReason,
    note: str | None = None,
    effective_on: date | None = None,
) -> WriteOff:
    """Gives up `amount` of a receivable, all that is open without one; above the tenant's limit a second person has to approve.

    Raises Conflict if nothing is open or another one is pending, InvalidInput for more than is open.
    """
    check_terms(note=note, received_on=effective_on)
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        open_amount = held.receivable.open_amount
        wanted = open_amount if amount is None else amount
        _check_amount(wanted, held.receivable)
        pending = needs_approval(await write_offs.policy(ctx), wanted)
        write_off = new_write_off(
            ctx,
            held.receivable,
            wanted,
            reason,
            note=note,
            day=effective_on or ctx.today(),
            state="pending_approval" if pending else "effective",
        )
        try:
            await write_offs.add(ctx, write_off)
        except UniqueViolationError as twin:
            raise Conflict("write_off_pending", "A write-off of this receivable waits for approval.") from twin
        emit(ctx, write_off_event("requested" if pending else "posted", write_off))
        if not pending:
            await take_effect(ctx, held, write_off)
    return write_off


@use_case("approvals:write")
async def approve_write_off(ctx: Context, write_off_id: str, *, expected_version: int | None = None) -> WriteOff:
    """Lets a pending write-off take effect; whoever asked for it cannot (`own_request`)."""
    async with transaction(ctx):
        held, write_off = await _pending(ctx, write_off_id, expected_version)
        if write_off.amount > held.receivable.open_amount:
            raise Conflict("write_off_exceeds_open_amount", f"Only {held.receivable.open_amount.amount} is still open.")
        decided = _decided(ctx, write_off, "effective")
        await write_offs.save(ctx, decided)
        emit(ctx, write_off_event("posted", decided))
        await take_effect(ctx, held, decided)
    return decided


@use_case("approvals:write")
async def reject_write_off(ctx: Context, write_off_id: str, *, expected_version: int | None = None) -> WriteOff:
    """Refuses a pending write-off; whoever asked for it cannot (`own_request`)."""
    async with transaction(ctx):
        _, write_off = await _pending(ctx, write_off_id, expected_version)
        decided = _decided(ctx, write_off, "rejected")
        await write_offs.save(ctx, decided)
        emit(ctx, write_off_event("rejected", decided))
    return decided


@use_case("receivables:write")
async def reverse_write_off(
    ctx: Context, write_off_id: str, *, amount: Money | None = None, expected_version: int | None = None
) -> WriteOff:
    """Opens what was given up again, whole or in part, for example because the customer pays after all."""
    async with transaction(ctx):
        held, write_off = await _locked(ctx, write_off_id, expected_version)
        left = write_off.amount - write_off.reversed_amount
        if write_off.state != "effective":
            raise Conflict("write_off_not_effective", f"The write-off is {write_off.state}.")
        back = left if amount is None else amount
        if back.amount <= 0:
            raise InvalidInput.at("/amount/amount", "amount_not_positive", "The amount is more than zero.")
        if back > left:
            raise InvalidInput.at("/amount/amount", "reversal_exceeds_write_off", f"Only {left.amount} is given up.")
        reversed_amount = write_off.reversed_amount + back
        changed = replace(
            write_off,
            reversed_amount=reversed_amount,
            state="reversed" if reversed_amount == write_off.amount else "effective",
            version=write_off.version + 1,
            updated_at=ctx.now(),
        )
        await write_offs.save(ctx, changed)
        emit(ctx, write_off_event("reversed", changed))
        given = -(await entry_store.parts_by_source(ctx, "write_off_id", [write_off.id]))[write_off.id]
        parts = settled_parts(back.amount, given, "principal")
        reopened = moved(ctx, held, parts, written_off_amount=held.receivable.written_off_amount - back)
        await store.save_standing(ctx, [reopened])
        await entry_store.add(ctx, movements_of(ctx, changed, "write_off_reversal", parts, ctx.today()))
        emit(ctx, NewEvent("receivable.reopened", reopened.receivable.id, {"receivable": reopened.receivable}))
    return changed


@use_case("receivables:write")
async def cancel_receivable(
    ctx: Context, receivable_id: str, *, reason: str, expected_version: int | None = None
) -> Receivable:
    """Says that it was never owed, and ends it; raises Conflict (`receivable_partly_settled`) once anything settled it."""
    check_terms(reason=reason)
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        receivable = held.receivable
        expect(receivable.version, expected_version)
        if receivable.status == "cancelled":
            raise Conflict("receivable_cancelled", f"The receivable was cancelled on {receivable.cancelled_on}.")
        if receivable.open_amount != receivable.amount + receivable.charged_amount:
            raise Conflict("receivable_partly_settled", "Take back what settles it first.")
        day, parts = ctx.today(), -receivable.open_parts.bare
        cancelled = moved(ctx, held, parts, cancelled_on=day, cancellation_reason=reason)
        await store.save_standing(ctx, [cancelled])
        await entry_store.add(
            ctx, entries_by_part(ctx, receivable_id, "cancellation", parts, receivable.amount.currency, day)
        )
        emit(ctx, NewEvent("receivable.cancelled", receivable_id, {"receivable": cancelled.receivable}))
    return cancelled.receivable


@use_case("receivables:read")
async def get_write_off(ctx: Context, write_off_id: str) -> WriteOff:
    """One write-off; raises NotFound."""
    async with reading(ctx):
        return await write_offs.get(ctx, write_off_id)


@use_case("receivables:read")
async def list_write_offs(
    ctx: Context,
    page: PageRequest,
    *,
    receivable_id: str | None = None,
    customer_id: str | None = None,
    state: WriteOffState | None = None,
) -> Page[WriteOff]:
    """Write-offs in the order of their creation, those that match every given filter."""
    filters = {"receivable_id": receivable_id, "customer_id": customer_id, "state": state}
    async with reading(ctx):
        rows = await write_offs.page(ctx, page, filters)
    return page_of(rows, page, lambda row: str(row["id"]), write_offs.write_off_of)


async def _locked(ctx: Context, write_off_id: str, expected_version: int | None) -> tuple[Held, WriteOff]:
    """The receivable first, as everybody locks it, then the write-off."""
    found = await write_offs.get(ctx, write_off_id)
    held = await store.lock(ctx, found.receivable_id)
    write_off = await write_offs.get(ctx, write_off_id, lock=True)
    expect(write_off.version, expected_version)
    return held, write_off


async def _pending(ctx: Context, write_off_id: str, expected_version: int | None) -> tuple[Held, WriteOff]:
    held, write_off = await _locked(ctx, write_off_id, expected_version)
    if write_off.state != "pending_approval":
        raise Conflict("write_off_decided", f"The write-off is {write_off.state}.")
    if write_off.requested_by == ctx.actor.id:
        raise Forbidden("own_request", "Somebody else has to decide on what you asked for.")
    return held, write_off


def _decided(ctx: Context, write_off: WriteOff, state: WriteOffState) -> WriteOff:
    return replace(write_off, state=state, decided_by=ctx.actor.id, version=write_off.version + 1, updated_at=ctx.now())


def _check_amount(amount: Money, receivable: Receivable) -> None:
    if not receivable.open_amount:
        raise Conflict("receivable_already_settled", f"Nothing of this receivable is open; it is {receivable.status}.")
    if amount.amount <= 0:
        raise InvalidInput.at("/amount/amount", "amount_not_positive", "The amount is more than zero.")
    if amount > receivable.open_amount:
        raise InvalidInput.at(
            "/amount/amount", "write_off_exceeds_open_amount", f"Only {receivable.open_amount.amount} is open."
        )
