"""Receivables in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.ledger import receivable_rows
from domain.ledger.model import CustomerRef, Held, NamedItem, Receivable, ReceivableFilter
from domain.storage.bulk import update_rows
from domain.storage.transaction import fetch_one, sql

# The order is that of `receivable_of`. $2 is always the tenant's time zone, which holds where the customer has none.
_SELECT = """
    select r.id, r.external_id, r.customer_id, r.number,
      r.order_reference, r.contract_reference, r.salesperson, r.currency, r.amount, r.charged_amount, r.open_amount,
      r.open_interest, r.open_fee, r.open_cost, r.written_off_amount, r.issued_on, r.due_on, r.status,
      r.cancelled_on, r.cancellation_reason, r.payment_terms, r.discount_taken_amount,
      r.metadata, r.version, r.created_at, r.updated_at, r.overdue_at, coalesce(c.time_zone, $2) as time_zone
    from receivables r join customers c on c.tenant_id = r.tenant_id and c.id = r.customer_id
    where r.tenant_id = $1
"""
_SELECT_ONE = _SELECT.replace("r.tenant_id = $1", "r.tenant_id = bound.tenant_id")
# What all new receivables have in common is said once, the rest comes in columns; each new one comes with its first entry.
_ADD = """
    with given as materialized (
      select * from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
        $12::numeric[], $13::date[], $14::date[], $15::text[], $16::timestamptz[], $17::text[], $18::text[])
      as u (id, external_id, customer_id, number, order_reference, contract_reference, salesperson,
        currency, amount, issued_on, due_on, payment_terms, overdue_at, metadata, entry_id)
    ), added as (
      insert into receivables (tenant_id, id, external_id, customer_id, number, order_reference, contract_reference, salesperson,
        currency, amount, open_amount, written_off_amount, issued_on, due_on, payment_terms, status, overdue_at, test_clock,
        metadata, version, created_at, updated_at)
      select $1, id, external_id, customer_id, number, order_reference, contract_reference, salesperson, currency, amount, amount, 0,
        issued_on, due_on, payment_terms::jsonb, 'open', overdue_at, $2, metadata::jsonb, 1, $3, $3
      from given
    )
    insert into entries (tenant_id, id, receivable_id, kind, amount, effective_on, created_at)
    select $1, entry_id, id, 'invoiced', amount, issued_on, $3 from given
"""


async def find(ctx: Context, receivable_id: str) -> Receivable | None:
    """One receivable by its id."""
    row = await fetch_one(ctx, f"{_SELECT_ONE} and r.id = $3", ctx.time_zone, receivable_id)
    return receivable_rows.receivable_of(row, ctx.now()) if row else None


async def find_held(ctx: Context, receivable_id: str) -> Held | None:
    """One receivable with its customer's time zone, not locked."""
    held = await _held(ctx, "and r.id = $3", receivable_id)
    return held[0] if held else None


async def find_external(ctx: Context, external_id: str) -> Receivable | None:
    """One receivable by the id that the integrator gave it."""
    row = await sql(ctx).fetchrow(f"{_SELECT} and r.external_id = $3", ctx.tenant_id, ctx.time_zone, external_id)
    return receivable_rows.receivable_of(row, ctx.now()) if row else None


async def lock(ctx: Context, receivable_id: str) -> Held:
    """One receivable, locked until the transaction ends; raises NotFound."""
    held = await lock_all(ctx, [receivable_id])
    if not held:
        raise NotFound.of("receivable", receivable_id)
    return held[0]


async def lock_all(ctx: Context, ids: Sequence[str]) -> list[Held]:
    """Receivables by id, locked by due date and id: whoever locks several does it in this order, so none waits in a circle."""
    return await _held(ctx, "and r.id = any($3) order by r.due_on, r.id for update of r", list(ids))


async def lock_external(ctx: Context, external_id: str) -> Held | None:
    """One receivable by the integrator's id, locked until the transaction ends."""
    held = await _held(ctx, "and r.external_id = $3 for update of r", external_id)
    return held[0] if held else None


async def lock_by_external_ids(ctx: Context, external_ids: list[str]) -> list[Held]:
    """Those receivables that exist, locked by due date and id."""
    return await _held(ctx, "and r.external_id = any($3) order by r.due_on, r.id for update of r", external_ids)


async def lock_open(ctx: Context, customer_id: str, currency: str) -> list[Held]:
    """What a customer owes in a currency, oldest due first, locked until the transaction ends."""
    which = "and r.customer_id = $3 and r.currency = $4 and r.open_amount > 0 order by r.due_on, r.id for update of r"
    return await _held(ctx, which, customer_id, currency)


async def lock_turning_overdue(ctx: Context, limit: int) -> list[Held]:
    """Receivables whose overdue instant has come and that no other worker has in hand."""
    which = "and r.overdue_at <= $3 order by r.overdue_at limit $4 for update of r skip locked"
    return await _held(ctx, which, ctx.now(), limit)


async def held_by_external_ids(ctx: Context, external_ids: list[str]) -> list[Held]:
    """Those receivables that exist, not locked; always by the index, whatever the planner thinks of a table that grows."""
    rows = await sql(ctx).fetch(
        f"select found.* from unnest($3::text[]) as wanted (external_id) cross join lateral"
        f" ({_SELECT} and r.external_id = wanted.external_id limit 1) as found",
        ctx.tenant_id,
        ctx.time_zone,
        external_ids,
    )
    return receivable_rows.held_of(ctx, rows)


async def named_items(ctx: Context, ids: list[str], external_ids: list[str]) -> list[NamedItem]:
    """The receivables with these ids or external ids, those that exist."""
    rows = await sql(ctx).fetch(
        "select id, external_id, customer_id, currency from receivables"
        " where tenant_id = $1 and (id = any($2) or external_id = any($3))",
        ctx.tenant_id,
        ids,
        external_ids,
    )
    return [NamedItem(*row) for row in rows]


async def page(ctx: Context, wanted: ReceivableFilter, request: PageRequest) -> list[Receivable]:
    """Receivables in the order of creation, one more than asked for. Only filters that are given get into the statement."""
    arguments: list[Any] = [ctx.tenant_id, ctx.time_zone]
    statement = _SELECT
    for condition, value in (
        ("r.id > {}", request.after),
        ("r.customer_id = {}", wanted.customer_id),
        ("r.status = {}", wanted.status),
        ("r.due_on >= {}", wanted.due_from),
        ("r.due_on <= {}", wanted.due_to),
        ("r.order_reference = {}", wanted.order_reference),
        ("r.contract_reference = {}", wanted.contract_reference),
    ):
        if value is not None:
            arguments.append(value)
            statement += f" and {condition.format(f'${len(arguments)}')}"
    if wanted.overdue is not None:
        arguments.append(ctx.now())
        local_day = f"(${len(arguments)}::timestamptz at time zone coalesce(c.time_zone, $2))::date"
        statement += f" and {'' if wanted.overdue else 'not '}(r.open_amount > 0 and r.due_on < {local_day})"
    rows = await sql(ctx).fetch(f"{statement} order by r.id limit {request.limit + 1}", *arguments)
    return [receivable_rows.receivable_of(row, ctx.now()) for row in rows]


async def by_ids(ctx: Context, ids: list[str]) -> dict[str, Receivable]:
    """Receivables by id, those that exist."""
    rows = await sql(ctx).fetch(f"{_SELECT} and r.id = any($3)", ctx.tenant_id, ctx.time_zone, ids)
    return {row[0]: receivable_rows.receivable_of(row, ctx.now()) for row in rows}


async def add(ctx: Context, receivables: Sequence[Held]) -> None:
    """Stores new receivables, each with its `invoiced` entry, in one statement.

    Raises asyncpg's UniqueViolationError if an external id is taken.
    """
    if not receivables:
        return
    rows = [receivable_rows.new_values(held.receivable, held.overdue_at) for held in receivables]
    columns = map(list, zip(*rows, strict=True))
    now = receivables[0].receivable.created_at
    await sql(ctx).execute(_ADD, ctx.tenant_id, ctx.on_test_clock, now, *columns)


async def save(ctx: Context, receivables: Sequence[Held]) -> None:
    """Replaces what may change of locked receivables, in one statement."""
    columns = receivable_rows.TERMS | receivable_rows.STANDING
    rows = [
        (ctx.tenant_id, h.receivable.id, *receivable_rows.terms(h.receivable), *receivable_rows.standing(h))
        for h in receivables
    ]
    await update_rows(sql(ctx), "receivables", receivable_rows.KEYS, columns, rows)


async def save_standing(ctx: Context, receivables: Sequence[Held]) -> None:
    """Replaces what movements change of locked receivables, in one statement; their terms stay."""
    rows = [(ctx.tenant_id, h.receivable.id, *receivable_rows.standing(h)) for h in receivables]
    await update_rows(sql(ctx), "receivables", receivable_rows.KEYS, receivable_rows.STANDING, rows)


async def customer_ref(ctx: Context, customer_id: str | None, external_id: str | None) -> CustomerRef:
    """A customer by one of its two ids; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select id, coalesce(time_zone, $2) from customers where tenant_id = $1 and {'id' if customer_id else 'external_id'} = $3",
        ctx.tenant_id,
        ctx.time_zone,
        customer_id or external_id,
    )
    if row is None:
        raise NotFound.of("customer", str(customer_id or external_id))
    return CustomerRef(*row)


async def _held(ctx: Context, which: str, *arguments: Any) -> list[Held]:
    rows = await sql(ctx).fetch(f"{_SELECT} {which}", ctx.tenant_id, ctx.time_zone, *arguments)
    return receivable_rows.held_of(ctx, rows)
