"""Credit notes: what they lower, what stays, and what a mistake brings back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.customers.model import Customer
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.credit_notes import (
    allocate_credit_note,
    cancel_credit_note,
    get_credit_note,
    get_credit_note_by_external_id,
    issue_credit_note,
    list_credit_notes,
)
from domain.ledger.model import AllocationWish, CreditNote
from domain.ledger.receivables import get_receivable, list_entries
from tests.factories import a_customer
from tests.factories_ledger import a_receivable, cny, count, events_of

DAY = date(2026, 1, 6)


async def a_credit_note(ctx: Context, customer: Customer, amount: str | int, **overrides: Any) -> CreditNote:
    fields = {"number": "CN-1", "amount": cny(amount), "issued_on": DAY, "reason": "goods_returned", **overrides}
    return await issue_credit_note(ctx, customer_id=customer.id, **fields)


async def test_a_credit_note_lowers_what_is_owed_and_says_so(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    note = await a_credit_note(ctx, customer, 400, external_id="c-1")
    assert (await get_receivable(ctx, receivable.id)).open_amount == cny(600)
    entries = (await list_entries(ctx, receivable.id, PageRequest())).items
    assert [(e.kind, e.amount, e.effective_on) for e in entries][1:] == [("credit", cny(-400), DAY)]
    assert await get_credit_note(ctx, note.id) == await get_credit_note_by_external_id(ctx, "c-1") == note
    told = (await events_of(ctx))[-2:]
    assert [event.type for event in told] == ["credit_note.issued", "receivable.partly_paid"]
    assert (told[1].data["payment_id"], told[1].data["credit_note_id"]) == (None, note.id)


async def test_what_lowers_nothing_is_used_later(ctx: Context) -> None:
    customer = await a_customer(ctx)
    note = await a_credit_note(ctx, customer, 400)
    assert note.unapplied_amount == cny(400)
    receivable = await a_receivable(ctx, customer)
    wishes = [AllocationWish(receivable_id=receivable.id, amount="150.00")]
    used = await allocate_credit_note(ctx, note.id, allocations=wishes, expected_version=1)
    assert (used.unapplied_amount, used.version) == (cny(250), 2)
    assert (await list_credit_notes(ctx, PageRequest(), customer_id=customer.id)).items == [used]


async def test_a_cancelled_credit_note_brings_back_exactly_what_it_lowered(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    note = await a_credit_note(ctx, customer, 1200)
    assert (await get_receivable(ctx, receivable.id)).status == "paid"
    cancelled = await cancel_credit_note(ctx, note.id)
    assert (cancelled.state, cancelled.unapplied_amount, cancelled.allocations) == ("cancelled", cny(0), [])
    assert (await get_receivable(ctx, receivable.id)).open_amount == cny(1000)
    for call in (cancel_credit_note(ctx, note.id), allocate_credit_note(ctx, note.id)):
        with pytest.raises(Conflict, match="credit_note_cancelled"):
            await call


async def test_what_cannot_be_done_is_told_and_leaves_nothing_behind(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_credit_note(ctx, customer, 1, external_id="c-1")
    note = await a_credit_note(ctx, customer, 1)
    for call, error, code in (
        (a_credit_note(ctx, customer, 0), InvalidInput, "amount"),
        (a_credit_note(ctx, customer, 1, external_id="c-1"), Conflict, "external_id_taken"),
        (allocate_credit_note(ctx, note.id), Conflict, "nothing_to_settle"),
        (cancel_credit_note(ctx, note.id, expected_version=9), PreconditionFailed, "version_mismatch"),
    ):
        with pytest.raises(error, match=code):
            await call
    assert await count(ctx, "credit_notes") == 2
