"""Moving money after it was recorded: what is allowed, what it does, and what is told."""

from __future__ import annotations

from datetime import date

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.model import AllocationWish
from domain.ledger.payment_changes import (
    allocate_payment,
    list_refunds,
    refund_payment,
    remove_allocation,
    reverse_payment,
)
from domain.ledger.payments import get_payment
from domain.ledger.receivables import get_receivable
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, cny, events_of

DAY = date(2026, 1, 6)


async def test_unapplied_money_settles_what_is_invoiced_later(ctx: Context) -> None:
    customer = await a_customer(ctx)
    payment = await a_payment(ctx, customer, 1500)
    receivable = await a_receivable(ctx, customer)
    changed = await allocate_payment(ctx, payment.id)
    assert (changed.unapplied_amount, changed.version) == (cny(500), 2)
    assert (await get_receivable(ctx, receivable.id)).status == "paid"
    assert await get_payment(ctx, payment.id) == changed
    kinds = [event.type for event in await events_of(ctx)]
    assert kinds[-2:] == ["payment.allocated", "receivable.paid"]


async def test_money_is_moved_from_one_receivable_to_another(ctx: Context) -> None:
    customer = await a_customer(ctx)
    wrong, right = await a_receivable(ctx, customer), await a_receivable(ctx, customer)
    payment = await a_payment(ctx, customer, 400, allocations=[AllocationWish(receivable_id=wrong.id)])
    await remove_allocation(ctx, payment.id, payment.allocations[0].id)
    moved = await allocate_payment(ctx, payment.id, allocations=[AllocationWish(receivable_id=right.id, amount="400")])
    assert [(a.receivable_id, a.amount) for a in moved.allocations] == [(right.id, cny(400))]
    assert (await get_receivable(ctx, wrong.id)).open_amount == cny(1000)
    assert (await get_receivable(ctx, right.id)).open_amount == cny(600)


async def test_a_reversal_reopens_exactly_what_was_settled_and_tells_it(ctx: Context) -> None:
    customer = await a_customer(ctx)
    first = await a_receivable(ctx, customer, due_on=date(2026, 1, 31))
    second = await a_receivable(ctx, customer, due_on=date(2026, 2, 28))
    kept = await a_payment(ctx, customer, 300)
    bounced = await a_payment(ctx, customer, 1200)
    reversed_payment = await reverse_payment(ctx, bounced.id, reason="bounced", reversed_on=DAY)
    assert (reversed_payment.state, reversed_payment.allocations) == ("reversed", [])
    assert (await get_receivable(ctx, first.id)).open_amount == cny(700)
    assert (await get_receivable(ctx, second.id)).open_amount == cny(1000)
    assert (await get_payment(ctx, kept.id)).allocations == kept.allocations
    told = (await events_of(ctx))[-3:]
    assert [event.type for event in told] == ["payment.reversed", "receivable.reopened", "receivable.reopened"]
    assert {event.data["payment_id"] for event in told[1:]} == {bounced.id}


@pytest.mark.parametrize(
    ("state", "move", "code"),
    [
        ("reversed", "allocate", "payment_reversed"),
        ("reversed", "remove", "payment_reversed"),
        ("reversed", "refund", "payment_reversed"),
        ("reversed", "reverse", "payment_reversed"),
        ("refunded", "reverse", "payment_refunded"),
        ("spent", "allocate", "nothing_unapplied"),
        ("spent", "refund", "refund_exceeds_unapplied_amount"),
        ("unapplied", "allocate", "nothing_to_settle"),
    ],
)
async def test_moves_that_the_state_of_the_money_does_not_allow(ctx: Context, state: str, move: str, code: str) -> None:
    customer = await a_customer(ctx)
    if state == "spent":
        await a_receivable(ctx, customer)
    payment = await a_payment(ctx, customer, 100)
    if state == "reversed":
        await reverse_payment(ctx, payment.id, reason="recorded_by_mistake", reversed_on=DAY)
    if state == "refunded":
        await refund_payment(ctx, payment.id, amount=cny(1), refunded_on=DAY)
    before = await get_payment(ctx, payment.id)
    with pytest.raises(Conflict) as refused:
        await _try(ctx, payment.id, move)
    assert refused.value.code == code
    assert await get_payment(ctx, payment.id) == before


async def test_bad_input_is_told_where(ctx: Context) -> None:
    customer, other = await a_customer(ctx), await a_customer(ctx)
    payment = await a_payment(ctx, customer, 100)
    foreign = await a_receivable(ctx, other)
    wishes = [AllocationWish(receivable_id=foreign.id)]
    for call, error, code in (
        (allocate_payment(ctx, payment.id, allocations=wishes), InvalidInput, "receivable_of_another_customer"),
        (remove_allocation(ctx, payment.id, "alc_none"), NotFound, "allocation_not_found"),
        (allocate_payment(ctx, "pay_none"), NotFound, "payment_not_found"),
        (allocate_payment(ctx, payment.id, expected_version=7), PreconditionFailed, "version_mismatch"),
        (refund_payment(ctx, payment.id, amount=cny(0), refunded_on=DAY), InvalidInput, "amount_not_positive"),
        (
            reverse_payment(ctx, payment.id, reason="bounced", reversed_on=date(9999, 1, 1)),
            InvalidInput,
            "date_out_of_range",
        ),
    ):
        with pytest.raises(error) as refused:
            await call
        told: DunwellError = refused.value
        assert code in (told.code, *(place.code for place in told.errors))


async def test_a_refund_is_recorded_once_under_its_external_id(ctx: Context) -> None:
    customer = await a_customer(ctx)
    payment = await a_payment(ctx, customer, 100)
    refund = await refund_payment(ctx, payment.id, amount=cny(40), refunded_on=DAY, external_id="r-1")
    with pytest.raises(Conflict, match="external_id_taken"):
        await refund_payment(ctx, payment.id, amount=cny(40), refunded_on=DAY, external_id="r-1")
    assert (await list_refunds(ctx, payment.id, PageRequest())).items == [refund]
    assert (await get_payment(ctx, payment.id)).unapplied_amount == cny(60)


async def _try(ctx: Context, payment_id: str, move: str) -> None:
    match move:
        case "allocate":
            await allocate_payment(ctx, payment_id)
        case "remove":
            await remove_allocation(ctx, payment_id, "alc_any")
        case "refund":
            await refund_payment(ctx, payment_id, amount=cny(5), refunded_on=DAY)
        case _:
            await reverse_payment(ctx, payment_id, reason="bounced", reversed_on=DAY)
