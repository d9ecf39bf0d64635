"""The lines of statements read from the ledger's tables in PostgreSQL, always bound to the context's tenant.

Lines come out of a cursor in pieces, so that a statement of any length needs the same memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from domain.insight import store
from domain.insight.statement_model import StatementCredit, StatementItem
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.storage.transaction import sql

_PIECE = 500
_SETTLING = "('allocation', 'allocation_reversal', 'credit', 'credit_reversal')"
_OWED = "('invoiced', 'correction', 'charge', 'charge_waiver')"
# Movements of receivables but settling ones, which move money from one side of the balance to the other; then those of payments and
# credit notes. One act may have moved several parts of a receivable (principal, interest, fees): it is one line.
_MOVEMENTS = f"""
    select kind, dated_on, source_id, number, amount from (
      select r.currency, e.kind, e.effective_on as dated_on, r.id as source_id, r.number, sum(e.amount) as amount,
        case e.kind when 'invoiced' then 0 else 1 end as rank, min(e.id) as id
        from receivables r join entries e on e.tenant_id = r.tenant_id and e.receivable_id = r.id
        where r.tenant_id = $1 and r.customer_id = $2 and e.effective_on between $3 and $4 and e.kind not in {_SETTLING}
        group by r.currency, e.kind, e.effective_on, r.id, r.number, e.write_off_id, e.charge_id, e.allocation_id, e.created_at
      union all
      select currency, 'payment', received_on, id, reference, -amount, 2, id from payments
        where tenant_id = $1 and customer_id = $2 and received_on between $3 and $4
      union all
      select currency, 'payment_reversal', reversed_on, id, reference, amount, 3, id from payments
        where tenant_id = $1 and customer_id = $2 and reversed_on between $3 and $4
      union all
      select p.currency, 'refund', f.refunded_on, f.id, f.reference, f.amount, 3, f.id from refunds f
        join payments p on p.tenant_id = f.tenant_id and p.id = f.payment_id
        where f.tenant_id = $1 and p.customer_id = $2 and f.refunded_on between $3 and $4
      union all
      select currency, 'credit_note', issued_on, id, number, -amount, 2, id from credit_notes
        where tenant_id = $1 and customer_id = $2 and issued_on between $3 and $4
      union all
      select currency, 'credit_note_cancellation', cancelled_on, id, number, amount, 3, id from credit_notes
        where tenant_id = $1 and customer_id = $2 and cancelled_on between $3 and $4
    ) moved where currency = $5 and amount <> 0 order by dated_on, rank, id limit $6
"""


async def items(
    ctx: Context, customer_id: str, day: date, currency: str, *, later: bool, limit: int | None
) -> AsyncIterator[StatementItem]:
    """What was open in a currency at the end of a day, by due date; `later` is what `store.is_anything_later` said of the day."""
    then, opened, _ = store.positions_of(later=later, customer="$3")
    statement = f"""
        {_with(then)} select o.id, o.number, r.issued_on, o.due_on, o.due_on_is_provisional, $2::date - o.due_on, owed.amount,
          o.open_amount
        from ({opened}) o join receivables r on r.tenant_id = $1 and r.id = o.id cross join lateral (
          select coalesce(sum(e.amount), 0) as amount from entries e
          where e.tenant_id = $1 and e.receivable_id = o.id and e.effective_on <= $2 and e.kind in {_OWED}) owed
        where o.customer_id = $3 and o.currency = $4 order by o.due_on, o.id limit $5
    """
    async for row in _streamed(ctx, "items", statement, ctx.tenant_id, day, customer_id, currency, limit):
        receivable_id, number, issued_on, due_on, is_provisional, days, amount, open_amount = row
        yield StatementItem(
            receivable_id=receivable_id,
            number=number,
            issued_on=issued_on,
            due_on=due_on,
            due_on_is_provisional=is_provisional,
            days_overdue=0 if is_provisional else max(days, 0),
            amount=Money.total(amount, currency),
            settled_amount=Money.total(amount - open_amount, currency),
            open_amount=Money.total(open_amount, currency),
        )


async def credits_of(
    ctx: Context, customer_id: str, day: date, currency: str, *, later: bool, limit: int | None
) -> AsyncIterator[StatementCredit]:
    """What was unapplied in a currency at the end of a day, by the day it came."""
    then, _, unapplied = store.positions_of(later=later, customer="$3")
    statement = f"""
        {_with(then)} select kind, source_id, number, dated_on, amount from ({unapplied}) u
        where customer_id = $3 and currency = $4 order by dated_on nulls last, source_id limit $5
    """
    async for row in _streamed(ctx, "credits", statement, ctx.tenant_id, day, customer_id, currency, limit):
        kind, source_id, number, dated_on, amount = row
        yield StatementCredit(
            kind=kind,
            source_id=source_id,
            number=number,
            dated_on=dated_on,
            unapplied_amount=Money.total(amount, currency),
        )


def movements(
    ctx: Context, customer_id: str, first: date, last: date, currency: str, *, limit: int | None
) -> AsyncIterator[Any]:
    """Kind, day, source, number and amount of what happened from the one day to the other, both included."""
    return _streamed(ctx, "movements", _MOVEMENTS, ctx.tenant_id, customer_id, first, last, currency, limit)


async def currencies_of(ctx: Context, customer_id: str) -> list[str]:
    """In which currencies a customer has anything, in their order."""
    rows = await sql(ctx).fetch(
        "select currency from receivables where tenant_id = $1 and customer_id = $2"
        " union select currency from payments where tenant_id = $1 and customer_id = $2"
        " union select currency from credit_notes where tenant_id = $1 and customer_id = $2 order by 1",
        ctx.tenant_id,
        customer_id,
    )
    return [row["currency"] for row in rows]


async def name_of_tenant(ctx: Context) -> str:
    """Who is owed."""
    name: str = await sql(ctx).fetchval("select name from tenants where id = $1", ctx.tenant_id)
    return name


def _with(then: str) -> str:
    return f"with {then.removesuffix(',')}" if then else ""


async def _streamed(ctx: Context, what: str, statement: str, *arguments: Any) -> AsyncIterator[Any]:
    """Rows of a cursor; each `what` has its own name, since asyncpg remembers the columns of what it fetches by."""
    tx, cursor = sql(ctx), f"statement_{what}"
    await tx.execute(f"declare {cursor} no scroll cursor for {statement}", *arguments)
    while rows := await tx.fetch(f"fetch {_PIECE} from {cursor}"):
        for row in rows:
            yield row
    await tx.execute(f"close {cursor}")
