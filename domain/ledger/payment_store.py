"""Payments and allocations in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger import allocation_store
from domain.ledger.model import Allocation, Payment
from domain.storage.transaction import sql

_SELECT = """
    select id, external_id, customer_id, currency, amount, unapplied_amount, received_on, reference, method, state,
      refunded_amount, reversed_on, reversal_reason, version, created_at, updated_at
    from payments where tenant_id = $1
"""


async def add(ctx: Context, payment: Payment) -> bool:
    """Stores a payment and its allocations; False, and nothing is stored, if its external id is taken."""
    stored = await sql(ctx).execute(
        """
        insert into payments (tenant_id, id, external_id, customer_id, currency, amount, unapplied_amount, received_on,
          reference, method, state, refunded_amount, version, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'recorded', 0, $11, $12, $12)
        on conflict (tenant_id, external_id) do nothing
        """,
        ctx.tenant_id,
        payment.id,
        payment.external_id,
        payment.customer_id,
        payment.amount.currency,
        payment.amount.amount,
        payment.unapplied_amount.amount,
        payment.received_on,
        payment.reference,
        payment.method,
        payment.version,
        payment.created_at,
    )
    if stored == "INSERT 0 0":
        return False
    await allocation_store.add(ctx, payment.id, payment.allocations)
    return True


async def lock(ctx: Context, payment_id: str) -> Payment:
    """One payment, locked until the transaction ends, before the receivables it settles; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $2 for update", ctx.tenant_id, payment_id)
    if row is None:
        raise NotFound.of("payment", payment_id)
    return (await with_allocations(ctx, [row]))[0]


async def save(ctx: Context, payment: Payment) -> None:
    """Replaces what may change of a locked payment."""
    await sql(ctx).execute(
        "update payments set unapplied_amount = $3, refunded_amount = $4, state = $5, reversed_on = $6, reversal_reason = $7,"
        " version = $8, updated_at = $9 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        payment.id,
        payment.unapplied_amount.amount,
        payment.refunded_amount.amount,
        payment.state,
        payment.reversed_on,
        payment.reversal_reason,
        payment.version,
        payment.updated_at,
    )


async def find(ctx: Context, payment_id: str) -> Payment | None:
    """One payment with its allocations."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and id = $2", ctx.tenant_id, payment_id)
    return (await with_allocations(ctx, [row]))[0] if row else None


async def find_external(ctx: Context, external_id: str) -> Payment | None:
    """One payment by the id that the integrator gave it."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and external_id = $2", ctx.tenant_id, external_id)
    return (await with_allocations(ctx, [row]))[0] if row else None


async def page(ctx: Context, customer_id: str | None, request: PageRequest) -> list[Payment]:
    """Payments in the order of their recording, one more than asked for."""
    of_customer = "" if customer_id is None else " and customer_id = $4"
    rows = await sql(ctx).fetch(
        f"{_SELECT} and ($2::text is null or id > $2){of_customer} order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
        *([] if customer_id is None else [customer_id]),
    )
    return await with_allocations(ctx, rows)


async def by_ids(ctx: Context, ids: list[str]) -> dict[str, Payment]:
    """Payments by id, those that exist."""
    rows = await sql(ctx).fetch(f"{_SELECT} and id = any($2)", ctx.tenant_id, ids)
    return {payment.id: payment for payment in await with_allocations(ctx, rows)}


async def with_allocations(ctx: Context, rows: Sequence[Any]) -> list[Payment]:
    """Payments from their rows; the allocations of all of them come in one statement."""
    allocations = await allocation_store.holding(ctx, {row["id"]: row["currency"] for row in rows})
    return [_payment_of(row, allocations.get(row["id"], [])) for row in rows]


def _payment_of(row: Any, allocations: list[Allocation]) -> Payment:
    values = dict(row)
    currency = values.pop("currency")
    for name in ("amount", "unapplied_amount", "refunded_amount"):
        values[name] = Money(values[name], currency)
    return Payment(**values, allocations=allocations)
