"""What an aging consists of: its receivables, and the balance of one by what it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.insight.aging import get_receivable_balance, list_aging_receivables
from domain.insight.model import AgingFilter
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.ledger.charges import add_charge
from tests.domain.test_aging import LONG_AGO, TODAY, january
from tests.factories import a_customer
from tests.factories_access import a_collector
from tests.factories_ledger import a_payment, a_receivable, cny


async def test_the_receivables_of_a_bucket(ctx: Context) -> None:
    owner = await a_collector(ctx)
    customer = await a_customer(ctx, owner_id=owner)
    other = await a_customer(ctx)
    current, late, settled = [
        await a_receivable(ctx, customer, number=number, issued_on=LONG_AGO, due_on=TODAY - timedelta(days=days))
        for number, days in (("current", -3), ("late", 40), ("settled", 50))
    ]
    await a_receivable(ctx, other, number="others", issued_on=LONG_AGO, due_on=TODAY)
    await a_payment(ctx, customer, 1000, received_on=TODAY)

    async def listed(as_of: date | None = None, **wanted: Any) -> list[str]:
        page = await list_aging_receivables(ctx, PageRequest(), as_of=as_of, wanted=AgingFilter(**wanted))
        return [row.number for row in page.items]

    assert await listed() == ["current", "late", "others"]
    assert await listed(january(4)) == ["current", "late", "settled", "others"]
    assert await listed(days_to=0) == ["current", "others"]
    assert await listed(days_from=31, days_to=60) == ["late"]
    assert await listed(january(4), days_from=41) == ["settled"]
    assert await listed(owner_id=owner) == await listed(customer_id=customer.id) == ["current", "late"]
    assert await listed(currency="EUR") == []
    row = (await list_aging_receivables(ctx, PageRequest(limit=1, after=f"2026-01-05 {current.id} "))).items[0]
    assert (row.receivable_id, row.days_overdue, row.open_amount, row.customer_id) == (
        late.id,
        40,
        cny(1000),
        customer.id,
    )
    assert (await get_receivable_balance(ctx, settled.id, as_of=january(4))).open_amount == cny(1000)


async def test_a_balance_by_what_it_was(ctx: Context) -> None:
    customer = await a_customer(ctx)
    receivable = await a_receivable(ctx, customer)
    await add_charge(ctx, receivable.id, component="interest", amount=cny(30), reason="late", effective_on=january(3))
    await add_charge(ctx, receivable.id, component="fee", amount=cny(40), reason="late", effective_on=january(6))
    await a_payment(ctx, customer, 100, received_on=january(7))

    async def parts(day: int) -> list[str]:
        found = await get_receivable_balance(ctx, receivable.id, as_of=january(day))
        assert found.open_amount.amount == found.open_parts.bare.total
        return [str(getattr(found.open_parts, name).amount) for name in ("principal", "interest", "fee", "cost")]

    assert await parts(2) == ["1000.00", "0.00", "0.00", "0.00"]
    assert await parts(3) == ["1000.00", "30.00", "0.00", "0.00"]
    assert await parts(6) == ["1000.00", "30.00", "40.00", "0.00"]
    assert await parts(7) == ["970.00", "0.00", "0.00", "0.00"]
    assert (await get_receivable_balance(ctx, receivable.id, as_of=date(2025, 12, 31))).open_amount == cny(0)
    with pytest.raises(NotFound):
        await get_receivable_balance(ctx, "rcv_nobody")
