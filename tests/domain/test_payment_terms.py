"""Receivables whose due date follows from payment terms, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.paging import PageRequest
from domain.ledger.model import EarlyPaymentDiscount
from domain.ledger.receivables import (
    create_receivable,
    get_receivable,
    list_receivables,
    put_receivable,
    update_receivable,
)
from domain.ledger.rules.payment_terms import Discount, DueRule, PaymentTerms, TermPart
from tests.factories import a_customer
from tests.factories_ledger import HEADER, TWO_TEN, a_payment, cny, errors_of, events_of, imported

TERMS: dict[str, Any] = {"number": "INV-1", "amount": cny(1000), "issued_on": date(2026, 1, 1)}
MONTH_END = PaymentTerms(parts=(TermPart(due=DueRule(kind="days_then_end_of_month", days=30)),))


async def test_terms_bring_the_due_date_and_show_what_paying_early_saves(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await create_receivable(ctx, customer_id=customer.id, **TERMS, payment_terms=TWO_TEN)
    assert (made.due_on, made.payment_terms) == (date(2026, 1, 31), TWO_TEN)
    assert made.discount == EarlyPaymentDiscount(
        rate=Decimal("0.02"), amount=cny(20), until=date(2026, 1, 11), taken_amount=cny(0)
    )
    assert await get_receivable(ctx, made.id) == made
    (event,) = await events_of(ctx, "receivable.created")
    assert event.data["receivable"]["discount"] == {
        "rate": "0.02",
        "amount": {"amount": "20.00", "currency": "CNY"},
        "until": "2026-01-11",
        "taken_amount": {"amount": "0.00", "currency": "CNY"},
    }
    assert event.data["receivable"]["payment_terms"]["parts"][0]["due"] == {"kind": "net", "days": 30, "day": None}


async def test_a_due_date_beside_the_terms_has_to_be_theirs(ctx: Context) -> None:
    customer = await a_customer(ctx)
    both = await create_receivable(
        ctx, customer_id=customer.id, **TERMS, due_on=date(2026, 1, 31), payment_terms=MONTH_END
    )
    assert (both.due_on, both.discount) == (date(2026, 1, 31), None)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({}, "/due_on", "due_on_or_payment_terms_required"),
        (
            {"due_on": date(2026, 2, 1), "payment_terms": TWO_TEN},
            "/due_on",
            "due_on_differs_from_payment_terms",
        ),
        ({"payment_terms": PaymentTerms(parts=())}, "/payment_terms/parts", "no_parts"),
        (
            {"payment_terms": PaymentTerms(parts=(TermPart(), TermPart()))},
            "/payment_terms/parts",
            "several_parts_not_supported",
        ),
        (
            {"payment_terms": PaymentTerms(parts=(TermPart(),), discount=Discount(rate=Decimal(1), days=1))},
            "/payment_terms/discount/rate",
            "rate_out_of_range",
        ),
        ({"issued_on": date(2200, 12, 31), "payment_terms": TWO_TEN}, "/due_on", "date_out_of_range"),
        ({"issued_on": date(9999, 12, 31), "payment_terms": TWO_TEN}, "/issued_on", "date_out_of_range"),
    ],
)
async def test_terms_that_give_no_due_date_are_pointed_at_and_nothing_is_stored(
    ctx: Context, changes: dict[str, Any], pointer: str, code: str
) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await create_receivable(ctx, customer_id=customer.id, **{**TERMS, **changes})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
    with pytest.raises(InvalidInput) as refused:
        await put_receivable(ctx, "i-1", customer_id=customer.id, **{**TERMS, **changes})
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]
    assert (await list_receivables(ctx, PageRequest())).items == []


async def test_putting_the_same_terms_changes_nothing_and_others_move_the_due_date(ctx: Context) -> None:
    customer = await a_customer(ctx)
    first = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS, payment_terms=TWO_TEN)
    assert await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS, payment_terms=TWO_TEN) == first
    moved = await put_receivable(
        ctx, "i-1", customer_id=customer.id, **{**TERMS, "issued_on": date(2026, 1, 2)}, payment_terms=MONTH_END
    )
    assert (moved.due_on, moved.discount, moved.version) == (date(2026, 2, 28), None, 2)
    plain = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS, due_on=date(2026, 3, 1))
    assert (plain.due_on, plain.payment_terms) == (date(2026, 3, 1), None)
    assert await get_receivable(ctx, first.id) == plain


async def test_terms_are_changed_and_given_up_but_a_due_date_does_not_leave_them(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await create_receivable(ctx, customer_id=customer.id, **TERMS, due_on=date(2026, 1, 5))
    agreed = await update_receivable(ctx, made.id, {"payment_terms": TWO_TEN})
    assert (agreed.due_on, agreed.discount is not None, agreed.version) == (date(2026, 1, 31), True, 2)
    with pytest.raises(Conflict) as refused:
        await update_receivable(ctx, made.id, {"due_on": date(2026, 2, 28)})
    assert refused.value.code == "due_on_differs_from_payment_terms"
    with pytest.raises(InvalidInput) as wrong:
        await update_receivable(ctx, made.id, {"due_on": date(2026, 2, 28), "payment_terms": TWO_TEN})
    assert wrong.value.errors[0].code == "due_on_differs_from_payment_terms"
    free = await update_receivable(ctx, made.id, {"due_on": date(2026, 2, 28), "payment_terms": None})
    assert (free.due_on, free.payment_terms, free.discount) == (date(2026, 2, 28), None, None)
    assert await get_receivable(ctx, made.id) == free


async def test_what_a_discount_was_taken_from_is_not_changed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await put_receivable(ctx, "i-1", customer_id=customer.id, **TERMS, payment_terms=TWO_TEN)
    await a_payment(ctx, customer, 980)
    with pytest.raises(Conflict) as refused:
        await put_receivable(
            ctx, "i-1", customer_id=customer.id, **{**TERMS, "amount": cny(1100)}, payment_terms=TWO_TEN
        )
    assert refused.value.code == "discount_taken"
    assert (await update_receivable(ctx, made.id, {"number": "INV-1a"})).number == "INV-1a"


async def test_a_file_that_moves_a_due_date_off_its_terms_is_told_which_line(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    for number in ("i-1", "i-2"):
        await put_receivable(ctx, number, customer_id=customer.id, **TERMS, payment_terms=TWO_TEN)
    await a_payment(ctx, customer, 980)
    lines = (
        "i-1,c-1,INV-1,1100.00,CNY,2026-01-01,2026-01-31,蓝海贸易,\n"
        "i-2,c-1,INV-1,1000.00,CNY,2026-01-01,2026-02-28,蓝海贸易,\n"
    )
    errors = await errors_of(ctx, await imported(ctx, HEADER + lines))
    assert [(error.line, error.column, error.code) for error in errors] == [
        (2, "amount", "discount_taken"),
        (3, "due_on", "due_on_differs_from_payment_terms"),
    ]
    again = await imported(ctx, HEADER + "i-2,c-1,INV-1,1000.00,CNY,2026-01-01,2026-01-31,蓝海贸易,\n")
    assert await errors_of(ctx, again) == []
