"""Use case of the aging in the tenant's base currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from urllib.parse import quote

from domain.insight import store
from domain.insight.aging import aging_key, day_of, group_of
from domain.insight.base_currency_model import BaseAgingGroup, BaseCurrencyAging
from domain.insight.model import Aging, AgingGroup
from domain.insight.rules.conversion import in_base_currency
from domain.kernel.context import Context
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.ledger import exchange_rate_store, write_off_store
from domain.ledger.rules.exchange import book_of
from domain.storage.transaction import snapshot

_GROUPS: dict[BaseAgingGroup, AgingGroup] = {
    "tenant": "currency",
    "customer": "customer",
    "owner": "owner",
    "grade": "grade",
    "contract": "contract",
}
# Behind every currency, so that a page goes on with the next group.
_ALL_CURRENCIES = "~"


@use_case("receivables:read")
async def list_base_currency_aging(
    ctx: Context,
    page: PageRequest,
    *,
    as_of: date | None = None,
    group_by: BaseAgingGroup = "tenant",
    customer_id: str | None = None,
) -> Page[BaseCurrencyAging]:
    """What each group owed at the end of `as_of` (the tenant's today without one) in the tenant's base currency, by that day's rates.

    All pages of a list keep the day of its first one. Raises InvalidInput (`date_out_of_range`).
    """
    after = aging_key(page.after) if page.after is not None else store.AgingKey(day_of(ctx, as_of))
    async with snapshot(ctx):
        policy = await write_off_store.policy(ctx)
        rows = await store.aging(
            ctx, _GROUPS[group_by], after, page.limit + 1, policy.aging_bounds, customer_id, whole_groups=True
        )
        quotes = await exchange_rate_store.newest(ctx, after.as_of, policy.rate_max_age_days)
    book = book_of(quotes, after.as_of, policy.rate_max_age_days, policy.rate_sources)

    def convert(group: Sequence[Aging]) -> BaseCurrencyAging:
        return in_base_currency(group, book, ctx.base_currency, policy.rate_max_age_days)

    groups = [list(group) for _, group in groupby(rows, key=group_of)]
    return page_of(groups, page, lambda group: _key(after.as_of, group_of(group[0])), convert)


def key_of(row: BaseCurrencyAging) -> str:
    """Where a page that ends with `row` ends."""
    return _key(row.as_of, group_of(row))


def _key(day: date, group: str) -> str:
    return f"{day.isoformat()} {quote(group, safe='')} {_ALL_CURRENCIES}"
