"""Which rate holds, and that a converted sum is rounded once."""

from __future__ import annotations

import doctest
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.insight.model import Aging, AgingBucket
from domain.insight.rules.conversion import in_base_currency
from domain.kernel.money import Money, quantum_of
from domain.ledger.rules import exchange
from domain.ledger.rules.exchange import Path, Quote, book_of, convert, path_of

DAY = date(2026, 1, 5)


def quote(pair: str, rate: str, days: int = 0, source: str = "ECB") -> Quote:
    return Quote(pair[:3], pair[3:], Decimal(rate), DAY - timedelta(days=days), source)


def test_the_examples_hold() -> None:
    assert doctest.testmod(exchange).failed == 0


def test_the_newest_wins_then_the_preferred_source_then_the_alphabet() -> None:
    told = [quote("EURCNY", "7", 1, "PBOC"), quote("EURCNY", "8", 0, "ECB"), quote("EURCNY", "9", 0, "BOE")]
    assert book_of(told, DAY, 10, ["PBOC", "ECB"])["EUR", "CNY"].rate == 8
    assert book_of(told, DAY, 10, [])["EUR", "CNY"].rate == 9
    assert book_of(told, DAY - timedelta(days=1), 10, [])["EUR", "CNY"].rate == 7
    assert book_of(told, DAY - timedelta(days=2), 10, []) == {}
    assert set(book_of([quote("EURCNY", "7", 10)], DAY, 10, [])) == {("EUR", "CNY")}
    assert book_of([quote("EURCNY", "7", 11)], DAY, 10, []) == {}


def test_direct_before_inverse_before_a_third_currency() -> None:
    told = [quote("CNYEUR", "0.2"), quote("EURUSD", "1.1"), quote("CNYUSD", "0.1"), quote("EURCNY", "8", 3)]
    factors = [path.factor if (path := path_of(book_of(told[:n], DAY, 10, []), "EUR", "CNY")) else None for n in (4, 3)]
    assert factors == [Fraction(8), Fraction(5)]
    crossed = path_of(book_of(told[1:3], DAY, 10, []), "EUR", "CNY")
    assert crossed is not None
    assert (crossed.factor, [q.to_currency for q in crossed.quotes]) == (Fraction(11), ["USD", "USD"])


def test_the_newest_way_over_a_third_currency_is_taken() -> None:
    told = [quote("EURUSD", "1", 2), quote("USDCNY", "7"), quote("EURJPY", "2", 1), quote("JPYCNY", "3", 1)]
    over_yen = path_of(book_of(told, DAY, 10, []), "EUR", "CNY")
    assert over_yen is not None
    assert over_yen.factor == 6
    even = [quote("EURUSD", "1", 0, "A"), quote("USDCNY", "7", 0, "B"), quote("EURXAF", "2"), quote("XAFCNY", "4")]
    one_source = path_of(book_of(even, DAY, 10, []), "EUR", "CNY")
    assert one_source is not None
    assert one_source.factor == 8
    assert (
        path_of(book_of([quote("EURUSD", "1"), quote("USDJPY", "7"), quote("JPYCNY", "1")], DAY, 10, []), "EUR", "CNY")
        is None
    )


currencies = st.sampled_from(["CNY", "EUR", "USD", "JPY", "KWD"])
rates = st.decimals("0.000001", "999", places=6)
units = st.integers(0, 10**9)


def row(currency: str, parts: tuple[int, int, int]) -> Aging:
    current, late, unapplied = (Money(n * quantum_of(currency), currency) for n in parts)
    bucket = AgingBucket(days_from=1, days_to=None, amount=late, receivable_count=1)
    return Aging(
        as_of=DAY,
        customer_id=None,
        owner_id=None,
        grade=None,
        contract_reference=None,
        currency=currency,
        current_amount=current,
        buckets=[bucket],
        open_amount=current + late,
        unapplied_amount=unapplied,
        disputed_amount=Money.zero(currency),
        receivable_count=2,
    )


@given(
    owed=st.dictionaries(currencies, st.tuples(units, units, units), min_size=1),
    told=st.dictionaries(currencies, rates),
    base=currencies,
)
def test_each_figure_is_the_exact_sum_rounded_once_or_not_known(
    owed: dict[str, tuple[int, int, int]], told: dict[str, Decimal], base: str
) -> None:
    quotes = [Quote(currency, base, rate, DAY, "ECB") for currency, rate in told.items() if currency != base]
    rows = [row(currency, parts) for currency, parts in sorted(owed.items())]
    report = in_base_currency(rows, book_of(quotes, DAY, 10, []), base, 10)
    worth = {currency: Fraction(rate) for currency, rate in told.items()} | {base: Fraction(1)}
    assert [missing.currency for missing in report.missing_rates] == sorted(set(owed) - set(worth))
    assert [share.own for share in report.by_currency] == rows
    for place, figure in enumerate((report.current_amount, report.buckets[0].amount, report.unapplied_amount)):
        parts = {currency: Fraction(owed[currency][place] * quantum_of(currency)) for currency in owed}
        unknown = any(amount and currency not in worth for currency, amount in parts.items())
        assert (figure is None) == unknown
        if figure is not None:
            exact = sum((amount * worth.get(currency, Fraction(0)) for currency, amount in parts.items()), Fraction(0))
            assert figure.currency == base
            assert abs(Fraction(figure.amount) - exact) <= Fraction(quantum_of(base)) / 2
    for share in report.by_currency:
        if share.own.currency == base:
            assert share.used_rate is not None
            assert (share.used_rate.rate, share.converted_open_amount) == ("1", share.own.open_amount)


def test_a_sum_at_a_rate_that_somebody_mistyped_is_large_but_exact() -> None:
    """The largest amount over two of the smallest rates there can be, the other way round."""
    path = Path(1 / Fraction(Decimal("0.000000000001")) ** 2, ())
    converted = convert([(Decimal("999999999999999.99"), path)], "CNY")
    assert converted.amount == Decimal("999999999999999.99").scaleb(24)
    assert str(convert([(Decimal("-0.001"), Path(Fraction(1), ()))], "CNY").amount) == "0.00"
