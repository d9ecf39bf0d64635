"""PURE: money and dates as people of a locale write them.

Babel knows how, but is slow; what it says is learnt once per locale and currency and replayed. The digits are always
the ISO 4217 ones that Money carries: those of Babel's own data differ for some currencies and would round.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.numbers import format_currency

from domain.kernel.money import Money, quantum_of


def format_money(money: Money, locale: str) -> str:
    """The amount with its currency sign and exactly its currency's digits.

    >>> format_money(Money(Decimal("1299"), "CNY"), "zh-CN"), format_money(Money(Decimal("1299"), "CNY"), "en")
    ('¥1,299.00', 'CN¥1,299.00')
    """
    return _money_writer(locale, money.currency)(money.amount)


@lru_cache(maxsize=8192)
def format_date(day: date, locale: str) -> str:
    """The date in the locale's usual form.

    >>> format_date(date(2026, 1, 5), "zh-CN"), format_date(date(2026, 1, 5), "en")
    ('2026年1月5日', 'Jan 5, 2026')
    """
    return babel_date(day, format="medium", locale=babel_locale(locale))


@cache
def babel_locale(locale: str) -> Locale:
    """Babel's locale of that name, English where it knows none."""
    try:
        return Locale.parse(locale, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


@cache
def _money_writer(locale: str, currency: str) -> Callable[[Decimal], str]:
    """Writes amounts: the sign around Python's own digits where the locale groups like Python, else through Babel."""
    named = babel_locale(locale)
    digits = -int(quantum_of(currency).as_tuple().exponent)
    pattern = str(named.currency_formats["standard"].pattern).replace(".00", "." + "0" * digits if digits else "")

    def through_babel(amount: Decimal) -> str:
        return str(format_currency(amount, currency, pattern, named, currency_digits=False))

    probe = Decimal(1234567).quantize(quantum_of(currency))
    before, grouped, after = through_babel(probe).partition(f"{probe:,}")
    if not grouped:
        return through_babel
    if before[-1:].isalpha():
        before += "\N{NO-BREAK SPACE}"  # CLDR's "alphaNextToNumber", which Babel leaves out: KWD 1.000
    return lambda amount: f"{before}{amount:,}{after}" if amount >= 0 else through_babel(amount)
