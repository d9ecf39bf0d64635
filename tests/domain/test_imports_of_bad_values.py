"""Amounts and days at the edge of what a ledger holds, and beyond: told by line, column and code, and no good row goes with them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.kernel.context import Context
from domain.operations.model import Progress
from tests.factories_ledger import cny, count, errors_of, events_of, imported, receivables_of

HEADER = "external_id,customer_external_id,amount,currency,issued_on,due_on,customer_name\n"


def row(
    n: int, *, amount: str = "1.00", currency: str = "CNY", issued_on: str = "2026-01-01", due_on: str = "2026-01-31"
) -> str:
    """A line that says a receivable of the n-th customer."""
    return f"i-{n},c-{n},{amount},{currency},{issued_on},{due_on},Lanhai\n"


async def test_the_largest_amount_and_the_first_and_last_days_are_taken(ctx: Context) -> None:
    content = (
        HEADER
        + row(1, amount="999999999999999.99")
        + row(2, amount="0.01", issued_on="1970-01-01", due_on="2200-12-31")
        + row(3, amount="000000000000000000001.50", issued_on="2000-02-29", due_on="2028-02-29")
        + row(4, amount="0.001", currency="KWD", issued_on="2026-01-31", due_on="2026-01-31")
    )
    operation = await imported(ctx, content)
    assert operation.progress == Progress(processed=4, created=4)
    made = await receivables_of(ctx)
    assert made["i-1"].open_amount == cny("999999999999999.99")
    assert (made["i-2"].issued_on, made["i-2"].due_on) == (date(1970, 1, 1), date(2200, 12, 31))
    assert (made["i-3"].amount, made["i-3"].issued_on) == (cny("1.50"), date(2000, 2, 29))
    assert str(made["i-4"].amount.amount) == "0.001"


BAD = (
    ({"amount": "1000000000000000"}, "amount", "amount_out_of_range", "1000000000000000"),
    ({"amount": "9" * 200}, "amount", "amount_out_of_range", "9" * 200),
    ({"amount": "9" * 201}, "amount", "too_long", "9" * 200),
    ({"amount": "999999999999999.999"}, "amount", "too_many_digits", "999999999999999.999"),
    ({"amount": "0.0000000001"}, "amount", "too_many_digits", "0.0000000001"),
    ({"amount": "1." + "0" * 60 + "1"}, "amount", "too_many_digits", "1." + "0" * 60 + "1"),
    ({"amount": "1.5", "currency": "JPY"}, "amount", "too_many_digits", "1.5"),
    ({"amount": "0.00"}, "amount", "amount_not_positive", "0.00"),
    ({"amount": "1E15"}, "amount", "unparsable_amount", "1E15"),
    ({"amount": "Infinity"}, "amount", "unparsable_amount", "Infinity"),
    ({"issued_on": "2026-02-29"}, "issued_on", "unparsable_date", "2026-02-29"),
    ({"due_on": "2100-02-29"}, "due_on", "unparsable_date", "2100-02-29"),
    ({"due_on": "2026-04-31"}, "due_on", "unparsable_date", "2026-04-31"),
    ({"due_on": "9999-12-31"}, "due_on", "date_out_of_range", "9999-12-31"),
    ({"due_on": "2201-01-01"}, "due_on", "date_out_of_range", "2201-01-01"),
    ({"due_on": "12026-01-31"}, "due_on", "unparsable_date", "12026-01-31"),
    ({"issued_on": "1969-12-31"}, "issued_on", "date_out_of_range", "1969-12-31"),
    ({"issued_on": "0000-01-01"}, "issued_on", "unparsable_date", "0000-01-01"),
    ({"due_on": "2025-12-31"}, "due_on", "due_before_issue", "2025-12-31"),
    ({"issued_on": "2026-02-01"}, "due_on", "due_before_issue", "2026-01-31"),
)


async def test_what_a_ledger_cannot_hold_is_refused_at_its_line_and_column(ctx: Context) -> None:
    # The first row takes three lines of the file, which later rows' numbers count.
    first = 'good-1,c-1,1.00,CNY,2026-01-01,2026-01-31,"Lanhai\nTrading\nLtd"\n'
    content = HEADER + first + "".join(row(n, **bad[0]) for n, bad in enumerate(BAD)) + row(99)
    operation = await imported(ctx, content)
    assert operation.progress == Progress(processed=len(BAD) + 2, created=2, failed=len(BAD))
    assert [(e.line, e.column, e.code, e.value) for e in await errors_of(ctx, operation)] == [
        (n, column, code, value) for n, (_, column, code, value) in enumerate(BAD, start=5)
    ]
    assert set(await receivables_of(ctx)) == {"good-1", "i-99"}
    assert await count(ctx, "customers") == 2
    assert len(await events_of(ctx, "receivable.created", "customer.created")) == 4


@pytest.mark.parametrize(
    ("date_format", "leap", "common", "far"),
    [
        ("M/D/YYYY", "2/29/2028", "2/29/2026", "1/1/9999"),
        ("D/M/YYYY", "29/2/2028", "29/2/2026", "1/1/9999"),
        ("D.M.YYYY", "29.02.2028", "29.02.2026", "1.1.9999"),
        ("YYYY/M/D", "2028/2/29", "2026/2/29", "9999/1/1"),
        ("YYYYMMDD", "20280229", "20260229", "99990101"),
    ],
)
async def test_the_29_of_february_is_a_day_of_leap_years_alone_in_every_format(
    ctx: Context, date_format: str, leap: str, common: str, far: str
) -> None:
    content = "Nr,Kunde,Betrag,Datum,Fällig\n" + "".join(f"{day},c-1,1.00,{day},{day}\n" for day in (leap, common, far))
    columns = {"external_id": "Nr", "customer_external_id": "Kunde", "amount": "Betrag"}
    columns |= {"issued_on": "Datum", "due_on": "Fällig"}
    mapping = {"columns": columns, "date_format": date_format, "defaults": {"currency": "EUR"}}
    operation = await imported(ctx, content, mapping=mapping)
    assert operation.progress == Progress(processed=3, created=1, failed=2)
    assert [(e.line, e.column, e.code) for e in await errors_of(ctx, operation)] == [
        (3, "Datum", "unparsable_date"),
        (3, "Fällig", "unparsable_date"),
        (4, "Datum", "date_out_of_range"),
        (4, "Fällig", "date_out_of_range"),
    ]


async def test_a_correction_beyond_what_a_ledger_holds_leaves_the_receivable_as_it_was(ctx: Context) -> None:
    await imported(ctx, HEADER + row(1))
    before = await receivables_of(ctx)
    content = HEADER + row(1, amount="1000000000000000") + row(2)
    operation = await imported(ctx, content)
    assert operation.progress == Progress(processed=2, created=1, failed=1)
    assert (await receivables_of(ctx))["i-1"] == before["i-1"]
