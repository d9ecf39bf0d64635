"""Use cases of credit notes: less is owed, without money having come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from asyncpg import UniqueViolationError

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import allocation_store, store, write_off_store
from domain.ledger import credit_note_store as notes
from domain.ledger.model import AllocationPolicy, AllocationWish, CreditNote, CreditReason
from domain.ledger.receivables import check_customer_is_named
from domain.ledger.rules.standing import check_terms
from domain.ledger.settling import allocations_of, settle, shares_for, undo
from domain.storage.transaction import reading, transaction


@use_case("credit_notes:write")
async def issue_credit_note(
    ctx: Context,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    number: str,
    amount: Money,
    issued_on: date,
    reason: CreditReason,
    external_id: str | None = None,
    note: str | None = None,
    allocations: Sequence[AllocationWish] | None = None,
    policy: AllocationPolicy | None = None,
) -> CreditNote:
    """Registers a credit note and lowers with it what the customer owes: the receivables that `allocations` names, else by the policy.

    What lowers nothing stays as unapplied amount. Raises NotFound for the customer, Conflict (`external_id_taken`).
    """
    try:
        async with transaction(ctx):
            return await take_credit_note(
                ctx,
                customer_id=customer_id,
                customer_external_id=customer_external_id,
                number=number,
                amount=amount,
                issued_on=issued_on,
                reason=reason,
                external_id=external_id,
                note=note,
                allocations=allocations,
                policy=policy,
            )
    except UniqueViolationError as taken:
        raise external_id_taken(external_id) from taken


async def take_credit_note(
    ctx: Context,
    *,
    customer_id: str | None = None,
    customer_external_id: str | None = None,
    number: str,
    amount: Money,
    issued_on: date,
    reason: CreditReason,
    external_id: str | None = None,
    note: str | None = None,
    allocations: Sequence[AllocationWish] | None = None,
    policy: AllocationPolicy | None = None,
) -> CreditNote:
    """`issue_credit_note` in the open transaction, for whoever registers many; raises UniqueViolationError for a taken external id."""
    check_customer_is_named(customer_id, customer_external_id)
    check_terms(number=number, amount=amount, issued_on=issued_on, external_id=external_id, note=note)
    customer = await store.customer_ref(ctx, customer_id, customer_external_id)
    order = policy or (await write_off_store.policy(ctx)).allocation_policy
    held, shares = await shares_for(ctx, customer.id, amount, allocations, order)
    now, unapplied = ctx.now(), amount.amount - sum(share.amount for share in shares)
    issued = CreditNote(
        id=new_id("crn"),
        external_id=external_id,
        customer_id=customer.id,
        number=number,
        amount=amount,
        unapplied_amount=Money(unapplied, amount.currency),
        issued_on=issued_on,
        reason=reason,
        note=note,
        allocations=allocations_of(shares, amount.currency),
        state="issued",
        cancelled_on=None,
        version=1,
        created_at=now,
        updated_at=now,
    )
    await notes.add(ctx, issued)
    emit(ctx, credit_note_event("issued", issued))
    await settle(ctx, issued, issued.allocations, held, issued_on, "principal")
    return issued


def external_id_taken(external_id: str | None) -> Conflict:
    """Another credit note has this external id."""
    return Conflict("external_id_taken", f"There is a credit note with the external id {external_id!r}.")


@use_case("credit_notes:write")
async def allocate_credit_note(
    ctx: Context,
    credit_note_id: str,
    *,
    allocations: Sequence[AllocationWish] | None = None,
    policy: AllocationPolicy | None = None,
    expected_version: int | None = None,
) -> CreditNote:
    """Lowers receivables with what is still unapplied, as `allocations` says or by the policy.

    Takes effect today, or on the day of the credit note if that is later.
    """
    async with transaction(ctx):
        note = await _locked(ctx, credit_note_id, expected_version)
        if not note.unapplied_amount:
            raise Conflict("nothing_unapplied", "All of the credit note is allocated.")
        order = policy or (await write_off_store.policy(ctx)).allocation_policy
        held, shares = await shares_for(ctx, note.customer_id, note.unapplied_amount, allocations, order)
        if not shares:
            raise Conflict("nothing_to_settle", f"The customer has nothing open in {note.amount.currency}.")
        new = allocations_of(shares, note.amount.currency)
        left = note.unapplied_amount.amount - sum(share.amount for share in shares)
        changed = replace(
            note,
            allocations=[*note.allocations, *new],
            unapplied_amount=Money(left, note.amount.currency),
            version=note.version + 1,
            updated_at=ctx.now(),
        )
        await notes.save(ctx, changed)
        await allocation_store.add(ctx, note.id, new)
        emit(ctx, credit_note_event("allocated", changed))
        await settle(ctx, changed, new, held, max(ctx.today(), note.issued_on), "principal")
    return changed


@use_case("credit_notes:write")
async def cancel_credit_note(ctx: Context, credit_note_id: str, *, expected_version: int | None = None) -> CreditNote:
    """The credit note was a mistake: what it lowered is open again, exactly."""
    async with transaction(ctx):
        note = await _locked(ctx, credit_note_id, expected_version)
        changed = replace(
            note,
            allocations=[],
            unapplied_amount=Money.zero(note.amount.currency),
            state="cancelled",
            cancelled_on=ctx.today(),
            version=note.version + 1,
            updated_at=ctx.now(),
        )
        await notes.save(ctx, changed)
        emit(ctx, credit_note_event("cancelled", changed))
        await undo(ctx, changed, note.allocations, ctx.today())
    return changed


@use_case("credit_notes:read")
async def get_credit_note(ctx: Context, credit_note_id: str) -> CreditNote:
    """One credit note with its allocations; raises NotFound."""
    async with reading(ctx):
        return await notes.get(ctx, credit_note_id)


@use_case("credit_notes:read")
async def get_credit_note_by_external_id(ctx: Context, external_id: str) -> CreditNote:
    """One credit note by the integrator's id; raises NotFound."""
    async with reading(ctx):
        note = await notes.find_external(ctx, external_id)
    if note is None:
        raise NotFound.of("credit_note", external_id)
    return note


@use_case("credit_notes:read")
async def list_credit_notes(ctx: Context, page: PageRequest, *, customer_id: str | None = None) -> Page[CreditNote]:
    """Credit notes in the order of their creation."""
    async with reading(ctx):
        rows = await notes.page(ctx, customer_id, page)
    return page_of(rows, page, lambda note: note.id, lambda note: note)


def credit_note_event(what: str, note: CreditNote) -> NewEvent:
    """`credit_note.issued`, `.allocated` or `.cancelled` with the whole credit note."""
    return NewEvent(f"credit_note.{what}", note.id, {"credit_note": note})


async def _locked(ctx: Context, credit_note_id: str, expected_version: int | None) -> CreditNote:
    note = await notes.get(ctx, credit_note_id, lock=True)
    expect(note.version, expected_version)
    if note.state == "cancelled":
        raise Conflict("credit_note_cancelled", f"The credit note was cancelled on {note.cancelled_on}.")
    return note
