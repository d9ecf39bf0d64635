"""Imports from start to end: what goes in, what is reported, and that a second time changes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from domain.customers.contacts import list_contacts
from domain.customers.customers import get_customer_by_external_id, list_customers
from domain.importing.imports import start_import
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.ledger.receivables import get_receivable_by_external_id, list_entries
from domain.operations.model import Progress
from domain.storage.transaction import reading
from tests.factories import a_contact, a_customer
from tests.factories_ledger import (
    HEADER,
    TWO,
    a_payment,
    a_receivable,
    cny,
    count,
    errors_of,
    events_of,
    file_of,
    imported,
    pieces,
    receivables_of,
    worked_off,
)


async def test_good_rows_become_customers_contacts_receivables_entries_and_events(ctx: Context) -> None:
    operation = await imported(ctx, TWO)
    assert (operation.state, operation.error, operation.result) == ("succeeded", None, {"rows": 2})
    assert operation.progress == Progress(processed=2, created=2)
    customer = await get_customer_by_external_id(ctx, "c-1")
    assert customer.name == "蓝海贸易"
    (contact,) = (await list_contacts(ctx, customer.id, PageRequest())).items
    assert (contact.email, contact.role, contact.name) == ("pay@lanhai.example", "billing", "蓝海贸易")
    first = await get_receivable_by_external_id(ctx, "i-1")
    assert (first.customer_id, first.number, first.amount, first.status) == (customer.id, "INV-1", cny(100), "open")
    assert (first.issued_on, first.due_on) == (date(2026, 1, 1), date(2026, 1, 31))
    assert (await get_receivable_by_external_id(ctx, "i-2")).number == "i-2"
    (entry,) = (await list_entries(ctx, first.id, PageRequest())).items
    assert (entry.kind, entry.amount, entry.effective_on) == ("invoiced", cny(100), date(2026, 1, 1))
    events = await events_of(ctx)
    assert [event.type for event in events] == [
        "customer.created",
        "contact.created",
        "receivable.created",
        "receivable.created",
        "import.finished",
    ]
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert events[-1].data["operation"]["progress"]["created"] == 2
    assert await count(ctx, "operation_chunks") == 0


async def test_what_an_import_creates_turns_overdue_in_the_customers_zone(ctx: Context) -> None:
    line = "i-1,c-1,100.00,CNY,2026-01-01,2026-01-31,America/New_York\n"
    header = "external_id,customer_external_id,amount,currency,issued_on,due_on,customer_time_zone\n"
    await imported(ctx, header + line)
    async with reading(ctx) as tx:
        overdue_at = await tx.fetchval("select overdue_at from receivables where tenant_id = $1", ctx.tenant_id)
    assert overdue_at == datetime(2026, 2, 1, 5, tzinfo=UTC)


async def test_the_same_file_again_changes_nothing(ctx: Context) -> None:
    await imported(ctx, TWO)
    before, events = await receivables_of(ctx), await events_of(ctx)
    again = await imported(ctx, TWO)
    assert again.progress == Progress(processed=2, unchanged=2)
    assert await receivables_of(ctx) == before
    assert [event.type for event in (await events_of(ctx))[len(events) :]] == ["import.finished"]
    assert await count(ctx, "entries") == 2
    assert await count(ctx, "contacts") == 1


async def test_a_changed_row_changes_its_receivable_and_no_other(ctx: Context) -> None:
    await imported(ctx, TWO)
    await a_payment(ctx, await get_customer_by_external_id(ctx, "c-1"), 60)
    again = await imported(ctx, TWO.replace("100.00", "90.00").replace("2026-01-31", "2026-02-01"))
    assert again.progress == Progress(processed=2, updated=1, unchanged=1)
    changed = await get_receivable_by_external_id(ctx, "i-1")
    assert (changed.amount, changed.open_amount, changed.due_on) == (cny(90), cny(30), date(2026, 2, 1))
    assert (changed.status, changed.version) == ("partly_paid", 3)
    entries = (await list_entries(ctx, changed.id, PageRequest())).items
    assert [(e.kind, e.amount) for e in entries][-1] == ("correction", cny(-10))
    (event,) = await events_of(ctx, "receivable.updated")
    assert event.object_id == changed.id


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("i-1,c-1,INV-1,59.00,CNY,2026-01-01,2026-01-31,,\n", "amount", "amount_below_settled"),
        ("i-1,c-1,INV-1,100.00,USD,2026-01-01,2026-01-31,,\n", "currency", "currency_immutable"),
        ("i-1,c-9,INV-1,100.00,CNY,2026-01-01,2026-01-31,,\n", "customer_external_id", "customer_immutable"),
    ],
)
async def test_a_change_that_is_not_allowed_is_that_rows_error_alone(
    ctx: Context, line: str, column: str, code: str
) -> None:
    await imported(ctx, TWO)
    await a_payment(ctx, await get_customer_by_external_id(ctx, "c-1"), 60)
    before = await get_receivable_by_external_id(ctx, "i-1")
    good = "i-3,c-1,INV-3,1.00,CNY,2026-01-01,2026-01-31,,\n"
    operation = await imported(ctx, HEADER + line + good)
    assert (operation.state, operation.progress) == ("succeeded", Progress(processed=2, created=1, failed=1))
    (error,) = await errors_of(ctx, operation)
    assert (error.line, error.column, error.code) == (2, column, code)
    assert error.value in line
    assert await get_receivable_by_external_id(ctx, "i-1") == before
    assert len((await list_customers(ctx, PageRequest())).items) == 1


async def test_every_good_row_is_in_and_every_bad_one_is_reported(ctx: Context) -> None:
    bad = (
        HEADER
        + "i-1,c-1,INV-1,100.00,CNY,2026-01-01,2026-01-31,,\n"
        + "i-2,c-1,INV-2,ten,CNY,2026-01-01,2026-01-31,,\n"
        + "\n"
        + "i-3,c-1,INV-3,1.005,CNY,2026-01-01,yesterday,,nobody\n"
        + "i-1,c-1,INV-1,100.00,CNY,2026-01-01,2026-01-31,,\n"
        + '"i-4","c-1","two\nlines",7,CNY,2026-01-01,2026-01-31,,\n'
        + ",c-1,INV-5,1.00,XXQ,2026-01-01,2025-01-31,,\n"
        + "i-6,c-1,INV\x006,1.00,CNY,2026-01-01,2026-01-31,,\n"
    )
    operation = await imported(ctx, bad)
    assert operation.progress == Progress(processed=7, created=2, failed=5)
    assert sorted(str(key) for key in await receivables_of(ctx)) == ["i-1", "i-4"]
    assert [(e.line, e.column, e.code, e.value) for e in await errors_of(ctx, operation)] == [
        (3, "amount", "unparsable_amount", "ten"),
        (5, "due_on", "unparsable_date", "yesterday"),
        (5, "customer_email", "malformed_email", "n***"),
        (6, "external_id", "duplicate_external_id", "i-1"),
        (9, "external_id", "missing_value", ""),
        (9, "currency", "unknown_currency", "XXQ"),
        (10, "number", "nul_character", "INV\ufffd6"),
    ]


async def test_a_customer_that_exists_is_left_alone(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1", name="Known")
    operation = await imported(ctx, TWO)
    assert operation.progress.created == 2
    assert await get_customer_by_external_id(ctx, "c-1") == customer
    assert (await list_contacts(ctx, customer.id, PageRequest())).items == []


async def test_a_dry_run_finds_the_same_and_stores_nothing(ctx: Context) -> None:
    await imported(ctx, TWO)
    receivables, events = await receivables_of(ctx), await events_of(ctx)
    changed = TWO.replace("100.00", "90.00") + "i-3,c-3,,1.00,CNY,2026-01-01,2026-01-31,New,n@b.example\n,,,,,,,,\n"
    operation = await imported(ctx, changed, dry_run=True)
    assert operation.dry_run
    assert operation.progress == Progress(processed=4, created=1, updated=1, unchanged=1, failed=1)
    assert [error.code for error in await errors_of(ctx, operation)] == ["missing_value"] * 6
    assert await receivables_of(ctx) == receivables
    assert await count(ctx, "customers") == 1
    assert [event.type for event in (await events_of(ctx))[len(events) :]] == ["import.finished"]


async def test_a_dry_run_refuses_what_the_import_would_refuse(ctx: Context) -> None:
    await imported(ctx, TWO)
    operation = await imported(ctx, TWO.replace("CNY", "USD"), dry_run=True)
    assert [error.code for error in await errors_of(ctx, operation)] == ["currency_immutable"] * 2


async def test_two_imports_of_the_same_file_at_the_same_time_make_everything_once(ctx: Context) -> None:
    content = file_of(2500).encode()
    operations = [await start_import(ctx, kind="receivables", chunks=pieces(content)) for _ in range(2)]
    done = await asyncio.gather(*(worked_off(ctx, operation) for operation in operations))
    assert sum(operation.progress.created for operation in done) == 2500
    assert sum(operation.progress.unchanged for operation in done) == 2500
    assert await count(ctx, "receivables") == 2500
    assert await count(ctx, "customers") == 7
    assert await count(ctx, "entries") == 2500


async def test_payments_during_an_import_that_changes_amounts_do_not_block_it(ctx: Context) -> None:
    customer = await a_customer(ctx, external_id="c-1")
    await asyncio.gather(
        *(a_receivable(ctx, customer, external_id=f"i-{n}", due_on=date(2026, 2, 1 + n % 20)) for n in range(40))
    )
    content = HEADER + "".join(
        f"i-{n},c-1,INV-1,1100.00,CNY,2026-01-01,2026-02-{1 + n % 20:02d},,\n" for n in range(40)
    )
    paying = asyncio.gather(*(a_payment(ctx, customer, 2500) for _ in range(6)))
    operation = await imported(ctx, content)
    await paying
    assert operation.progress == Progress(processed=40, updated=40)
    async with reading(ctx) as tx:
        wrong = await tx.fetchval(
            "select count(*) from receivables r where tenant_id = $1 and open_amount <> "
            "(select sum(amount) from entries e where e.tenant_id = r.tenant_id and e.receivable_id = r.id)",
            ctx.tenant_id,
        )
    assert wrong == 0


async def test_a_customers_file_creates_changes_and_leaves_alone(ctx: Context) -> None:
    known = await a_customer(ctx, external_id="c-1", name="Old name", locale="en", metadata={"tier": "gold"})
    await a_contact(ctx, known, email="old@b.example")
    same = await a_customer(ctx, external_id="c-2", name="Same")
    content = (
        "external_id,name,email,locale,time_zone\n"
        "c-1,新名称,new@b.example,,Asia/Shanghai\n"
        "c-2,Same,,,\n"
        "c-3,Third,third@b.example,zh-CN,\n"
        "c-4,,x,,\n"
    )
    operation = await imported(ctx, content, kind="customers")
    assert operation.progress == Progress(processed=4, created=1, updated=1, unchanged=1, failed=1)
    changed = await get_customer_by_external_id(ctx, "c-1")
    assert (changed.name, changed.locale, changed.time_zone, changed.version) == ("新名称", "en", "Asia/Shanghai", 2)
    assert changed.metadata == {"tier": "gold"}
    emails = [contact.email for contact in (await list_contacts(ctx, known.id, PageRequest())).items]
    assert emails == ["old@b.example", "new@b.example"]
    assert await get_customer_by_external_id(ctx, "c-2") == same
    assert (await get_customer_by_external_id(ctx, "c-3")).locale == "zh-CN"
    before = await events_of(ctx)
    again = await imported(ctx, content, kind="customers")
    assert again.progress == Progress(processed=4, unchanged=3, failed=1)
    assert len(await events_of(ctx)) == len(before) + 1


async def test_tags_of_a_file_replace_those_there_were_and_an_empty_cell_says_nothing(ctx: Context) -> None:
    await a_customer(ctx, external_id="c-1", name="One", tags=["old"])
    content = (
        "external_id,name,tags\nc-1,One,vip; 大单 ;vip\nc-2,Two,new\nc-3,Three," + ";".join(map(str, range(51))) + "\n"
    )
    operation = await imported(ctx, content, kind="customers")
    assert operation.progress == Progress(processed=3, created=1, updated=1, failed=1)
    await imported(ctx, "external_id,name,tags\nc-1,Uno,\n", kind="customers")
    one, two = [await get_customer_by_external_id(ctx, external_id) for external_id in ("c-1", "c-2")]
    assert (one.name, one.tags, two.tags) == ("Uno", ["vip", "大单"], ["new"])
    told = await events_of(ctx, "customer.updated")
    assert [event.data["customer"]["tags"] for event in told] == [["vip", "大单"]] * 2


async def test_a_customers_dry_run_stores_nothing(ctx: Context) -> None:
    operation = await imported(ctx, "external_id,name\nc-1,One\n", kind="customers", dry_run=True)
    assert operation.progress == Progress(processed=1, created=1)
    assert await count(ctx, "customers") == 0
