"""Use cases of exchange rates: told by day and source, corrected by telling them again, never removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.ledger import exchange_rate_store as store
from domain.ledger.exchange_model import CorrectedRate, ExchangeRate, ExchangeRateFilter, RecordedRates
from domain.ledger.rules.exchange import Quote, check_quotes, text_of
from domain.storage.transaction import reading, transaction


@use_case("exchange_rates:write")
async def put_exchange_rates(ctx: Context, rates: Sequence[Quote]) -> RecordedRates:
    """Records 1 to 1,000 rates, all or none; what is known already changes nothing, another rate for its key corrects it.

    Raises InvalidInput naming every wrong rate (`unknown_currency`, `same_currency`, `rate_out_of_range`, `rate_repeated`, ...).
    """
    check_quotes(rates)
    async with transaction(ctx):
        await store.lock(ctx)
        known = await store.known(ctx, rates)
        new = [rate for rate in rates if store.key_of(rate) not in known]
        other = [rate for rate in rates if known.get(store.key_of(rate), rate.rate) != rate.rate]
        recorded = RecordedRates(
            created_count=len(new),
            unchanged_count=len(rates) - len(new) - len(other),
            corrected=[_corrected(rate, known) for rate in other],
        )
        if new or other:
            await store.save(ctx, [*new, *other], ctx.now())
            emit(ctx, NewEvent("exchange_rates.recorded", ctx.tenant_id, {"exchange_rates": recorded}))
    return recorded


@use_case("exchange_rates:read")
async def list_exchange_rates(
    ctx: Context, page: PageRequest, *, wanted: ExchangeRateFilter | None = None
) -> Page[ExchangeRate]:
    """Rates, the newest day first, those that match every given filter."""
    after = None if page.after is None else _key_of(page.after)
    async with reading(ctx):
        rows = await store.page(ctx, wanted or ExchangeRateFilter(), after, page.limit + 1)
    return page_of(rows, page, key_of, lambda row: row)


def key_of(rate: ExchangeRate) -> str:
    """Where a page that ends with `rate` ends."""
    return f"{rate.valid_on.isoformat()} {rate.from_currency} {rate.to_currency} {rate.source}"


def _key_of(text: str) -> store.Key:
    try:
        day, from_currency, to_currency, source = text.split(" ", 3)
        return date.fromisoformat(day), from_currency, to_currency, source
    except ValueError as malformed:
        raise InvalidInput.at("cursor", "malformed_cursor", "The cursor is not one that this API gave.") from malformed


def _corrected(rate: Quote, known: dict[store.Key, Decimal]) -> CorrectedRate:
    previous = known[store.key_of(rate)]
    return CorrectedRate(
        from_currency=rate.from_currency,
        to_currency=rate.to_currency,
        valid_on=rate.valid_on,
        source=rate.source,
        rate=text_of(rate.rate),
        previous_rate=text_of(previous),
    )
