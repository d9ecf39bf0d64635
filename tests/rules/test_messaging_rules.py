"""Formatting, retries and the last look before sending."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import formatting
from domain.documents.formatting import format_date, format_money
from domain.kernel.money import Money, quantum_of
from domain.messaging.channel_model import Outcome
from domain.messaging.model import Notice
from domain.messaging.rules.retry import next_attempt_at
from domain.messaging.rules.sending import FactsAtSending, after_attempt, cancelled, delivery_of, objection
from tests.conftest import NOW

NOTICE = Notice(
    id="ntc_1",
    customer_id="cus_1",
    receivable_id="rcv_1",
    contact_id="con_1",
    case_id=None,
    step_key=None,
    channel="email",
    template_key="overdue_notice",
    locale="en",
    recipient="a@example.com",
    subject="s",
    body="b",
    open_amount=Money(Decimal("100"), "CNY"),
    disputed_amount=Money.zero("CNY"),
    due_on=date(2025, 12, 31),
    message_id="<ntc_1@dunwell.local>",
    state="sending",
    reason=None,
    attempt_count=1,
    next_attempt_at=None,
    version=2,
    created_at=NOW,
    sent_at=None,
)
FACTS = FactsAtSending(
    open_amount=Decimal("100.00"),
    disputed_amount=Decimal(0),
    due_on=date(2025, 12, 31),
    address="a@example.com",
    opted_out_channels=(),
)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(formatting).failed == 0


@given(
    st.decimals(min_value=0, max_value=Decimal("1e14"), places=3),
    st.sampled_from(["CNY", "USD", "EUR", "GBP", "HKD"]),
    st.sampled_from(["en", "zh-CN", "de", "hi-IN"]),
)
def test_money_is_written_as_babel_writes_it(amount: Decimal, currency: str, locale: str) -> None:
    exact = amount.quantize(quantum_of(currency), "ROUND_DOWN")
    assert format_money(Money(exact, currency), locale) == format_currency(
        exact, currency, locale=locale.replace("-", "_")
    )


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("1299", "CNY", "zh-CN", "¥1,299.00"),
        ("1299", "CNY", "en", "CN¥1,299.00"),
        ("1299", "JPY", "en", "¥1,299"),
        ("1.234", "KWD", "en", "KWD\N{NO-BREAK SPACE}1.234"),
        ("1.234", "IQD", "zh-CN", "IQD\N{NO-BREAK SPACE}1.234"),  # Babel's own data would round this to 1
        ("-5", "CNY", "zh-CN", "-¥5.00"),
        ("5", "CNY", "nowhere", "CN¥5.00"),
    ],
)
def test_money_keeps_exactly_its_currencys_digits(amount: str, currency: str, locale: str, written: str) -> None:
    assert format_money(Money(Decimal(amount), currency), locale) == written


def test_dates_are_written_as_in_their_language() -> None:
    day = date(2026, 1, 5)
    assert (format_date(day, "zh-CN"), format_date(day, "en")) == ("2026年1月5日", "Jan 5, 2026")


def test_a_notice_is_tried_five_times_in_about_eight_hours() -> None:
    pauses = [next_attempt_at(count, NOW) for count in range(1, 6)]
    assert pauses == [NOW + timedelta(minutes=minutes) for minutes in (5, 30, 120, 300)] + [None]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"open_amount": Decimal(0), "address": None}, "receivable_paid"),
        ({"open_amount": Decimal("99.99")}, "amount_changed"),
        ({"due_on": date(2026, 1, 31)}, "due_date_changed"),
        ({"due_on": None}, "due_date_changed"),
        ({"address": None}, "no_address"),
        ({"address": "b@example.com"}, "address_changed"),
        ({"opted_out_channels": ("email",)}, "opted_out"),
    ],
)
def test_a_notice_that_is_no_longer_true_or_wanted_meets_an_objection(
    changes: dict[str, object], reason: str | None
) -> None:
    assert objection(NOTICE, replace(FACTS, **changes)) == reason  # type: ignore[arg-type]


def test_a_cancelled_attempt_does_not_count() -> None:
    ended = cancelled(NOTICE, "opted_out")
    assert (ended.state, ended.reason, ended.attempt_count, ended.version) == ("cancelled", "opted_out", 0, 3)


@pytest.mark.parametrize(
    ("kind", "attempts", "state", "reason"),
    [
        ("accepted", 1, "sent", None),
        ("retryable", 1, "queued", None),
        ("retryable", 4, "queued", None),
        ("retryable", 5, "failed", "retries_exhausted"),
        ("rejected", 1, "failed", "code"),
        ("unknown", 1, "unknown", "code"),
    ],
)
def test_an_outcome_decides_what_the_notice_becomes(kind: str, attempts: int, state: str, reason: str | None) -> None:
    after = after_attempt(replace(NOTICE, attempt_count=attempts), Outcome(kind, "code", "said"), NOW)  # type: ignore[arg-type]
    assert (after.state, after.reason, after.version) == (state, reason, 3)
    assert (after.next_attempt_at is not None) == (state == "queued")
    assert (after.sent_at is not None) == (state == "sent")


def test_what_a_server_says_is_kept_printable_and_short() -> None:
    delivery = delivery_of(NOTICE, Outcome("rejected", "smtp_550", "\x00bad \udce4" + "x" * 999), NOW)
    assert delivery.detail.startswith("bad ?x")
    assert len(delivery.detail) == 500
