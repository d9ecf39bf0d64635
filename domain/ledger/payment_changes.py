"""Use cases that move money after it was recorded: allocate what is unapplied, take an allocation back, refund, reverse.

Each locks the payment first and its receivables after it, by due date, as recording does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

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
from domain.ledger import allocation_store, payment_store, refund_store, write_off_store
from domain.ledger.giving_up import let_go
from domain.ledger.model import AllocationPolicy, AllocationWish, Payment, Refund, ReversalReason
from domain.ledger.rules.standing import check_terms
from domain.ledger.settling import allocations_of, settle, shares_for, undo
from domain.storage.transaction import reading, transaction


@use_case("payments:write")
async def allocate_payment(
    ctx: Context,
    payment_id: str,
    *,
    allocations: Sequence[AllocationWish] | None = None,
    policy: AllocationPolicy | None = None,
    expected_version: int | None = None,
) -> Payment:
    """Settles receivables with what is still unapplied, as `allocations` says or by the policy.

    Takes effect today, or on the day the money is to come if that is later.
    """
    async with transaction(ctx):
        payment = await _locked(ctx, payment_id, expected_version)
        if not payment.unapplied_amount:
            raise Conflict("nothing_unapplied", "All of the payment is allocated or was given back.")
        ledger = await write_off_store.policy(ctx)
        order = policy or ledger.allocation_policy
        held, shares = await shares_for(ctx, payment.customer_id, payment.unapplied_amount, allocations, order)
        if not shares:
            raise Conflict("nothing_to_settle", f"The customer has nothing open in {payment.amount.currency}.")
        new = allocations_of(shares, payment.amount.currency)
        unapplied = payment.unapplied_amount.amount - sum(share.amount for share in shares)
        changed = _changed(
            ctx,
            payment,
            allocations=[*payment.allocations, *new],
            unapplied_amount=Money(unapplied, payment.amount.currency),
        )
        await payment_store.save(ctx, changed)
        await allocation_store.add(ctx, payment_id, new)
        emit(ctx, NewEvent("payment.allocated", payment_id, {"payment": changed}))
        day = max(ctx.today(), payment.received_on)
        settled = await settle(ctx, changed, new, held, day, ledger.settle_first)
        await let_go(ctx, ledger, settled, day)
    return changed


@use_case("payments:write")
async def remove_allocation(
    ctx: Context, payment_id: str, allocation_id: str, *, expected_version: int | None = None
) -> Payment:
    """Takes one allocation back: its receivable is open again by that amount, and the money is unapplied."""
    async with transaction(ctx):
        payment = await _locked(ctx, payment_id, expected_version)
        removed = next((a for a in payment.allocations if a.id == allocation_id), None)
        if removed is None:
            raise NotFound.of("allocation", allocation_id)
        changed = _changed(
            ctx,
            payment,
            allocations=[a for a in payment.allocations if a.id != allocation_id],
            unapplied_amount=payment.unapplied_amount + removed.amount,
        )
        await payment_store.save(ctx, changed)
        emit(ctx, NewEvent("payment.unallocated", payment_id, {"payment": changed}))
        await undo(ctx, changed, [removed], ctx.today())
    return changed


@use_case("payments:write")
async def reverse_payment(
    ctx: Context,
    payment_id: str,
    *,
    reason: ReversalReason,
    reversed_on: date,
    expected_version: int | None = None,
) -> Payment:
    """The money never came, or was taken back by the bank: reopens exactly what the payment had settled.

    Raises Conflict if it is reversed already or a part of it was refunded, InvalidInput for a day before it was received.
    """
    check_terms(received_on=reversed_on)
    async with transaction(ctx):
        payment = await _locked(ctx, payment_id, expected_version)
        if payment.refunded_amount:
            raise Conflict("payment_refunded", f"{payment.refunded_amount.amount} of it was given back already.")
        if reversed_on < payment.received_on:
            raise InvalidInput.at(
                "/reversed_on", "reversed_before_received", "A payment is received before it bounces."
            )
        changed = _changed(
            ctx,
            payment,
            allocations=[],
            unapplied_amount=Money.zero(payment.amount.currency),
            state="reversed",
            reversed_on=reversed_on,
            reversal_reason=reason,
        )
        await payment_store.save(ctx, changed)
        emit(ctx, NewEvent("payment.reversed", payment_id, {"payment": changed}))
        await undo(ctx, changed, payment.allocations, reversed_on)
    return changed


@use_case("payments:write")
async def refund_payment(
    ctx: Context,
    payment_id: str,
    *,
    amount: Money,
    refunded_on: date,
    external_id: str | None = None,
    reference: str | None = None,
    expected_version: int | None = None,
) -> Refund:
    """Records that unapplied money was given back; raises Conflict (`refund_exceeds_unapplied_amount`)."""
    check_terms(amount=amount, received_on=refunded_on, external_id=external_id, reference=reference)
    refund = Refund(
        id=new_id("rfd"),
        payment_id=payment_id,
        external_id=external_id,
        amount=amount,
        refunded_on=refunded_on,
        reference=reference,
        created_at=ctx.now(),
    )
    async with transaction(ctx):
        payment = await _locked(ctx, payment_id, expected_version)
        if amount > payment.unapplied_amount:
            raise Conflict(
                "refund_exceeds_unapplied_amount", f"Only {payment.unapplied_amount.amount} of it is unapplied."
            )
        changed = _changed(
            ctx,
            payment,
            unapplied_amount=payment.unapplied_amount - amount,
            refunded_amount=payment.refunded_amount + amount,
        )
        try:
            await refund_store.add(ctx, refund)
        except UniqueViolationError as taken:
            raise Conflict("external_id_taken", f"There is a refund with the external id {external_id!r}.") from taken
        await payment_store.save(ctx, changed)
        emit(ctx, NewEvent("payment.refunded", payment_id, {"payment": changed, "refund": refund}))
    return refund


@use_case("payments:read")
async def list_refunds(ctx: Context, payment_id: str, page: PageRequest) -> Page[Refund]:
    """What was given back of a payment, oldest first; raises NotFound."""
    async with reading(ctx):
        if await payment_store.find(ctx, payment_id) is None:
            raise NotFound.of("payment", payment_id)
        rows = await refund_store.page(ctx, payment_id, page)
    return page_of(rows, page, lambda row: str(row["id"]), refund_store.refund_of)


async def _locked(ctx: Context, payment_id: str, expected_version: int | None) -> Payment:
    payment = await payment_store.lock(ctx, payment_id)
    expect(payment.version, expected_version)
    if payment.state == "reversed":
        raise Conflict("payment_reversed", f"The payment was reversed on {payment.reversed_on}.")
    return payment


def _changed(ctx: Context, payment: Payment, **changes: object) -> Payment:
    return replace(payment, version=payment.version + 1, updated_at=ctx.now(), **changes)  # type: ignore[arg-type]
