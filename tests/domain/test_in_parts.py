"""Invoices that are due in several parts, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money, quantum_of
from domain.kernel.paging import PageRequest
from domain.ledger.in_parts import create_receivables_in_parts
from domain.ledger.model import ReceivableFilter
from domain.ledger.receivables import list_receivables
from domain.ledger.rules.payment_terms import DueRule, PaymentTerms, TermPart, due_parts
from tests.factories import a_customer
from tests.factories_ledger import cny, events_of

THIRDS = PaymentTerms(parts=tuple(TermPart(due=DueRule(days=days)) for days in (0, 30, 60)))
TERMS: dict[str, Any] = {
    "number": "INV-1",
    "amount": cny(100),
    "issued_on": date(2026, 1, 1),
    "payment_terms": THIRDS,
    "external_id": "i-1",
}


async def test_each_part_is_a_receivable_and_the_same_call_changes_nothing(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await create_receivables_in_parts(ctx, customer_id=customer.id, **TERMS)
    assert [(r.external_id, str(r.amount.amount), r.due_on) for r in made.receivables] == [
        ("i-1/1", "33.34", date(2026, 1, 1)),
        ("i-1/2", "33.33", date(2026, 1, 31)),
        ("i-1/3", "33.33", date(2026, 3, 2)),
    ]
    assert [r.part and (r.part.number, r.part.count) for r in made.receivables] == [(1, 3), (2, 3), (3, 3)]
    assert await create_receivables_in_parts(ctx, customer_id=customer.id, **TERMS) == made
    listed = await list_receivables(ctx, PageRequest(), ReceivableFilter(group_id=made.group_id))
    assert listed.items == made.receivables
    assert len(await events_of(ctx, "receivable.created")) == 3
    for other in ({"amount": cny(101)}, {"payment_terms": PaymentTerms(parts=THIRDS.parts[:2])}):
        with pytest.raises(Conflict) as refused:
            await create_receivables_in_parts(ctx, customer_id=customer.id, **{**TERMS, **other})
        assert refused.value.code == "external_id_taken"


async def test_two_calls_at_once_register_the_same_receivables(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for n in range(5):
        told = {**TERMS, "external_id": f"i-{n}", "customer_id": customer.id}
        made = await asyncio.gather(*(create_receivables_in_parts(ctx, **told) for _ in range(4)))
        assert all(one == made[0] for one in made)
    assert len(await events_of(ctx, "receivable.created")) == 15


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payment_terms": PaymentTerms(parts=(TermPart(),))}, "several_parts_required"),
        ({"due_on": date(2026, 2, 1)}, "due_on_of_parts"),
        ({"amount": cny("0.02")}, "amount_too_small_for_parts"),
    ],
)
async def test_what_is_not_parts_is_refused(ctx: Context, changes: dict[str, Any], code: str) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await create_receivables_in_parts(ctx, customer_id=customer.id, **{**TERMS, **changes})
    assert refused.value.errors[0].code == code


@given(
    units=st.integers(1, 10**12),
    currency=st.sampled_from(["JPY", "CNY", "KWD", "CLF"]),
    shares=st.lists(st.decimals("0.001", 1000, places=3), min_size=2, max_size=40),
)
def test_parts_sum_to_the_whole(units: int, currency: str, shares: list[Decimal]) -> None:
    whole = Money(quantum_of(currency) * units, currency)
    terms = PaymentTerms(parts=tuple(TermPart(share=share) for share in shares))
    assert sum(part.amount.amount for part in due_parts(terms, whole, date(2026, 1, 1))) == whole.amount
