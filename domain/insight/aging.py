"""Use cases of aging: what is owed, by customer, owner, grade, contract or currency and by days overdue; and a receivable's balance.

The end of a day is meant, by the dates of entries, payments, refunds and credit notes. What was recorded later but dated earlier is in;
due dates, numbers, owners and grades are those of now. A day to come shows what would be owed if nothing else happened.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, unquote

from domain.insight import store
from domain.insight.base_currency_model import BaseCurrencyAging
from domain.insight.model import Aging, AgingFilter, AgingGroup, AgingReceivable, ReceivableBalance
from domain.insight.rules.aging import open_parts_of
from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound
from domain.kernel.money import Money
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.ledger import write_off_store
from domain.ledger.model import OpenParts
from domain.storage.transaction import reading, snapshot


@use_case("receivables:read")
async def list_aging(
    ctx: Context,
    page: PageRequest,
    *,
    as_of: date | None = None,
    group_by: AgingGroup = "currency",
    customer_id: str | None = None,
) -> Page[Aging]:
    """What was owed at the end of `as_of` (the tenant's today without one) by group and currency, in buckets of the ledger policy.

    All pages of a list keep the day of its first one. Raises InvalidInput (`date_out_of_range`).
    """
    after = aging_key(page.after) if page.after is not None else store.AgingKey(day_of(ctx, as_of))
    async with snapshot(ctx):
        bounds = (await write_off_store.policy(ctx)).aging_bounds
        rows = await store.aging(ctx, group_by, after, page.limit + 1, bounds, customer_id)
    return page_of(rows, page, key_of, lambda row: row)


@use_case("receivables:read")
async def list_aging_receivables(
    ctx: Context, page: PageRequest, *, as_of: date | None = None, wanted: AgingFilter | None = None
) -> Page[AgingReceivable]:
    """The receivables that an aging of `as_of` (the tenant's today without one) consists of, oldest first."""
    after = aging_key(page.after) if page.after is not None else store.AgingKey(day_of(ctx, as_of))
    async with snapshot(ctx):
        rows = await store.receivables(ctx, after.as_of, wanted or AgingFilter(), after.group, page.limit + 1)
    return page_of(rows, page, key_of, lambda row: row)


@use_case("receivables:read")
async def get_receivable_balance(ctx: Context, receivable_id: str, *, as_of: date | None = None) -> ReceivableBalance:
    """What was open of a receivable at the end of `as_of` (the tenant's today without one); raises NotFound."""
    day = day_of(ctx, as_of)
    async with reading(ctx):
        found = await store.balance(ctx, receivable_id, day)
    if found is None:
        raise NotFound.of("receivable", receivable_id)
    currency, moved = found
    parts = open_parts_of(moved)
    return ReceivableBalance(
        receivable_id=receivable_id,
        as_of=day,
        open_amount=Money.total(parts.total, currency),
        open_parts=OpenParts.of(parts, currency),
    )


def key_of(row: Aging | AgingReceivable) -> str:
    """Where a page that ends with `row` ends: its day, and what the list is ordered by."""
    if isinstance(row, AgingReceivable):
        return f"{row.as_of.isoformat()} {row.receivable_id} "
    return f"{row.as_of.isoformat()} {quote(group_of(row), safe='')} {row.currency}"


def group_of(row: Aging | BaseCurrencyAging) -> str:
    """What an aging's row is grouped by, an empty text for the group without any."""
    return row.customer_id or row.owner_id or row.grade or row.contract_reference or ""


def aging_key(text: str) -> store.AgingKey:
    """The key that `key_of` wrote; raises InvalidInput (`malformed_cursor`)."""
    day, *rest = text.split(" ")
    try:
        group, currency = rest
        return store.AgingKey(date.fromisoformat(day), unquote(group), currency)
    except ValueError as malformed:
        raise InvalidInput.at("cursor", "malformed_cursor", "The cursor is not one that this API gave.") from malformed


def day_of(ctx: Context, as_of: date | None) -> date:
    """The day asked for, or the tenant's today; raises InvalidInput (`date_out_of_range`)."""
    if as_of is not None and not is_in_calendar(as_of):
        raise InvalidInput.at("as_of", "date_out_of_range", OUT_OF_CALENDAR)
    return as_of or ctx.today()
