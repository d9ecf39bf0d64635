"""Refunds in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from typing import Any

from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Refund
from domain.storage.transaction import sql


async def add(ctx: Context, refund: Refund) -> None:
    """Stores a refund; raises asyncpg's UniqueViolationError if its external id is taken."""
    await sql(ctx).execute(
        "insert into refunds (tenant_id, id, payment_id, external_id, amount, refunded_on, reference, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        ctx.tenant_id,
        refund.id,
        refund.payment_id,
        refund.external_id,
        refund.amount.amount,
        refund.refunded_on,
        refund.reference,
        refund.created_at,
    )


async def page(ctx: Context, payment_id: str, request: PageRequest) -> list[Any]:
    """Rows of a page of one payment's refunds, one more than asked for."""
    return await sql(ctx).fetch(
        "select f.id, f.payment_id, f.external_id, f.amount, p.currency, f.refunded_on, f.reference, f.created_at"
        " from refunds f join payments p on p.tenant_id = f.tenant_id and p.id = f.payment_id"
        " where f.tenant_id = $1 and f.payment_id = $2 and ($3::text is null or f.id > $3) order by f.id limit $4",
        ctx.tenant_id,
        payment_id,
        request.after,
        request.limit + 1,
    )


def refund_of(row: Any) -> Refund:
    """A refund from its row."""
    values = dict(row)
    values["amount"] = Money(values["amount"], values.pop("currency"))
    return Refund(**values)
