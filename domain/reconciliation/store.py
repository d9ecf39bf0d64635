"""Reconciliations in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from asyncpg import ForeignKeyViolationError

from domain.insight.store import positions_of
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.reconciliation.model import MOST_OPEN, ItemFilter, Reconciliation, ReconciliationItem
from domain.reconciliation.rules.matching import OurItem, own_names_of
from domain.reconciliation.tables import ReconciliationRow
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_PIECE = 5_000
_NOTHING = Decimal(0)
_WHOLE = [field.name for field in fields(Reconciliation) if field.name != "difference_amount"]
_ITEM = [field.name for field in fields(ReconciliationItem)]
_ITEM_AMOUNTS = ("our_amount", "their_amount", "difference_amount")
_ITEM_TYPES = {
    "tenant_id": "text",
    **dict.fromkeys(_ITEM, "text"),
    **dict.fromkeys(_ITEM_AMOUNTS, "numeric"),
    **dict.fromkeys(("our_due_on", "their_due_on", "their_issued_on"), "date"),
    **dict.fromkeys(("resolved_at", "created_at", "updated_at"), "timestamptz"),
    **dict.fromkeys(("position", "version"), "integer"),
}
_SELECT = f"select {', '.join(_WHOLE)} from reconciliations"
_SELECT_ITEM = (
    f"select r.currency, {', '.join(f'i.{name}' for name in _ITEM)} from reconciliation_items i"
    " join reconciliations r on r.tenant_id = i.tenant_id and r.id = i.reconciliation_id where i.tenant_id = $1"
)

_THEN, _OPENED, _ = positions_of(later=True, customer="$3")
_OPEN = f"""
    with {_THEN.removesuffix(",")} select id, open_amount from ({_OPENED}) o
    where customer_id = $3 and currency = $4 limit {MOST_OPEN + 1}
"""
_NAMES = """
    declare our_items no scroll cursor for
    select id as receivable_id, number, external_id, order_reference, case when due_on_is_provisional then null else due_on end as due_on
    from receivables where tenant_id = $1 and customer_id = $2 and currency = $3
"""


async def our_items(ctx: Context, customer_id: str, day: date, currency: str, listed: set[str]) -> list[OurItem]:
    """What was open at the end of a day, and of what was not that which has a name among `listed` (normalised).

    All amounts are of one moment; names are read through a cursor, since a customer of many years has many settled receivables. The
    two are not joined by PostgreSQL, which knows too little of a past day's positions to do it well. Raises Conflict (`too_many_open`).
    """
    tx, found = sql(ctx), list[OurItem]()
    amounts: dict[str, Decimal] = dict(await tx.fetch(_OPEN, ctx.tenant_id, day, customer_id, currency))
    if len(amounts) > MOST_OPEN:
        raise Conflict("too_many_open", f"The customer has more than {MOST_OPEN} receivables open in {currency}.")
    await tx.execute(_NAMES, ctx.tenant_id, customer_id, currency)
    while rows := await tx.fetch(f"fetch {_PIECE} from our_items"):
        items = [OurItem(**dict(row), open_amount=amounts.get(row["receivable_id"], _NOTHING)) for row in rows]
        found += [item for item in items if item.open_amount or not listed.isdisjoint(own_names_of(item))]
    await tx.execute("close our_items")
    return sorted(found, key=lambda item: item.receivable_id)


async def add(ctx: Context, whole: Reconciliation, items: Sequence[ReconciliationItem]) -> None:
    """Stores a reconciliation, and its items in one statement."""
    values = {name: getattr(whole, name) for name in _WHOLE}
    amounts = {"our_amount": whole.our_amount.amount, "their_amount": whole.their_amount.amount}
    await ReconciliationRow.insert(ReconciliationRow(tenant_id=ctx.tenant_id, **{**values, **amounts}))
    rows = [(ctx.tenant_id, *(_bare(getattr(item, name)) for name in _ITEM)) for item in items]
    await insert_rows(sql(ctx), "reconciliation_items", _ITEM_TYPES, rows)


async def save(ctx: Context, whole: Reconciliation) -> None:
    """Stores what changes of a locked reconciliation."""
    await sql(ctx).execute(
        "update reconciliations set state = $3, unresolved_count = $4, completed_at = $5, version = $6, updated_at = $7"
        " where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        whole.id,
        whole.state,
        whole.unresolved_count,
        whole.completed_at,
        whole.version,
        whole.updated_at,
    )


async def save_item(ctx: Context, item: ReconciliationItem) -> None:
    """Stores what changes of a locked item; raises InvalidInput (`unknown_owner`)."""
    try:
        await sql(ctx).execute(
            "update reconciliation_items set state = $3, owner_id = $4, resolution = $5, note = $6, resolved_at = $7,"
            " version = $8, updated_at = $9 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            item.id,
            item.state,
            item.owner_id,
            item.resolution,
            item.note,
            item.resolved_at,
            item.version,
            item.updated_at,
        )
    except ForeignKeyViolationError as missing:
        detail = f"There is no user {item.owner_id!r}."
        raise InvalidInput.at("/owner_id", "unknown_owner", detail) from missing


async def get(ctx: Context, reconciliation_id: str) -> Reconciliation:
    """One reconciliation; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT} where tenant_id = $1 and id = $2", ctx.tenant_id, reconciliation_id)
    if row is None:
        raise NotFound.of("reconciliation", reconciliation_id)
    return whole_of(row)


async def lock_of_item(ctx: Context, item_id: str) -> tuple[Reconciliation, ReconciliationItem]:
    """An item and its reconciliation, which is locked first, so that what is left to be resolved is counted by one at a time."""
    row = await sql(ctx).fetchrow(
        f"{_SELECT} where tenant_id = $1 and id = (select reconciliation_id from reconciliation_items"
        " where tenant_id = $1 and id = $2) for update",
        ctx.tenant_id,
        item_id,
    )
    if row is None:
        raise NotFound.of("reconciliation_item", item_id)
    return whole_of(row), await get_item(ctx, item_id)


async def get_item(ctx: Context, item_id: str) -> ReconciliationItem:
    """One item; raises NotFound."""
    row = await sql(ctx).fetchrow(f"{_SELECT_ITEM} and i.id = $2", ctx.tenant_id, item_id)
    if row is None:
        raise NotFound.of("reconciliation_item", item_id)
    return item_of(row)


async def page(ctx: Context, request: PageRequest, customer_id: str | None, state: str | None) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"{_SELECT} where tenant_id = $1 and ($2::text is null or id > $2)"
        " and ($3::text is null or customer_id = $3) and ($4::text is null or state = $4) order by id limit $5",
        ctx.tenant_id,
        request.after,
        customer_id,
        state,
        request.limit + 1,
    )


async def page_of_items(
    ctx: Context, reconciliation_id: str, request: PageRequest, wanted: ItemFilter
) -> list[ReconciliationItem]:
    """A page in the order of positions, one more than asked for."""
    rows = await sql(ctx).fetch(
        f"{_SELECT_ITEM} and i.reconciliation_id = $2 and i.position > $3 and ($4::text is null or i.kind = $4)"
        " and ($5::text is null or i.state = $5) and ($6::text is null or i.owner_id = $6) order by i.position limit $7",
        ctx.tenant_id,
        reconciliation_id,
        request.number_after(),
        wanted.kind,
        wanted.state,
        wanted.owner_id,
        request.limit + 1,
    )
    return [item_of(row) for row in rows]


def whole_of(row: Any) -> Reconciliation:
    """A reconciliation from its row."""
    values = dict(row)
    ours, theirs, currency = values.pop("our_amount"), values.pop("their_amount"), values["currency"]
    return Reconciliation(
        **values,
        our_amount=Money.total(ours, currency),
        their_amount=Money.total(theirs, currency),
        difference_amount=Money.total(ours - theirs, currency),
    )


def item_of(row: Any) -> ReconciliationItem:
    """An item from its row."""
    values = dict(row)
    currency = values.pop("currency")
    for name in _ITEM_AMOUNTS:
        if values[name] is not None:
            values[name] = Money.total(values[name], currency)
    return ReconciliationItem(**values)


def _bare(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value
