"""Statements of account: lines, periods, currencies, bounds, and files that spreadsheets open."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.insight import statements as uses
from domain.insight.statement_csv import statement_file
from domain.insight.statements import get_statement
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.ledger.charges import add_charge
from domain.ledger.credit_notes import issue_credit_note
from domain.ledger.delivering import record_delivery
from domain.ledger.payment_changes import refund_payment, reverse_payment
from domain.ledger.rules.delivery import Delivery
from domain.ledger.write_offs import write_off_receivable
from domain.storage.transaction import transaction
from tests.factories import a_customer, tenant_context
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import TWO_TEN, a_payment, a_receivable, cny, standing_at

LATER = datetime(2026, 3, 1, tzinfo=UTC)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


async def csv_of(ctx: Context, customer_id: str, **asked: date) -> tuple[bytes, list[dict[str, str]]]:
    wanted = {"as_of": None, "from_on": None, "currency": None, **asked}
    _, file = await statement_file(ctx, customer_id, **wanted)  # type: ignore[arg-type]
    with file:
        raw = file.read()
    return raw, list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


async def test_open_items_and_credits_of_a_day(ctx: Context) -> None:
    now = standing_at(ctx, LATER)
    customer = await a_customer(now, external_id="C-1", locale="zh-CN")
    late = await a_receivable(now, customer, number="INV-1", due_on=day(1, 10))
    await a_receivable(now, customer, number="INV-2", due_on=day(2, 10))
    await a_receivable(now, customer, number="USD-1", amount=Money(Decimal(7), "USD"), due_on=day(1, 31))
    await add_charge(now, late.id, component="fee", amount=cny(40), reason="late", effective_on=day(1, 20))
    await a_payment(now, customer, 300, received_on=day(1, 25))
    await a_payment(now, customer, 50, received_on=day(1, 26), allocations=[], reference="bank 7")
    told = await get_statement(now, customer.id, as_of=day(1, 31))
    assert (told.customer_name, told.customer_external_id, told.locale) == ("Lanhai Trading", "C-1", "zh-CN")
    assert (told.tenant_name, told.as_of, told.from_on) == ("Acme Receivables", day(1, 31), None)
    yuan, dollars = told.accounts
    assert [(i.number, i.days_overdue, i.amount, i.settled_amount, i.open_amount) for i in yuan.items] == [
        ("INV-1", 21, cny(1040), cny(300), cny(740)),
        ("INV-2", 0, cny(1000), cny(0), cny(1000)),
    ]
    assert [(c.kind, c.number, c.dated_on, c.unapplied_amount) for c in yuan.credits] == [
        ("payment", "bank 7", day(1, 26), cny(50))
    ]
    assert (yuan.open_amount, yuan.unapplied_amount, yuan.balance_amount) == (cny(1740), cny(50), cny(1690))
    assert (yuan.current_amount, yuan.buckets[0].amount, yuan.opening_amount) == (cny(1000), cny(740), None)
    assert [i.number for i in dollars.items] == ["USD-1"]
    assert (await get_statement(now, customer.id, as_of=day(1, 31), currency="USD")).accounts == [dollars]
    # Before the payments and the fee.
    (yuan, _) = (await get_statement(now, customer.id, as_of=day(1, 15))).accounts
    assert [(i.number, i.days_overdue, i.open_amount) for i in yuan.items] == [
        ("INV-1", 5, cny(1000)),
        ("INV-2", 0, cny(1000)),
    ]
    assert yuan.credits == []
    assert (await get_statement(now, customer.id, as_of=date(2025, 12, 31))).accounts == []


async def test_nothing_is_overdue_while_its_due_date_waits_for_delivery(ctx: Context) -> None:
    now = standing_at(ctx, LATER)
    customer = await a_customer(now)
    on_receipt = replace(TWO_TEN, anchor="received_on")
    made = await a_receivable(now, customer, due_on=None, payment_terms=on_receipt)
    (account,) = (await get_statement(now, customer.id)).accounts
    assert account.current_amount == account.open_amount == cny(1000)
    assert [(i.due_on_is_provisional, i.days_overdue) for i in account.items] == [(True, 0)]
    _, rows = await csv_of(now, customer.id)
    assert [(row["due_on_is_provisional"], row["days_overdue"]) for row in rows] == [("true", "0")]
    await record_delivery(now, made.id, Delivery(received_on=day(1, 20)))
    (account,) = (await get_statement(now, customer.id)).accounts
    assert [(i.due_on, i.due_on_is_provisional, i.days_overdue) for i in account.items] == [(day(2, 19), False, 10)]


async def test_a_period_has_every_movement_with_the_balance_after_it(ctx: Context) -> None:
    now = standing_at(ctx, LATER)
    customer = await a_customer(now)
    before = await a_receivable(now, customer, number="INV-0", issued_on=date(2025, 12, 1), due_on=date(2025, 12, 31))
    await a_receivable(now, customer, number="INV-1", issued_on=day(1, 5), due_on=day(2, 5))
    await add_charge(now, before.id, component="interest", amount=cny(12), reason="late", effective_on=day(1, 6))
    bounced = await a_payment(now, customer, 500, received_on=day(1, 7), reference="bounces")
    await reverse_payment(now, bounced.id, reason="bounced", reversed_on=day(1, 9))
    paid = await a_payment(now, customer, 2100, received_on=day(1, 10), reference="too much")
    await refund_payment(now, paid.id, amount=cny(8), refunded_on=day(1, 12))
    await issue_credit_note(
        now, customer_id=customer.id, number="CN-1", amount=cny(30), issued_on=day(1, 13), reason="rebate"
    )
    third = await a_receivable(now, customer, number="INV-2", issued_on=day(1, 14), due_on=day(2, 14))
    await write_off_receivable(now, third.id, amount=cny(100), reason="other", effective_on=day(1, 15))
    (account,) = (await get_statement(now, customer.id, from_on=day(1, 5), as_of=day(1, 31))).accounts
    assert account.opening_amount == cny(1000)
    assert [(m.kind, m.number, m.amount, m.balance_amount) for m in account.movements] == [
        ("invoiced", "INV-1", cny(1000), cny(2000)),
        ("charge", "INV-0", cny(12), cny(2012)),
        ("payment", "bounces", cny(-500), cny(1512)),
        ("payment_reversal", "bounces", cny(500), cny(2012)),
        ("payment", "too much", cny(-2100), cny(-88)),
        ("refund", None, cny(8), cny(-80)),
        ("credit_note", "CN-1", cny(-30), cny(-110)),
        ("invoiced", "INV-2", cny(1000), cny(890)),
        ("write_off", "INV-2", cny(-100), cny(790)),
    ]
    assert account.balance_amount == cny(790)
    assert account.items == []
    assert account.credits == []
    # The same as a file: opening and closing are lines.
    _, rows = await csv_of(now, customer.id, from_on=day(1, 5), as_of=day(1, 31))
    assert (rows[0]["line"], rows[-1]["line"]) == ("opening", "closing")
    assert Decimal(rows[0]["balance_amount"]) + sum(Decimal(row["amount"] or 0) for row in rows) == Decimal("790.00")
    assert rows[-1]["balance_amount"] == "790.00"


async def test_what_is_dated_before_what_it_undoes_is_told_as_a_line_of_its_own(ctx: Context) -> None:
    now = standing_at(ctx, LATER)
    customer = await a_customer(now)
    late = await a_receivable(now, customer, issued_on=day(1, 1), due_on=day(1, 10))
    await add_charge(now, late.id, component="fee", amount=cny(40), reason="late", effective_on=day(1, 20))
    await write_off_receivable(now, late.id, reason="uncollectible", effective_on=day(1, 15))
    (account,) = (await get_statement(now, customer.id, from_on=day(1, 1), as_of=day(1, 15))).accounts
    assert [(m.kind, m.amount) for m in account.movements] == [
        ("invoiced", cny(1000)),
        ("write_off", cny(-1040)),
        ("timing", cny(40)),
    ]
    (after,) = (await get_statement(now, customer.id, from_on=day(1, 16), as_of=day(1, 31))).accounts
    assert after.opening_amount == account.balance_amount == cny(0)
    assert [(m.kind, m.amount) for m in after.movements] == [("charge", cny(40)), ("timing", cny(-40))]


async def test_bad_questions_are_refused(ctx: Context) -> None:
    customer = await a_customer(ctx)
    for asked, code in (
        ({"as_of": date(1969, 12, 31)}, "date_out_of_range"),
        ({"from_on": date(2300, 1, 1)}, "date_out_of_range"),
        ({"from_on": day(1, 6), "as_of": day(1, 5)}, "period_backwards"),
        ({"currency": "XXX"}, "unknown_currency"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await get_statement(ctx, customer.id, **asked)
        assert refused.value.errors[0].code == code
    with pytest.raises(NotFound):
        await get_statement(ctx, "cus_00000000000000000000000000")


async def test_a_long_statement_is_a_file(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = await a_customer(ctx)
    for number in range(4):
        await a_receivable(ctx, customer, number=f"INV-{number}")
    monkeypatch.setattr(uses, "MOST_LINES", 4)
    assert len((await get_statement(ctx, customer.id)).accounts[0].items) == 4
    monkeypatch.setattr(uses, "MOST_LINES", 3)
    for since in (None, day(1, 1)):
        with pytest.raises(Conflict) as refused:
            await get_statement(ctx, customer.id, from_on=since)
        assert refused.value.code == "statement_too_long"
        assert "text/csv" in refused.value.detail
    assert len((await csv_of(ctx, customer.id))[1]) == 4


async def test_memory_for_a_file_does_not_grow_with_its_lines(ctx: Context) -> None:
    customer = await a_customer(ctx)
    first = await a_receivable(ctx, customer)
    async with transaction(ctx) as tx:
        own = await tx.fetch(
            "select attname from pg_attribute where attrelid = 'receivables'::regclass and attnum > 0 and attgenerated = ''"
            " and not attisdropped and attname not in ('id', 'external_id')"
        )
        others = ", ".join(row["attname"] for row in own)
        await tx.execute(
            f"insert into receivables (id, {others}) select 'rcv_' || n, {others}"
            " from receivables r, generate_series(1, 20000) n where r.tenant_id = $1 and r.id = $2",
            ctx.tenant_id,
            first.id,
        )
    tracemalloc.start()
    try:
        _, file = await statement_file(ctx, customer.id, as_of=None, from_on=None, currency=None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with file:
        assert sum(1 for _ in file) == 20_002
    assert peak < 6_000_000


async def test_a_spreadsheet_runs_nothing_that_a_statement_says(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await a_receivable(ctx, customer, number='=HYPERLINK("http://evil.example")')
    await a_payment(ctx, customer, 10, allocations=[], reference="@SUM(1)")
    raw, rows = await csv_of(ctx, customer.id)
    assert raw.startswith(b"\xef\xbb\xbfline,currency,number,")
    assert [row["number"] for row in rows] == ['\'=HYPERLINK("http://evil.example")', "'@SUM(1)"]
    assert [row["open_amount"] for row in rows] == ["1000.00", "-10.00"]
    assert rows[0]["due_on"] == "2026-01-31"


async def test_a_collector_sees_statements_of_own_customers_and_a_scope_is_needed(ctx: Context) -> None:
    own, other = await a_collector(ctx), await a_collector(ctx)
    mine, theirs = await a_customer(ctx, owner_id=own), await a_customer(ctx, owner_id=other)
    for customer in (mine, theirs):
        await a_receivable(ctx, customer)
    limited = limited_to(ctx, own)
    assert len((await get_statement(limited, mine.id)).accounts) == 1
    with pytest.raises(NotFound):
        await get_statement(limited, theirs.id)
    without = await tenant_context(ctx.tenant_id, frozenset({"customers:read"}))
    with pytest.raises(Forbidden):
        await statement_file(without, mine.id, as_of=None, from_on=None, currency=None)
