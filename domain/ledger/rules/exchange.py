"""PURE: which exchange rate holds on a day, and what an amount is worth in another currency. Exact until the one rounding at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from math import floor

from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import WIDE, Money, is_currency, quantum_of

MOST_RATES = 1000
MOST_SOURCES = 20
LONGEST_SOURCE = 100
MAX_AGE_DAYS, LONGEST_AGE_DAYS = 10, 366
"""How old a rate may be where the tenant has not said: long enough for the longest public holidays, in which no bank sets one."""
LARGEST_RATE, MOST_DECIMALS = Decimal(10) ** 9, 12
_SHOWN = Context(prec=16)


@dataclass(frozen=True, slots=True)
class Quote:
    """One unit of `from_currency` is worth `rate` of `to_currency` on a day, says `source`."""

    from_currency: str
    to_currency: str
    rate: Decimal
    valid_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Path:
    """How one currency becomes another: an exact factor and the quotes it comes from; none for a currency and itself."""

    factor: Fraction
    quotes: tuple[Quote, ...]


Book = Mapping[tuple[str, str], Quote]


def book_of(quotes: Iterable[Quote], day: date, max_age_days: int, sources: Sequence[str]) -> Book:
    """The quote that holds on `day` for each pair: the newest that is neither of the future nor older than `max_age_days`.

    Of several on its day, the one whose source comes first in `sources`; those not in there come last, in the order of the alphabet.

    >>> old = Quote("EUR", "CNY", Decimal("7.8"), date(2026, 1, 2), "ECB")
    >>> new = Quote("EUR", "CNY", Decimal("7.9"), date(2026, 1, 4), "PBOC")
    >>> future = Quote("EUR", "CNY", Decimal(8), date(2026, 1, 6), "ECB")
    >>> book_of([old, new, future], date(2026, 1, 5), 10, ["ECB"])["EUR", "CNY"].rate
    Decimal('7.9')
    >>> book_of([old], date(2026, 1, 13), 10, [])
    {}
    """
    rank = {source: place for place, source in enumerate(sources)}
    held = [quote for quote in quotes if 0 <= (day - quote.valid_on).days <= max_age_days]
    held.sort(key=lambda quote: (-quote.valid_on.toordinal(), rank.get(quote.source, len(rank)), quote.source))
    return {(quote.from_currency, quote.to_currency): quote for quote in reversed(held)}


def path_of(book: Book, from_currency: str, to_currency: str) -> Path | None:
    """Direct, else inverse, else over the one currency whose older quote is the newest; None if there is no way.

    Of equally new ways the one is taken whose two quotes have one source, then the first in the alphabet.

    >>> day = date(2026, 1, 5)
    >>> told = [Quote("EUR", "CNY", Decimal(8), day, "ECB"), Quote("EUR", "USD", Decimal("1.25"), day, "ECB")]
    >>> book = book_of(told, day, 10, [])
    >>> path_of(book, "CNY", "CNY").factor, path_of(book, "CNY", "EUR").factor, path_of(book, "USD", "CNY").factor
    (Fraction(1, 1), Fraction(1, 8), Fraction(32, 5))
    >>> path_of(book, "JPY", "CNY") is None
    True
    """
    if from_currency == to_currency:
        return Path(Fraction(1), ())
    step = _step(book, from_currency, to_currency)
    if step is not None:
        return step
    over = sorted({currency for pair in book for currency in pair} - {from_currency, to_currency})
    ways = [
        Path(first.factor * second.factor, first.quotes + second.quotes)
        for currency in over
        if (first := _step(book, from_currency, currency)) and (second := _step(book, currency, to_currency))
    ]
    return min(ways, key=_worth, default=None)


def convert(amounts: Iterable[tuple[Decimal, Path]], to_currency: str) -> Money:
    """The sum of amounts in `to_currency`, computed exactly and rounded once, half away from zero, to its digits.

    >>> third = Path(Fraction(1, 3), ())
    >>> convert([(Decimal("0.01"), third)] * 3, "CNY").amount, convert([(Decimal("0.01"), third)], "CNY").amount
    (Decimal('0.01'), Decimal('0.00'))
    """
    exact = sum((Fraction(amount) * path.factor for amount, path in amounts), Fraction(0))
    quantum = quantum_of(to_currency)
    units = abs(exact) / Fraction(quantum)
    rounded = WIDE.multiply(Decimal(floor(units + Fraction(1, 2))), quantum)
    return Money.total(rounded if exact >= 0 else WIDE.minus(rounded), to_currency)


def text_of(rate: Decimal) -> str:
    """A rate as a plain decimal string, without an exponent and zeros that say nothing.

    >>> text_of(Decimal("7.8500")), text_of(Decimal("1E+2")), text_of(Decimal("0.00000012"))
    ('7.85', '100', '0.00000012')
    """
    return f"{rate.normalize():f}"


def shown(factor: Fraction) -> str:
    """A factor to 16 significant digits, for people to read; amounts are computed with the exact one.

    >>> shown(Fraction(1, 3)), shown(Fraction(8)), shown(Fraction(100))
    ('0.3333333333333333', '8', '100')
    """
    return text_of(_SHOWN.divide(Decimal(factor.numerator), Decimal(factor.denominator)))


def check_quotes(quotes: Sequence[Quote]) -> None:
    """Raises InvalidInput naming every rate of a batch that cannot be one."""
    if not 1 <= len(quotes) <= MOST_RATES:
        raise InvalidInput.at("/rates", "rates_out_of_range", f"A batch has 1 to {MOST_RATES} rates.")
    errors = tuple(_wrong(quotes))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def check_lookup(sources: Sequence[str], max_age_days: int) -> None:
    """Raises InvalidInput unless `sources` are different names and the age is 0 to 366 days."""
    if len(sources) > MOST_SOURCES or len(set(sources)) != len(sources):
        raise InvalidInput.at("/rate_sources", "sources_repeated", f"At most {MOST_SOURCES} sources, each once.")
    if not all(1 <= len(source) <= LONGEST_SOURCE for source in sources):
        raise InvalidInput.at("/rate_sources", "source_out_of_range", f"A source has 1 to {LONGEST_SOURCE} characters.")
    if not 0 <= max_age_days <= LONGEST_AGE_DAYS:
        raise InvalidInput.at(
            "/rate_max_age_days", "days_out_of_range", f"A rate is at most {LONGEST_AGE_DAYS} days old."
        )


def _step(book: Book, from_currency: str, to_currency: str) -> Path | None:
    direct, inverse = book.get((from_currency, to_currency)), book.get((to_currency, from_currency))
    if direct is not None:
        return Path(Fraction(direct.rate), (direct,))
    return None if inverse is None else Path(1 / Fraction(inverse.rate), (inverse,))


def _worth(way: Path) -> tuple[int, bool]:
    first, second = way.quotes
    return -min(first.valid_on, second.valid_on).toordinal(), first.source != second.source


def _wrong(quotes: Sequence[Quote]) -> Iterator[FieldError]:
    seen: set[tuple[str, str, date, str]] = set()
    for n, quote in enumerate(quotes):
        for name in ("from_currency", "to_currency"):
            code = getattr(quote, name)
            if not is_currency(code):
                yield FieldError(f"/rates/{n}/{name}", "unknown_currency", f"{code!r} is not an ISO 4217 currency.")
        if quote.from_currency == quote.to_currency:
            yield FieldError(f"/rates/{n}/to_currency", "same_currency", "A rate is between two currencies.")
        if not _is_rate(quote.rate):
            detail = f"A rate is more than 0, less than {LARGEST_RATE} and has at most {MOST_DECIMALS} decimals."
            yield FieldError(f"/rates/{n}/rate", "rate_out_of_range", detail)
        if not is_in_calendar(quote.valid_on):
            yield FieldError(f"/rates/{n}/valid_on", "date_out_of_range", OUT_OF_CALENDAR)
        if not quote.source.strip() or len(quote.source) > LONGEST_SOURCE:
            detail = f"Whoever says so is named in 1 to {LONGEST_SOURCE} characters."
            yield FieldError(f"/rates/{n}/source", "source_out_of_range", detail)
        key = (quote.from_currency, quote.to_currency, quote.valid_on, quote.source)
        if key in seen:
            yield FieldError(
                f"/rates/{n}", "rate_repeated", "A batch tells a rate of two currencies, day and source once."
            )
        seen.add(key)


def _is_rate(rate: Decimal) -> bool:
    return 0 < rate < LARGEST_RATE and rate == round(rate, MOST_DECIMALS)
