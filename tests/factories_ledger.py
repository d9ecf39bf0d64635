"""Receivables, payments and imports for tests, made through the use cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.customers.model import Customer
from domain.events.log import list_events
from domain.events.model import Event
from domain.importing.imports import start_import
from domain.importing.running import run_import
from domain.kernel.clock import FixedClock
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Payment, Receivable
from domain.ledger.payments import record_payment
from domain.ledger.receivables import create_receivable, list_receivables
from domain.ledger.rules.payment_terms import Discount, DueRule, PaymentTerms, TermPart
from domain.operations import work as operations
from domain.operations.model import Operation, OperationError
from domain.operations.operations import get_operation, list_operation_errors
from domain.storage.transaction import reading, transaction

HEADER = "external_id,customer_external_id,number,amount,currency,issued_on,due_on,customer_name,customer_email\n"
TWO = (
    HEADER
    + "i-1,c-1,INV-1,100.00,CNY,2026-01-01,2026-01-31,蓝海贸易,pay@lanhai.example\n"
    + "i-2,c-1,,250.50,CNY,2026-01-02,2026-02-28,蓝海贸易,pay@lanhai.example\n"
)

TWO_TEN = PaymentTerms(parts=(TermPart(due=DueRule(days=30)),), discount=Discount(rate=Decimal("0.02"), days=10))


def cny(amount: str | int) -> Money:
    """An amount in CNY."""
    return Money(Decimal(amount), "CNY")


async def a_receivable(ctx: Context, customer: Customer, **overrides: Any) -> Receivable:
    """1,000 CNY, issued on 2026-01-01 and due on 2026-01-31."""
    fields = {
        "customer_id": customer.id,
        "number": "INV-1",
        "amount": cny(1000),
        "issued_on": date(2026, 1, 1),
        "due_on": date(2026, 1, 31),
        **overrides,
    }
    return await create_receivable(ctx, **fields)


async def a_payment(ctx: Context, customer: Customer, paid: str | int, **overrides: Any) -> Payment:
    """Money received on 2026-01-05."""
    fields = {"customer_id": customer.id, "amount": cny(paid), "received_on": date(2026, 1, 5), **overrides}
    return await record_payment(ctx, **fields)


def standing_at(ctx: Context, instant: datetime) -> Context:
    """The same tenant at another time."""
    return replace(ctx, clock=FixedClock(instant))


async def pieces(content: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    """Content as it comes over a network."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def imported(ctx: Context, content: bytes | str, *, kind: Any = "receivables", **options: Any) -> Operation:
    """A file taken in to its end."""
    raw = content.encode() if isinstance(content, str) else content
    operation = await start_import(ctx, kind=kind, chunks=pieces(raw), **options)
    return await worked_off(ctx, operation)


async def worked_off(ctx: Context, operation: Operation) -> Operation:
    """An operation after a worker has had it."""
    claimed = await operations.claim(ctx, operation.id)
    assert claimed is not None
    await run_import(ctx, claimed)
    return await get_operation(ctx, operation.id)


async def lease_runs_out(ctx: Context, operation: Operation) -> None:
    """As if the worker that had the operation had been killed a while ago."""
    async with transaction(ctx) as tx:
        await tx.execute(
            "update operations set leased_until = '2000-01-01' where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            operation.id,
        )


async def errors_of(ctx: Context, operation: Operation) -> list[OperationError]:
    """What an import could not take."""
    return (await list_operation_errors(ctx, operation.id, PageRequest(limit=200))).items


async def events_of(ctx: Context, *types: str) -> list[Event]:
    """The first 200 events of these types, in order."""
    events = (await list_events(ctx, PageRequest(limit=200))).items
    return [event for event in events if not types or event.type in types]


async def receivables_of(ctx: Context) -> dict[str | None, Receivable]:
    """The tenant's receivables by external id."""
    return {r.external_id: r for r in (await list_receivables(ctx, PageRequest(limit=200))).items}


async def count(ctx: Context, table: str) -> int:
    """How many rows of a table the tenant has."""
    async with reading(ctx) as tx:
        rows: int = await tx.fetchval(f"select count(*) from {table} where tenant_id = $1", ctx.tenant_id)
        return rows


def file_of(size: int, *, first: int = 0) -> str:
    """A receivables file of `size` lines of 7 customers."""
    return HEADER + "".join(
        f"i-{n},c-{n % 7},N-{n},{n + 1}.00,CNY,2026-01-01,2026-02-{1 + n % 28:02d},Kunde {n % 7},\n"
        for n in range(first, first + size)
    )
