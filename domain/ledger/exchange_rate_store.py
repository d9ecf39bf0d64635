"""Exchange rates in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.kernel.context import Context
from domain.ledger.exchange_model import ExchangeRate, ExchangeRateFilter
from domain.ledger.rules.exchange import Quote, text_of
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_KEY = "valid_on, from_currency, to_currency, source"
_COLUMNS = f"{_KEY}, rate, version, created_at, updated_at"
_TYPES = {
    "tenant_id": "text",
    "valid_on": "date",
    "from_currency": "text",
    "to_currency": "text",
    "source": "text",
    "rate": "numeric",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_CORRECT = (
    f"on conflict (tenant_id, {_KEY}) do update set rate = excluded.rate, version = exchange_rates.version + 1,"
    " updated_at = excluded.updated_at"
)
Key = tuple[date, str, str, str]


def key_of(quote: Quote) -> Key:
    """What tells one rate from another."""
    return quote.valid_on, quote.from_currency, quote.to_currency, quote.source


async def lock(ctx: Context) -> None:
    """Lets one batch of the tenant be recorded at a time, so that each is told what it corrects."""
    await sql(ctx).execute("select pg_advisory_xact_lock(hashtextextended('exchange_rates:' || $1, 0))", ctx.tenant_id)


async def known(ctx: Context, quotes: Sequence[Quote]) -> dict[Key, Decimal]:
    """The rates that are stored under the keys of these."""
    rows = await sql(ctx).fetch(
        f"""
        select {_KEY}, rate from exchange_rates join unnest($2::date[], $3::text[], $4::text[], $5::text[])
          as wanted ({_KEY}) using ({_KEY}) where tenant_id = $1
        """,
        ctx.tenant_id,
        *map(list, zip(*map(key_of, quotes), strict=True)),
    )
    return {tuple(row)[:4]: row["rate"] for row in rows}


async def save(ctx: Context, quotes: Sequence[Quote], now: datetime) -> None:
    """Stores rates, those of known keys as corrections, in one statement."""
    rows = [(ctx.tenant_id, *key_of(quote), quote.rate, 1, now, now) for quote in quotes]
    await insert_rows(sql(ctx), "exchange_rates", _TYPES, rows, _CORRECT)


async def page(ctx: Context, wanted: ExchangeRateFilter, after: Key | None, limit: int) -> list[ExchangeRate]:
    """Rates, the newest day first, at most `limit`, after the given key."""
    arguments: list[Any] = [ctx.tenant_id]
    statement = f"select {_COLUMNS} from exchange_rates where tenant_id = $1"
    for column, value in asdict(wanted).items():
        if value is not None:
            arguments.append(value)
            statement += f" and {column} = ${len(arguments)}"
    if after is not None:
        places = ", ".join(f"${len(arguments) + n}" for n in range(1, 5))
        arguments += after
        statement += f" and ({_KEY}) < ({places})"
    newest_first = _KEY.replace(",", " desc,")
    rows = await sql(ctx).fetch(f"{statement} order by {newest_first} desc limit {limit}", *arguments)
    return [ExchangeRate(**{**dict(row), "rate": text_of(row["rate"])}) for row in rows]


async def newest(ctx: Context, day: date, max_age_days: int) -> list[Quote]:
    """The newest rate of each pair and source on or before a day, none older than so many days."""
    rows = await sql(ctx).fetch(
        """
        select distinct on (from_currency, to_currency, source) from_currency, to_currency, rate, valid_on, source
        from exchange_rates where tenant_id = $1 and valid_on between $2 and $3
        order by from_currency, to_currency, source, valid_on desc
        """,
        ctx.tenant_id,
        day - timedelta(days=max_age_days),
        day,
    )
    return [Quote(*row) for row in rows]
