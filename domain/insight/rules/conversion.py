"""PURE: an aging in many currencies as one in the base currency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.insight.base_currency_model import (
    BaseCurrencyAging,
    BaseCurrencyBucket,
    CurrencyAging,
    MissingRate,
    RateQuote,
    UsedRate,
)
from domain.insight.model import Aging
from domain.kernel.money import Money
from domain.ledger.rules.exchange import Book, Path, convert, path_of, shown, text_of


def in_base_currency(rows: Sequence[Aging], book: Book, base_currency: str, max_age_days: int) -> BaseCurrencyAging:
    """One group's rows, one for each currency, in the base currency."""
    first = rows[0]
    ways = [(row, path_of(book, row.currency, base_currency)) for row in rows]

    def figure(amount_of: Callable[[Aging], Money]) -> Money | None:
        return _figure([(amount_of(row), path) for row, path in ways], base_currency)

    buckets = [
        BaseCurrencyBucket(
            days_from=bucket.days_from,
            days_to=bucket.days_to,
            amount=_figure([(row.buckets[n].amount, path) for row, path in ways], base_currency),
            receivable_count=sum(row.buckets[n].receivable_count for row in rows),
        )
        for n, bucket in enumerate(first.buckets)
    ]
    return BaseCurrencyAging(
        as_of=first.as_of,
        customer_id=first.customer_id,
        owner_id=first.owner_id,
        grade=first.grade,
        contract_reference=first.contract_reference,
        base_currency=base_currency,
        current_amount=figure(lambda row: row.current_amount),
        buckets=buckets,
        open_amount=figure(lambda row: row.open_amount),
        unapplied_amount=figure(lambda row: row.unapplied_amount),
        disputed_amount=figure(lambda row: row.disputed_amount),
        receivable_count=sum(row.receivable_count for row in rows),
        by_currency=[_of_currency(row, path, base_currency) for row, path in ways],
        missing_rates=[_missing(row) for row, path in ways if path is None],
        rate_max_age_days=max_age_days,
    )


def _figure(parts: Sequence[tuple[Money, Path | None]], base_currency: str) -> Money | None:
    """The sum of what is not nothing; None where a part of it has no rate."""
    known = [(money.amount, path) for money, path in parts if path is not None and money]
    if len(known) < sum(bool(money) for money, _ in parts):
        return None
    return convert(known, base_currency)


def _of_currency(row: Aging, path: Path | None, base_currency: str) -> CurrencyAging:
    if path is None:
        return CurrencyAging(own=row, used_rate=None, converted_open_amount=None)
    quotes = [
        RateQuote(
            from_currency=quote.from_currency,
            to_currency=quote.to_currency,
            rate=text_of(quote.rate),
            valid_on=quote.valid_on,
            source=quote.source,
        )
        for quote in path.quotes
    ]
    return CurrencyAging(
        own=row,
        used_rate=UsedRate(rate=shown(path.factor), quotes=quotes),
        converted_open_amount=convert([(row.open_amount.amount, path)], base_currency),
    )


def _missing(row: Aging) -> MissingRate:
    return MissingRate(
        currency=row.currency,
        code="rate_missing",
        open_amount=row.open_amount,
        unapplied_amount=row.unapplied_amount,
    )
