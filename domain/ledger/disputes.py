"""Use cases of disputes: the customer contests an amount; only that amount leaves dunning until it is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import dispute_store, store
from domain.ledger.credit_notes import issue_credit_note
from domain.ledger.dispute_model import Dispute, DisputeOutcome, DisputeReason, DisputeState
from domain.ledger.model import AllocationWish, Held, Receivable
from domain.ledger.rules.disputing import accepted_of, check_creditable, effective_disputed
from domain.ledger.rules.standing import check_terms
from domain.storage.transaction import reading, transaction


@use_case("disputes:write")
async def open_dispute(
    ctx: Context,
    receivable_id: str,
    *,
    amount: Money | None = None,
    reason: DisputeReason,
    note: str | None = None,
    raised_by: str | None = None,
    assignee: str | None = None,
) -> Dispute:
    """The customer contests `amount` of a receivable, without one all that is open and not disputed yet.

    Raises Conflict: `receivable_already_settled`, `dispute_exceeds_open_amount` (with other open disputes counted).
    """
    check_terms(note=note)
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        before = await dispute_store.disputed_amounts(ctx, [receivable_id])
        contested = Money(before[receivable_id], held.receivable.amount.currency) if before else None
        now = ctx.now()
        dispute = Dispute(
            id=new_id("dsp"),
            receivable_id=receivable_id,
            customer_id=held.receivable.customer_id,
            amount=_contestable(held.receivable, contested, amount),
            accepted_amount=Money.zero(held.receivable.amount.currency),
            reason=reason,
            note=note,
            raised_by=raised_by,
            assignee=assignee,
            state="open",
            resolution_note=None,
            credit_note_id=None,
            opened_on=local_date(now, held.time_zone),
            resolved_on=None,
            version=1,
            created_at=now,
            updated_at=now,
        )
        await dispute_store.add(ctx, dispute)
        emit(ctx, dispute_event("opened", dispute))
    return dispute


@use_case("disputes:write")
async def update_dispute(
    ctx: Context, dispute_id: str, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Dispute:
    """Changes assignee, note or state (open, investigating) of an unresolved dispute."""
    async with transaction(ctx):
        _, dispute = await _unresolved(ctx, dispute_id, expected_version)
        changed = replace(dispute, **changes)
        if changed == dispute:
            return dispute
        changed = replace(changed, version=dispute.version + 1, updated_at=ctx.now())
        await dispute_store.save(ctx, changed)
        emit(ctx, dispute_event("updated", changed))
    return changed


@use_case("disputes:write")
async def resolve_dispute(
    ctx: Context,
    dispute_id: str,
    *,
    outcome: DisputeOutcome,
    accepted_amount: Money | None = None,
    note: str | None = None,
    issue_credit: bool = False,
    credit_note_number: str | None = None,
    expected_version: int | None = None,
) -> Dispute:
    """Ends a dispute; with `issue_credit` what was accepted is credited in the same transaction, which needs credit_notes:write too.

    Without a number the credit note is `CN-` and the dispute's id. What was paid already stays unapplied on it. Raises Conflict
    (`dispute_resolved`, `receivable_cancelled`, `credit_exceeds_owed`), InvalidInput (`nothing_to_credit`).
    """
    check_terms(note=note)
    async with transaction(ctx):
        held, dispute = await _unresolved(ctx, dispute_id, expected_version)
        accepted = accepted_of(dispute.amount, outcome, accepted_amount)
        now = ctx.now()
        today = max(local_date(now, held.time_zone), dispute.opened_on)
        if not issue_credit and credit_note_number is not None:
            raise InvalidInput.at("/credit_note_number", "no_credit_note", "A number is for a credit note.")
        credit_note_id = (
            await _credit(ctx, held, dispute, accepted, today, credit_note_number) if issue_credit else None
        )
        resolved = replace(
            dispute,
            state=outcome,
            accepted_amount=accepted,
            resolution_note=note,
            credit_note_id=credit_note_id,
            resolved_on=today,
            version=dispute.version + 1,
            updated_at=now,
        )
        await dispute_store.save(ctx, resolved)
        emit(ctx, dispute_event("resolved", resolved))
    return resolved


@use_case("disputes:read")
async def get_dispute(ctx: Context, dispute_id: str) -> Dispute:
    """One dispute; raises NotFound."""
    async with reading(ctx):
        return await dispute_store.get(ctx, dispute_id)


@use_case("disputes:read")
async def list_disputes(
    ctx: Context,
    page: PageRequest,
    *,
    receivable_id: str | None = None,
    customer_id: str | None = None,
    state: DisputeState | None = None,
) -> Page[Dispute]:
    """Disputes in the order of their creation, those that match every given filter."""
    filters = {"receivable_id": receivable_id, "customer_id": customer_id, "state": state}
    async with reading(ctx):
        rows = await dispute_store.page(ctx, page, filters)
    return page_of(rows, page, lambda row: str(row["id"]), dispute_store.dispute_of)


def dispute_event(what: str, dispute: Dispute) -> NewEvent:
    """`dispute.opened`, `.updated` or `.resolved` with the whole dispute."""
    return NewEvent(f"dispute.{what}", dispute.id, {"dispute": dispute})


def _contestable(receivable: Receivable, contested: Money | None, amount: Money | None) -> Money:
    """The amount that a new dispute is about."""
    left = receivable.open_amount - contested if contested else receivable.open_amount
    if not receivable.open_amount:
        raise Conflict("receivable_already_settled", f"Nothing of this receivable is open; it is {receivable.status}.")
    if amount is not None and amount.currency != left.currency:
        raise InvalidInput.at("/amount/currency", "currency_mismatch", f"The receivable is in {left.currency}.")
    if amount is not None and amount.amount <= 0:
        raise InvalidInput.at("/amount/amount", "amount_not_positive", "The amount is more than zero.")
    if left.amount <= 0 or (amount is not None and amount > left):
        raise Conflict("dispute_exceeds_open_amount", f"Only {max(left.amount, 0)} is open and not disputed yet.")
    return left if amount is None else amount


async def _credit(ctx: Context, held: Held, dispute: Dispute, accepted: Money, day: date, number: str | None) -> str:
    check_creditable(held.receivable, accepted)
    settles = effective_disputed(accepted.amount, held.receivable.open_amount.amount)
    wish = AllocationWish(receivable_id=dispute.receivable_id, amount=str(settles))
    note = await issue_credit_note(
        ctx,
        customer_id=dispute.customer_id,
        number=number or f"CN-{dispute.id}",
        amount=accepted,
        issued_on=max(day, held.receivable.issued_on),
        reason="dispute",
        note=f"Dispute {dispute.id}",
        allocations=[wish] if settles else [],
    )
    return note.id


async def _unresolved(ctx: Context, dispute_id: str, expected_version: int | None) -> tuple[Held, Dispute]:
    """The receivable first, as everybody locks it, then the dispute."""
    found = await dispute_store.get(ctx, dispute_id)
    held = await store.lock(ctx, found.receivable_id)
    dispute = await dispute_store.get(ctx, dispute_id, lock=True)
    expect(dispute.version, expected_version)
    if dispute.resolved_on is not None:
        raise Conflict("dispute_resolved", f"The dispute was {dispute.state} on {dispute.resolved_on}.")
    return held, dispute
