"""Payments and allocations in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Allocation, Payment
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_SELECT = """
    select id, external_id, customer_id, currency, amount, unapplied_amount, received_on, reference, method, state,
      refunded_amount, reversed_on, reversal_reason, version, created_at, updated_at
    from payments where tenant_id = $1
"""
_ALLOCATION = {
    "tenant_id": "text",
    "id": "text",
    "payment_id": "text",
    "receivable_id": "text",
    "amount": "numeric",
    "created_at": "timestamptz",
    "reverses_id": "text",
}
_HOLDING = """
    select a.payment_id, a.id, a.receivable_id, a.amount from allocations a
    where a.tenant_id = $1 and a.payment_id = any($2) and a.reverses_id is null
      and not exists (select 1 from allocations u where u.tenant_id = $1 and u.reverses_id = a.id)
    order by a.id
"""


async def add(ctx: Context, payment: Payment) -> None:
    """Stores a payment and its allocations; raises asyncpg's UniqueViolationError if its external id is taken."""
    await sql(ctx).execute(
        """
        insert into payments (tenant_id, id, external_id, customer_id, currency, amount, unapplied_amount, received_on,
          reference, method, state, refunded_amount, version, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'recorded', 0, $11, $12, $12)
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
    await add_allocations(ctx, payment.id, payment.allocations)


async def add_allocations(ctx: Context, payment_id: str, allocations: Sequence[Allocation]) -> None:
    """Stores new allocations of a payment in one statement."""
    now = ctx.now()
    rows = [(ctx.tenant_id, a.id, payment_id, a.receivable_id, a.amount.amount, now, None) for a in allocations]
    await insert_rows(sql(ctx), "allocations", _ALLOCATION, rows)


async def undo_allocations(ctx: Context, payment_id: str, undone: Sequence[tuple[str, Allocation]]) -> None:
    """Stores what undoes allocations, given as pairs of a new id and the allocation that does not hold any more."""
    now = ctx.now()
    rows = [(ctx.tenant_id, new, payment_id, a.receivable_id, a.amount.amount, now, a.id) for new, a in undone]
    await insert_rows(sql(ctx), "allocations", _ALLOCATION, rows)


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
    if not rows:
        return []
    shares = await sql(ctx).fetch(_HOLDING, ctx.tenant_id, [row["id"] for row in rows])
    of_payment = defaultdict(list)
    for share in shares:
        of_payment[share["payment_id"]].append(share)
    return [_payment_of(row, of_payment[row["id"]]) for row in rows]


def _payment_of(row: Any, shares: Sequence[Any]) -> Payment:
    currency = row["currency"]
    return Payment(
        id=row["id"],
        external_id=row["external_id"],
        customer_id=row["customer_id"],
        amount=Money(row["amount"], currency),
        unapplied_amount=Money(row["unapplied_amount"], currency),
        received_on=row["received_on"],
        reference=row["reference"],
        method=row["method"],
        allocations=[
            Allocation(id=share["id"], receivable_id=share["receivable_id"], amount=Money(share["amount"], currency))
            for share in shares
        ],
        state=row["state"],
        refunded_amount=Money(row["refunded_amount"], currency),
        reversed_on=row["reversed_on"],
        reversal_reason=row["reversal_reason"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
