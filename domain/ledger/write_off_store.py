"""Write-offs and the ledger's policy in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest, as_json
from domain.ledger.model import LedgerPolicy, WriteOff
from domain.ledger.rules.exchange import MAX_AGE_DAYS
from domain.ledger.rules.policy import AGING_BOUNDS
from domain.ledger.tables import WriteOffRow
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_TYPES = {
    "tenant_id": "text",
    "id": "text",
    "receivable_id": "text",
    "customer_id": "text",
    "currency": "text",
    "amount": "numeric",
    "reversed_amount": "numeric",
    "reason": "text",
    "note": "text",
    "state": "text",
    "effective_on": "date",
    "requested_by": "text",
    "decided_by": "text",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_COLUMNS = ", ".join(name for name in _TYPES if name != "tenant_id")
DEFAULT_POLICY = LedgerPolicy(
    allocation_policy="oldest_due_first",
    settle_first="charges",
    tolerances=[],
    approval_limits=[],
    aging_bounds=list(AGING_BOUNDS),
    rate_sources=[],
    rate_max_age_days=MAX_AGE_DAYS,
    version=0,
    updated_at=None,
)


async def add(ctx: Context, write_off: WriteOff) -> None:
    """Stores a new write-off; raises asyncpg's UniqueViolationError if one of the receivable is pending already."""
    await WriteOffRow.insert(WriteOffRow(tenant_id=ctx.tenant_id, **_values(write_off)))


async def add_all(ctx: Context, write_offs: Sequence[WriteOff]) -> None:
    """Stores new write-offs in one statement."""
    rows = [tuple(_values(one)[name] for name in _TYPES if name != "tenant_id") for one in write_offs]
    await insert_rows(sql(ctx), "write_offs", _TYPES, [(ctx.tenant_id, *row) for row in rows])


async def save(ctx: Context, write_off: WriteOff) -> None:
    """Replaces a locked write-off's row."""
    await WriteOffRow.update(_values(write_off)).where(
        (WriteOffRow.tenant_id == ctx.tenant_id) & (WriteOffRow.id == write_off.id)
    )


async def get(ctx: Context, write_off_id: str, *, lock: bool = False) -> WriteOff:
    """One write-off; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_COLUMNS} from write_offs where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        write_off_id,
    )
    if row is None:
        raise NotFound.of("write_off", write_off_id)
    return write_off_of(row)


async def page(ctx: Context, request: PageRequest, filters: dict[str, str | None]) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    arguments: list[Any] = [ctx.tenant_id]
    statement = f"select {_COLUMNS} from write_offs where tenant_id = $1"
    for column, value in {**filters, "id >": request.after}.items():
        if value is not None:
            arguments.append(value)
            statement += f" and {column if column.endswith('>') else f'{column} ='} ${len(arguments)}"
    return await sql(ctx).fetch(f"{statement} order by id limit {request.limit + 1}", *arguments)


async def policy(ctx: Context, *, lock: bool = False) -> LedgerPolicy:
    """The tenant's policy, or the one that holds where it has none."""
    row = await sql(ctx).fetchrow(
        "select allocation_policy, settle_first, tolerances, approval_limits, aging_bounds, rate_sources,"
        f" rate_max_age_days, version, updated_at from ledger_policies where tenant_id = $1{' for update' if lock else ''}",
        ctx.tenant_id,
    )
    if row is None:
        return DEFAULT_POLICY
    amounts = {name: msgspec.json.decode(row[name], type=list[Money]) for name in ("tolerances", "approval_limits")}
    return LedgerPolicy(**{**dict(row), **amounts})


async def save_policy(ctx: Context, changed: LedgerPolicy) -> None:
    """Stores the tenant's policy."""
    await sql(ctx).execute(
        """
        insert into ledger_policies (tenant_id, allocation_policy, tolerances, approval_limits, version, updated_at, settle_first,
          aging_bounds, rate_sources, rate_max_age_days)
        values ($1, $2, $3::jsonb, $4::jsonb, $5, $6, $7, $8, $9, $10)
        on conflict (tenant_id) do update set allocation_policy = excluded.allocation_policy, tolerances = excluded.tolerances,
          approval_limits = excluded.approval_limits, version = excluded.version, updated_at = excluded.updated_at,
          settle_first = excluded.settle_first, aging_bounds = excluded.aging_bounds,
          rate_sources = excluded.rate_sources, rate_max_age_days = excluded.rate_max_age_days
        """,
        ctx.tenant_id,
        changed.allocation_policy,
        as_json(changed.tolerances),
        as_json(changed.approval_limits),
        changed.version,
        changed.updated_at,
        changed.settle_first,
        changed.aging_bounds,
        changed.rate_sources,
        changed.rate_max_age_days,
    )


def write_off_of(row: Any) -> WriteOff:
    """A write-off from its row."""
    values = dict(row)
    currency = values.pop("currency")
    for name in ("amount", "reversed_amount"):
        values[name] = Money(values[name], currency)
    return WriteOff(**values)


def _values(write_off: WriteOff) -> dict[str, Any]:
    values = {name: getattr(write_off, name) for name in WriteOff.__slots__}
    amounts = {name: values[name].amount for name in ("amount", "reversed_amount")}
    return {**values, **amounts, "currency": write_off.amount.currency}
