"""What the invoice was for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.detail_model import Line
from domain.ledger.lines import list_receivable_lines, replace_receivable_lines
from domain.ledger.receivables import get_receivable, put_receivable
from domain.ledger.write_offs import cancel_receivable
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import HEADER, a_receivable, cny, count, errors_of, events_of, imported

GOODS = Line(
    product="P-1",
    description="钢管",
    quantity=Decimal("2.5"),
    unit="t",
    unit_price=cny(320),
    amount=cny(800),
    tax_rate=Decimal("0.13"),
    tax_amount=cny(104),
)
FREIGHT = Line(description="Freight", quantity=Decimal(1), amount=cny(96))
TERMS: dict[str, Any] = {"number": "INV-1", "issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31)}


async def lines_of(ctx: Context, receivable_id: str) -> list[Line]:
    return (await list_receivable_lines(ctx, receivable_id, PageRequest())).items


async def test_lines_come_with_a_receivable_and_are_read_page_by_page(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), lines=[GOODS, FREIGHT])
    assert await lines_of(ctx, made.id) == [replace(GOODS, position=1), replace(FREIGHT, position=2)]
    first = await list_receivable_lines(ctx, made.id, PageRequest(limit=1))
    rest = await list_receivable_lines(ctx, made.id, PageRequest(limit=1, after=first.next_key))
    assert ([line.position for line in first.items + rest.items], rest.next_key) == ([1, 2], None)


async def test_lines_are_replaced_as_a_whole_and_the_same_ones_change_nothing(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), lines=[GOODS, FREIGHT])
    rebate = Line(description="Rebate", quantity=Decimal(1), amount=cny(-4))
    changed = await replace_receivable_lines(ctx, made.id, [GOODS, rebate, replace(FREIGHT, amount=cny(100))])
    again = await replace_receivable_lines(ctx, made.id, [GOODS, rebate, replace(FREIGHT, amount=cny(100))])
    assert (changed.version, again.version, (await get_receivable(ctx, made.id)).version) == (2, 2, 2)
    assert [line.amount for line in await lines_of(ctx, made.id)] == [cny(800), cny(-4), cny(100)]
    (event,) = await events_of(ctx, "receivable.lines_replaced")
    assert (event.object_id, event.data["line_count"]) == (made.id, 3)
    with pytest.raises(PreconditionFailed):
        await replace_receivable_lines(ctx, made.id, [], expected_version=1)
    await replace_receivable_lines(ctx, made.id, [], expected_version=2)
    assert await lines_of(ctx, made.id) == []


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"amount": cny("800.01")}, "/lines", "lines_do_not_sum"),
        ({"quantity": Decimal(-1)}, "/lines/0/quantity", "quantity_not_positive"),
        ({"quantity": Decimal(0)}, "/lines/0/quantity", "quantity_not_positive"),
        ({"unit_price": Money(Decimal(1), "EUR")}, "/lines/0/unit_price/currency", "currency_mismatch"),
        ({"amount": Money(Decimal(800), "EUR")}, "/lines/0/amount/currency", "currency_mismatch"),
        ({"tax_rate": Decimal("1.3")}, "/lines/0/tax_rate", "rate_out_of_range"),
        ({"description": "a\nb"}, "/lines/0/description", "control_character"),
        ({"description": ""}, "/lines/0/description", "length_out_of_range"),
    ],
)
async def test_what_is_wrong_with_lines_is_told_at_its_place(
    ctx: Context, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    customer = await a_customer(ctx)
    lines = [replace(GOODS, **wrong), FREIGHT]
    with pytest.raises(InvalidInput) as refused:
        await a_receivable(ctx, customer, lines=lines)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]
    assert await count(ctx, "receivables") == 0
    made = await a_receivable(ctx, customer, lines=[GOODS, FREIGHT])
    with pytest.raises(InvalidInput):
        await replace_receivable_lines(ctx, made.id, lines)
    assert len(await lines_of(ctx, made.id)) == 2


async def test_more_than_five_hundred_lines_are_refused(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), amount=cny(501))
    one = Line(description="One", quantity=Decimal(1), amount=cny(1))
    with pytest.raises(InvalidInput) as refused:
        await replace_receivable_lines(ctx, made.id, [one] * 501)
    assert refused.value.errors[0].code == "too_many_lines"
    await replace_receivable_lines(ctx, made.id, [one] * 499 + [replace(one, amount=cny(2))])
    assert await count(ctx, "receivable_lines") == 500


async def test_another_amount_comes_with_other_lines_or_is_refused(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer, external_id="i-1", lines=[GOODS, FREIGHT])
    with pytest.raises(Conflict) as refused:
        await put_receivable(ctx, "i-1", customer_id=customer.id, amount=cny(904), **TERMS)
    assert refused.value.code == "amount_differs_from_lines"
    assert (await get_receivable(ctx, made.id)).amount == cny(1000)
    changed = await put_receivable(ctx, "i-1", customer_id=customer.id, amount=cny(904), **TERMS, lines=[GOODS])
    assert (changed.amount, len(await lines_of(ctx, made.id))) == (cny(904), 1)
    kept = await put_receivable(ctx, "i-1", customer_id=customer.id, amount=cny(904), **TERMS)
    assert (kept.version, len(await lines_of(ctx, made.id))) == (2, 1)
    gone = await put_receivable(ctx, "i-1", customer_id=customer.id, amount=cny(900), **TERMS, lines=[])
    assert (gone.amount, await lines_of(ctx, made.id)) == (cny(900), [])


async def test_a_put_of_nothing_but_lines_raises_the_version(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, external_id="i-1")
    changed = await put_receivable(
        ctx, "i-1", customer_id=customer.id, amount=cny(1000), **TERMS, lines=[GOODS, FREIGHT]
    )
    again = await put_receivable(ctx, "i-1", customer_id=customer.id, amount=cny(1000), **TERMS, lines=[GOODS, FREIGHT])
    assert (changed.version, again.version) == (2, 2)
    assert [e.type for e in await events_of(ctx)][2:] == ["receivable.lines_replaced"]


async def test_a_file_cannot_correct_an_amount_that_has_lines(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    await a_receivable(ctx, customer, external_id="i-1", lines=[GOODS, FREIGHT])
    done = await imported(ctx, HEADER + "i-1,c-1,INV-1,999.00,CNY,2026-01-01,2026-01-31,,\n")
    assert [(e.column, e.code) for e in await errors_of(ctx, done)] == [("amount", "amount_differs_from_lines")]
    done = await imported(ctx, HEADER + "i-1,c-1,INV-2,1000.00,CNY,2026-01-01,2026-01-31,,\n")
    assert done.progress.updated == 1


async def test_a_cancelled_receivable_keeps_its_lines(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), lines=[GOODS, FREIGHT])
    await cancel_receivable(ctx, made.id, reason="twice")
    with pytest.raises(Conflict) as refused:
        await replace_receivable_lines(ctx, made.id, [])
    assert refused.value.code == "receivable_cancelled"


async def test_lines_of_others_are_not_found(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx), lines=[GOODS, FREIGHT])
    limited = limited_to(ctx, await a_collector(ctx))
    with pytest.raises(NotFound):
        await list_receivable_lines(limited, made.id, PageRequest())
    with pytest.raises(NotFound):
        await replace_receivable_lines(limited, made.id, [])
    assert await count(limited, "receivable_lines") == 0
