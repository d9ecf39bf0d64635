"""Use cases of reconciliations: a customer's list is compared with ours once; what differs is followed up until it is resolved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.customers import store as customer_store
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.reconciliation import store
from domain.reconciliation.model import ItemFilter, Reconciliation, ReconciliationItem, ReconciliationState
from domain.reconciliation.rules.following import after_resolving, followed_up
from domain.reconciliation.rules.listing import check_day, check_list
from domain.reconciliation.rules.matching import Finding, TheirItem, own_names_of, reconciled
from domain.storage.audit_chain import audited
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def create_reconciliation(
    ctx: Context, customer_id: str, *, as_of: date, currency: str, items: Sequence[TheirItem]
) -> Reconciliation:
    """Compares what a customer lists as open at the end of `as_of`, in one currency, with what was open with us.

    Raises NotFound for the customer, InvalidInput (`list_empty`, `too_many_items`, and what is wrong with a line under its place),
    Conflict (`too_many_open`).
    """
    check_day("as_of", as_of)
    check_list(items, currency)
    listed = {name for item in items for name in own_names_of(item)}
    async with transaction(ctx):
        await customer_store.get(ctx, customer_id)
        ours = await store.our_items(ctx, customer_id, as_of, currency, listed)
        # Ten thousand lines take the processor a while, in which others are answered.
        findings = await asyncio.to_thread(reconciled, ours, items)
        made = _whole(customer_id, as_of, currency, findings, ctx.now())
        await store.add(ctx, made, [_item(made, n, finding) for n, finding in enumerate(findings, start=1)])
        emit(ctx, NewEvent("reconciliation.created", made.id, {"reconciliation": made}))
        if made.state == "completed":
            emit(ctx, _completed(made))
    return made


@use_case("receivables:write")
async def update_reconciliation_item(
    ctx: Context, item_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> ReconciliationItem:
    """Changes the given ones among state, owner_id, resolution and note of a difference; resolving the last one completes the whole.

    Raises NotFound, InvalidInput (`unknown_owner` and others), Conflict (`not_a_difference`, `difference_resolved`, `state_backwards`).
    """
    async with transaction(ctx):
        whole, item = await store.lock_of_item(ctx, item_id)
        expect(item.version, expected_version)
        changed = followed_up(item, changes, ctx.now())
        if changed is item:
            return item
        await store.save_item(ctx, changed)
        audited(ctx, changed.id)
        if changed.state == "resolved":
            await _resolve(ctx, whole, changed)
    return changed


@use_case("receivables:read")
async def get_reconciliation(ctx: Context, reconciliation_id: str) -> Reconciliation:
    """One reconciliation; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, reconciliation_id)


@use_case("receivables:read")
async def list_reconciliations(
    ctx: Context,
    page: PageRequest,
    *,
    customer_id: str | None = None,
    state: ReconciliationState | None = None,
) -> Page[Reconciliation]:
    """Reconciliations in the order of creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page, customer_id, state)
    return page_of(rows, page, lambda row: str(row["id"]), store.whole_of)


@use_case("receivables:read")
async def get_reconciliation_item(ctx: Context, item_id: str) -> ReconciliationItem:
    """One item; raises NotFound."""
    async with reading(ctx):
        return await store.get_item(ctx, item_id)


@use_case("receivables:read")
async def list_reconciliation_items(
    ctx: Context, reconciliation_id: str, page: PageRequest, wanted: ItemFilter
) -> Page[ReconciliationItem]:
    """Items by position: the lines of the list, then what they do not list; raises NotFound for the reconciliation."""
    async with reading(ctx):
        await store.get(ctx, reconciliation_id)
        items = await store.page_of_items(ctx, reconciliation_id, page, wanted)
    return page_of(items, page, lambda item: str(item.position), lambda item: item)


async def _resolve(ctx: Context, whole: Reconciliation, item: ReconciliationItem) -> None:
    changed = after_resolving(whole, item.updated_at)
    await store.save(ctx, changed)
    emit(ctx, NewEvent("reconciliation.difference_resolved", item.id, {"reconciliation_item": item}))
    if changed.state == "completed":
        emit(ctx, _completed(changed))


def _completed(whole: Reconciliation) -> NewEvent:
    return NewEvent("reconciliation.completed", whole.id, {"reconciliation": whole})


def _whole(customer_id: str, as_of: date, currency: str, findings: Sequence[Finding], now: datetime) -> Reconciliation:
    ours = sum((finding.ours.open_amount for finding in findings if finding.ours), Decimal(0))
    theirs = sum((finding.theirs.amount for finding in findings if finding.theirs), Decimal(0))
    differing = sum(1 for finding in findings if finding.kind != "matched")
    return Reconciliation(
        id=new_id("rcn"),
        customer_id=customer_id,
        as_of=as_of,
        currency=currency,
        state="open" if differing else "completed",
        our_amount=Money.total(ours, currency),
        their_amount=Money.total(theirs, currency),
        difference_amount=Money.total(ours - theirs, currency),
        matched_count=len(findings) - differing,
        difference_count=differing,
        unresolved_count=differing,
        completed_at=None if differing else now,
        version=1,
        created_at=now,
        updated_at=now,
    )


def _item(whole: Reconciliation, position: int, finding: Finding) -> ReconciliationItem:
    ours, theirs, currency = finding.ours, finding.theirs, whole.currency
    return ReconciliationItem(
        id=new_id("rci"),
        reconciliation_id=whole.id,
        customer_id=whole.customer_id,
        position=position,
        kind=finding.kind,
        matched_by=finding.matched_by,
        receivable_id=ours.receivable_id if ours else None,
        our_number=ours.number if ours else None,
        our_due_on=ours.due_on if ours else None,
        our_amount=Money.total(ours.open_amount, currency) if ours else None,
        their_number=theirs.number if theirs else None,
        their_reference=theirs.reference if theirs else None,
        their_issued_on=theirs.issued_on if theirs else None,
        their_due_on=theirs.due_on if theirs else None,
        their_amount=Money.total(theirs.amount, currency) if theirs else None,
        difference_amount=Money.total(finding.difference, currency),
        state=None if finding.kind == "matched" else "open",
        owner_id=None,
        resolution=None,
        note=None,
        resolved_at=None,
        version=1,
        created_at=whole.created_at,
        updated_at=whole.created_at,
    )
