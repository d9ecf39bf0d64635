"""What is given up, what comes back, what was never owed, and who decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel.context import Actor, Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput
from domain.kernel.paging import PageRequest
from domain.ledger.ledger_policy import get_ledger_policy, put_ledger_policy
from domain.ledger.model import WriteOff
from domain.ledger.payments import get_payment
from domain.ledger.policy_model import LedgerPolicy
from domain.ledger.receivables import get_receivable, list_entries, put_receivable
from domain.ledger.write_offs import (
    approve_write_off,
    cancel_receivable,
    get_write_off,
    list_write_offs,
    reject_write_off,
    reverse_write_off,
    write_off_receivable,
)
from tests.factories import a_customer
from tests.factories_ledger import a_payment, a_receivable, cny, count, events_of


@pytest.fixture
async def second(ctx: Context) -> Context:
    """Another person of the same tenant."""
    return replace(ctx, actor=Actor("client", "cli_second"))


async def a_limit(ctx: Context, **changes: object) -> LedgerPolicy:
    policy = {"allocation_policy": "oldest_due_first", "tolerances": [], "approval_limits": [cny(500)], **changes}
    return await put_ledger_policy(ctx, **policy)  # type: ignore[arg-type]


async def test_all_that_is_open_is_given_up(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx))
    write_off = await write_off_receivable(ctx, receivable.id, reason="insolvency", note="court 12/2026")
    assert (write_off.state, write_off.amount) == ("effective", cny(1000))
    after = await get_receivable(ctx, receivable.id)
    assert (after.status, after.open_amount, after.written_off_amount) == ("written_off", cny(0), cny(1000))
    assert await get_write_off(ctx, write_off.id) == write_off
    kinds = [event.type for event in await events_of(ctx)]
    assert kinds[-2:] == ["write_off.posted", "receivable.written_off"]


async def test_a_debt_that_is_partly_given_up_and_then_paid_was_written_off(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    await write_off_receivable(ctx, receivable.id, amount=cny(400), reason="settlement")
    assert (await get_receivable(ctx, receivable.id)).status == "open"
    await a_payment(ctx, customer, 600)
    assert (await get_receivable(ctx, receivable.id)).status == "written_off"
    entries = (await list_entries(ctx, receivable.id, PageRequest())).items
    assert [(e.kind, e.amount) for e in entries] == [
        ("invoiced", cny(1000)),
        ("write_off", cny(-400)),
        ("allocation", cny(-600)),
    ]


async def test_what_was_given_up_comes_back_in_parts_and_can_be_paid(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    write_off = await write_off_receivable(ctx, receivable.id, reason="uncollectible")
    part = await reverse_write_off(ctx, write_off.id, amount=cny(300))
    assert (part.state, part.reversed_amount) == ("effective", cny(300))
    with pytest.raises(InvalidInput, match="700"):
        await reverse_write_off(ctx, write_off.id, amount=cny("700.01"))
    payment = await a_payment(ctx, customer, 300)
    assert payment.unapplied_amount == cny(0)
    assert (await reverse_write_off(ctx, write_off.id)).state == "reversed"
    after = await get_receivable(ctx, receivable.id)
    assert (after.status, after.open_amount, after.written_off_amount) == ("partly_paid", cny(700), cny(0))
    with pytest.raises(Conflict, match="write_off_not_effective"):
        await reverse_write_off(ctx, write_off.id)


async def test_above_the_limit_a_second_person_decides(ctx: Context, second: Context) -> None:
    await a_limit(ctx)
    receivable = await a_receivable(ctx, await a_customer(ctx))
    small = await write_off_receivable(ctx, receivable.id, amount=cny(500), reason="other")
    assert small.state == "effective"
    other = await a_receivable(ctx, await a_customer(ctx))
    asked = await write_off_receivable(ctx, other.id, reason="other")
    assert (asked.state, (await get_receivable(ctx, other.id)).open_amount) == ("pending_approval", cny(1000))
    with pytest.raises(Forbidden, match="own_request"):
        await approve_write_off(ctx, asked.id)
    with pytest.raises(Conflict, match="write_off_pending"):
        await write_off_receivable(ctx, other.id, amount=cny(600), reason="other")
    approved = await approve_write_off(second, asked.id)
    assert (approved.state, approved.decided_by) == ("effective", "cli_second")
    assert (await get_receivable(ctx, other.id)).status == "written_off"
    with pytest.raises(Conflict, match="write_off_decided"):
        await reject_write_off(second, asked.id)


async def test_a_refused_write_off_changes_nothing(ctx: Context, second: Context) -> None:
    await a_limit(ctx)
    receivable = await a_receivable(ctx, await a_customer(ctx))
    asked = await write_off_receivable(ctx, receivable.id, reason="other")
    assert (await reject_write_off(second, asked.id)).state == "rejected"
    assert (await get_receivable(ctx, receivable.id)) == receivable
    pending = await list_write_offs(ctx, PageRequest(), state="pending_approval")
    assert pending.items == []


async def test_what_was_paid_meanwhile_cannot_be_given_up_any_more(ctx: Context, second: Context) -> None:
    await a_limit(ctx)
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    asked = await write_off_receivable(ctx, receivable.id, reason="other")
    await a_payment(ctx, customer, 1)
    with pytest.raises(Conflict, match="write_off_exceeds_open_amount"):
        await approve_write_off(second, asked.id)


@pytest.mark.parametrize(("paid", "left"), [("999.00", 0), ("998.99", "1.01"), ("1000", 0)])
async def test_a_small_difference_that_a_payment_leaves_is_let_go(ctx: Context, paid: str, left: str) -> None:
    await a_limit(ctx, tolerances=[cny(1)])
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    payment = await a_payment(ctx, customer, paid)
    assert (await get_receivable(ctx, receivable.id)).open_amount == cny(left)
    written_off: list[WriteOff] = (await list_write_offs(ctx, PageRequest(), customer_id=customer.id)).items
    assert [w.reason for w in written_off] == (["small_difference"] if paid == "999.00" else [])
    assert (await get_payment(ctx, payment.id)).amount == cny(paid)


async def test_a_receivable_that_was_never_owed_is_cancelled_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer, external_id="i-1")
    cancelled = await cancel_receivable(ctx, receivable.id, reason="invoiced twice")
    assert (cancelled.status, cancelled.open_amount, cancelled.cancellation_reason) == (
        "cancelled",
        cny(0),
        "invoiced twice",
    )
    assert await get_receivable(ctx, receivable.id) == cancelled
    with pytest.raises(Conflict, match="receivable_cancelled"):
        await cancel_receivable(ctx, receivable.id, reason="again")
    terms = {"number": "INV-1", "amount": cny(1000), "issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31)}
    assert await put_receivable(ctx, "i-1", customer_id=customer.id, **terms) == cancelled  # type: ignore[arg-type]
    assert await count(ctx, "entries") == 2


@pytest.mark.parametrize("settled", ["paid", "given up"])
async def test_what_is_settled_in_part_cannot_be_cancelled(ctx: Context, settled: str) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    if settled == "paid":
        await a_payment(ctx, customer, 1)
    else:
        await write_off_receivable(ctx, receivable.id, amount=cny(1), reason="other")
    with pytest.raises(Conflict, match="receivable_partly_settled"):
        await cancel_receivable(ctx, receivable.id, reason="no")


@pytest.mark.parametrize(
    ("amount", "code"), [("0", "amount_not_positive"), ("1000.01", "write_off_exceeds_open_amount")]
)
async def test_amounts_that_cannot_be_given_up(ctx: Context, amount: str, code: str) -> None:
    receivable = await a_receivable(ctx, await a_customer(ctx))
    with pytest.raises(InvalidInput) as refused:
        await write_off_receivable(ctx, receivable.id, amount=cny(amount), reason="other")
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/amount/amount", code)]
    assert await count(ctx, "write_offs") == 0


async def test_the_policy_has_one_amount_for_each_currency(ctx: Context) -> None:
    assert (await get_ledger_policy(ctx)).version == 0
    with pytest.raises(InvalidInput) as refused:
        await a_limit(ctx, approval_limits=[cny(1), cny(-2)])
    assert [e.code for e in refused.value.errors] == ["amount_negative", "currency_repeated"]
    first = await a_limit(ctx)
    assert await a_limit(ctx, expected_version=1) == first
    assert await get_ledger_policy(ctx) == first
