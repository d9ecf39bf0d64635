"""The vocabulary of all rooms: money, ids, calendar, cursors."""

from __future__ import annotations

import doctest
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import calendar, money
from domain.kernel.calendar import instant_of, is_business_day, local_date, next_business_day
from domain.kernel.context import Actor, Context
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, quantum_of
from domain.kernel.paging import PageRequest, decode_cursor, encode_cursor, page_of

CURRENCIES = ["CNY", "JPY", "KWD", "USD", "CLF"]


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    currency = draw(st.sampled_from(CURRENCIES))
    return Money(draw(st.integers(-(10**12), 10**12)) * quantum_of(currency), currency)


@given(amounts())
def test_an_amount_survives_the_api_form(amount: Money) -> None:
    assert Money.parse(str(amount.amount), amount.currency) == amount


@given(amounts(), amounts())
def test_adding_and_taking_away_is_exact(one: Money, other: Money) -> None:
    if one.currency == other.currency:
        assert one + other - other == one
    else:
        with pytest.raises(InvalidInput) as refused:
            _ = one + other
        assert refused.value.errors[0].code == "currency_mismatch"


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("1.005", "CNY", "too_many_digits"),
        ("1.5", "JPY", "too_many_digits"),
        ("1", "XAU", "unknown_currency"),
        ("1", "cny", "unknown_currency"),
        ("1e3", "CNY", "malformed_amount"),
        ("+1", "CNY", "malformed_amount"),
        ("01", "CNY", "malformed_amount"),
        ("1 000", "CNY", "malformed_amount"),
        ("NaN", "CNY", "malformed_amount"),
        ("١٢", "CNY", "malformed_amount"),
        ("1000000000000000", "CNY", "malformed_amount"),
    ],
)
def test_what_is_no_amount_is_refused_and_never_rounded(amount: str, currency: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Money.parse(amount, currency)
    assert refused.value.errors[0].code == code


def test_an_amount_always_shows_its_currencys_digits() -> None:
    shown = [str(Money(Decimal(12), currency).amount) for currency in ("CNY", "JPY", "KWD")]
    assert shown == ["12.00", "12", "12.000"]


@pytest.mark.parametrize("tenant_id", ["", "tnt_1", "x'; drop table tenants; --", "cus_" + "0" * 26])
def test_a_context_takes_nothing_but_a_tenants_id(tenant_id: str) -> None:
    with pytest.raises(ValueError, match="tenant id"):
        Context(tenant_id=tenant_id, actor=Actor("system", "test"))


def test_a_local_time_that_summer_time_leaves_out_still_is_an_instant() -> None:
    skipped = instant_of(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = instant_of(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_day_is_that_of_the_time_zone() -> None:
    late = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)
    assert (local_date(late, "Asia/Shanghai"), local_date(late, "America/New_York")) == (
        date(2026, 1, 6),
        date(2026, 1, 5),
    )


def test_make_up_workdays_count_and_national_holidays_do_not() -> None:
    assert is_business_day(date(2025, 1, 26), "CN")  # a Sunday before Spring Festival that was worked
    assert not is_business_day(date(2025, 10, 1), "CN")
    assert next_business_day(date(2026, 1, 3), None) == date(2026, 1, 5)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=50), st.text(max_size=50))
def test_a_cursor_opens_only_for_its_own_list(key: str, binding: str) -> None:
    cursor = encode_cursor(key, binding)
    assert decode_cursor(cursor, binding) == key
    with pytest.raises(InvalidInput):
        decode_cursor(cursor, f"{binding}?other")


@given(st.text(max_size=60))
def test_whatever_is_sent_as_a_cursor_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        decode_cursor(text, "list")


def test_a_page_tells_that_there_is_more_only_when_there_is() -> None:
    request = PageRequest(limit=2)
    full = page_of(["a", "b", "c"], request, str, str)
    last = page_of(["a", "b"], request, str, str)
    assert (full.items, full.next_key) == (["a", "b"], "b")
    assert (last.items, last.next_key) == (["a", "b"], None)


@pytest.mark.parametrize("module", [calendar, money])
def test_the_examples_in_the_docstrings_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
