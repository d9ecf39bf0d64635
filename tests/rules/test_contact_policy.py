"""The contact policy's gate: pure, over all zones and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.calendar import is_business_day, is_public_holiday
from domain.messaging.contact_policy_model import (
    WEEKDAYS,
    BlackoutDates,
    ContactCap,
    ContactHours,
    ContactPolicy,
    Weekday,
)
from domain.messaging.rules.contact_policy import (
    Answer,
    Contacted,
    ContactRequest,
    cap_id,
    gate,
    looks_back,
    rules_of,
)

SHANGHAI = "Asia/Shanghai"
# Zones whose clocks change at night, by half an hour, at midnight and by a whole day (Samoa, 30 December 2011).
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Havana",
    "Pacific/Apia",
    "Africa/Casablanca",
    SHANGHAI,
)
WORKDAYS: list[Weekday] = list(WEEKDAYS[:5])
MONDAY_NINE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # in Shanghai


def hours(from_time: str, to_time: str, weekdays: list[Weekday] | None = None) -> ContactHours:
    return ContactHours(weekdays=weekdays or list(WEEKDAYS), from_time=from_time, to_time=to_time)


def cap(per: Any = "customer", most: int = 2, days: int = 7, *, counts_manual: bool = False) -> ContactCap:
    identity = cap_id(per, most, days, counts_manual=counts_manual)
    return ContactCap(id=identity, per=per, most=most, days=days, counts_manual=counts_manual)


def a_request(**overrides: Any) -> ContactRequest:
    return ContactRequest(**{"contact_id": "con_1", "channel": "email", "time_zone": SHANGHAI, **overrides})


def asked(policy: ContactPolicy, now: datetime, history: Any = (), **request: Any) -> Answer:
    return gate(policy, a_request(**request), history, now)


def days_ago(days: float, **fields: Any) -> Contacted:
    told = {"channel": "email", "contact_id": "con_1", **fields}
    return Contacted(at=MONDAY_NINE - timedelta(days=days), **told)


def test_a_policy_that_says_nothing_allows_everything_but_what_is_never_allowed() -> None:
    assert asked(ContactPolicy(), MONDAY_NINE) == Answer("allow", None, ("opted_out", "third_party_block"))
    assert asked(ContactPolicy(), MONDAY_NINE, opted_out=True) == Answer("deny", None, ("opted_out",))
    both = asked(ContactPolicy(channels=["letter"]), MONDAY_NINE, is_third_party=True)
    assert both == Answer("deny", None, ("third_party_block", "channel_not_allowed"))


@pytest.mark.parametrize(
    ("now", "until", "rules"),
    [
        ("2026-01-05T00:59:59", "2026-01-05T01:00:00", ("quiet_hours",)),
        ("2026-01-05T01:00:00", None, ()),
        ("2026-01-05T09:59:59", None, ()),
        ("2026-01-05T10:00:00", "2026-01-06T01:00:00", ("quiet_hours",)),
        ("2026-01-09T10:00:00", "2026-01-12T01:00:00", ("quiet_hours",)),
        ("2026-01-10T02:00:00", "2026-01-12T01:00:00", ("quiet_hours",)),
    ],
)
def test_hours_are_those_of_the_contacts_clock(now: str, until: str | None, rules: tuple[str, ...]) -> None:
    policy = ContactPolicy(contact_hours=[hours("09:00", "18:00", WORKDAYS)])
    answer = asked(policy, datetime.fromisoformat(now).replace(tzinfo=UTC))
    if until is None:
        assert answer.kind == "allow"
    else:
        assert answer == Answer("defer", datetime.fromisoformat(until).replace(tzinfo=UTC), rules)


def test_business_days_know_chinese_holidays_and_make_up_workdays() -> None:
    policy = ContactPolicy(business_days_only=True, contact_hours=[hours("09:00", "18:00")])
    new_years_day = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
    # 2 and 3 January 2026 are free as well; Sunday the 4th is worked instead.
    answer = asked(policy, new_years_day, country="CN")
    assert answer == Answer("defer", datetime(2026, 1, 4, 1, 0, tzinfo=UTC), ("business_days_only",))
    without_country = asked(policy, new_years_day)
    assert without_country.kind == "allow"


def test_public_holidays_can_be_left_out_without_the_weekends() -> None:
    policy = ContactPolicy(except_public_holidays=True)
    labour_day = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    request = {"country": "DE", "time_zone": "Europe/Berlin"}
    answer = asked(policy, labour_day, **request)
    assert answer == Answer("defer", datetime(2026, 5, 1, 22, 0, tzinfo=UTC), ("public_holiday",))
    assert asked(policy, labour_day + timedelta(days=1), **request).kind == "allow"


def test_blackout_dates_are_whole_days_and_one_without_an_end_in_sight_denies() -> None:
    closed = BlackoutDates(from_on=date(2026, 1, 5), to_on=date(2026, 1, 7))
    answer = asked(ContactPolicy(blackout_dates=[closed]), MONDAY_NINE)
    assert answer == Answer("defer", datetime(2026, 1, 7, 16, 0, tzinfo=UTC), ("blackout_dates",))
    for_ever = BlackoutDates(from_on=date(2026, 1, 5), to_on=date(2026, 3, 31))
    answer = asked(ContactPolicy(blackout_dates=[for_ever]), MONDAY_NINE)
    assert answer == Answer("deny", None, ("no_allowed_time", "blackout_dates"))


def test_a_cap_counts_the_reminders_of_its_scope_in_its_window() -> None:
    two = [days_ago(6.5), days_ago(1, contact_id="con_2", channel="sms")]
    policy = ContactPolicy(caps=[cap()])
    answer = asked(policy, MONDAY_NINE, two)
    assert answer == Answer("defer", MONDAY_NINE + timedelta(days=0.5), ("cap_customer_2_in_7_days",))
    assert asked(policy, MONDAY_NINE, [days_ago(7), days_ago(1)]).kind == "allow"
    assert asked(ContactPolicy(caps=[cap("contact")]), MONDAY_NINE, two).kind == "allow"
    assert asked(ContactPolicy(caps=[cap("channel")]), MONDAY_NINE, two).kind == "allow"
    assert asked(ContactPolicy(caps=[cap("channel", most=1)]), MONDAY_NINE, two).kind == "defer"
    assert asked(ContactPolicy(caps=[cap("contact", most=1)]), MONDAY_NINE, two).kind == "defer"


def test_calls_count_for_the_gap_always_and_for_a_cap_if_it_says_so() -> None:
    call = [days_ago(1, channel="call", contact_id=None, is_manual=True)]
    assert asked(ContactPolicy(caps=[cap(most=1)]), MONDAY_NINE, call).kind == "allow"
    with_calls = cap(most=1, counts_manual=True)
    answer = asked(ContactPolicy(caps=[with_calls]), MONDAY_NINE, call)
    assert answer == Answer("defer", MONDAY_NINE + timedelta(days=6), ("cap_customer_1_in_7_days_manual",))
    answer = asked(ContactPolicy(minimum_gap_hours=48), MONDAY_NINE, call)
    assert answer == Answer("defer", MONDAY_NINE + timedelta(days=1), ("contact_gap",))


def test_a_cap_that_frees_at_night_waits_for_the_morning_of_a_business_day() -> None:
    policy = ContactPolicy(contact_hours=[hours("09:00", "18:00")], business_days_only=True, caps=[cap(most=1, days=5)])
    answer = asked(policy, MONDAY_NINE, [days_ago(0.25)], country="DE")
    assert answer == Answer("defer", datetime(2026, 1, 12, 1, 0, tzinfo=UTC), ("cap_customer_1_in_5_days",))


def test_a_long_cap_is_no_reason_to_deny() -> None:
    answer = asked(ContactPolicy(caps=[cap(most=1, days=366)]), MONDAY_NINE, [days_ago(1)])
    assert (answer.kind, answer.until) == ("defer", MONDAY_NINE + timedelta(days=365))


def test_how_far_back_is_the_longest_of_the_windows() -> None:
    assert looks_back(ContactPolicy()) is None
    assert looks_back(ContactPolicy(caps=[cap(days=3)], minimum_gap_hours=96)) == timedelta(days=4)


def test_an_answer_that_allows_names_what_was_asked() -> None:
    policy = ContactPolicy(channels=["email"], business_days_only=True, caps=[cap()])
    expected = ("opted_out", "third_party_block", "channel_not_allowed", "business_days_only", policy.caps[0].id)
    assert asked(policy, MONDAY_NINE).rules == rules_of(policy) == expected


quarter_hours = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")


@st.composite
def windows(draw: st.DrawFn) -> ContactHours:
    from_time, to_time = sorted(draw(st.lists(quarter_hours, min_size=2, max_size=2, unique=True)))
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))
    return hours(from_time, draw(st.sampled_from([to_time, "24:00"])), days)


policies = st.builds(
    ContactPolicy,
    contact_hours=st.lists(windows(), max_size=3),
    business_days_only=st.booleans(),
    except_public_holidays=st.booleans(),
    caps=st.lists(
        st.builds(cap, st.sampled_from(["contact", "customer", "channel"]), st.integers(1, 3), st.integers(1, 10)),
        max_size=2,
    ),
    minimum_gap_hours=st.none() | st.integers(1, 100),
)
# Within days of a change of the clocks in one zone or another, to the minute.
CHANGES = (
    datetime(2011, 12, 30, 10, 0, tzinfo=UTC),
    datetime(2018, 2, 18, 2, 0, tzinfo=UTC),
    datetime(2018, 11, 4, 3, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 4, 4, 15, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
)
instants = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-3 * 1440, 3 * 1440),
)
requests = st.builds(a_request, time_zone=st.sampled_from(ZONES), country=st.sampled_from([None, "CN", "DE", "XX"]))


@st.composite
def questions(draw: st.DrawFn) -> tuple[ContactPolicy, ContactRequest, list[Contacted], datetime]:
    now = draw(instants)
    contacted = st.builds(
        lambda minutes, contact, channel: Contacted(
            at=now - timedelta(minutes=minutes), contact_id=contact, channel=channel
        ),
        st.integers(0, 12 * 1440),
        st.sampled_from(["con_1", "con_2"]),
        st.sampled_from(["email", "sms"]),
    )
    return draw(policies), draw(requests), draw(st.lists(contacted, max_size=4)), now


@given(questions())
def test_nothing_is_allowed_outside_of_the_window_by_the_clock_on_the_wall(question: Any) -> None:
    policy, request, history, now = question
    answer = gate(policy, request, history, now)
    if answer.kind == "deny":
        return
    at = answer.until or now
    local = at.astimezone(ZoneInfo(request.time_zone))
    if policy.contact_hours:
        assert any(
            WEEKDAYS[local.weekday()] in one.weekdays
            and time.fromisoformat(one.from_time) <= local.time()
            and (one.to_time == "24:00" or local.time() < time.fromisoformat(one.to_time))
            for one in policy.contact_hours
        )
    assert not policy.business_days_only or is_business_day(local.date(), request.country)
    assert not policy.except_public_holidays or not is_public_holiday(local.date(), request.country)
    for one in policy.caps:
        earlier = [h for h in history if h.at > at - timedelta(days=one.days)]
        counted = [
            h
            for h in earlier
            if one.per == "customer"
            or (one.per == "contact" and h.contact_id == request.contact_id)
            or (one.per == "channel" and h.channel == request.channel)
        ]
        assert len(counted) < one.most
    if policy.minimum_gap_hours:
        assert all(at - h.at >= timedelta(hours=policy.minimum_gap_hours) for h in history)


@given(questions())
def test_what_is_deferred_is_allowed_when_its_time_comes_and_not_a_minute_before(question: Any) -> None:
    policy, request, history, now = question
    answer = gate(policy, request, history, now)
    if answer.kind != "defer":
        return
    assert answer.until is not None
    assert answer.until > now
    assert gate(policy, request, history, answer.until).kind == "allow"
    assert answer.rules
    before = answer.until - timedelta(minutes=1)
    if before > now:
        assert gate(policy, request, history, before).kind == "defer"


@given(questions(), st.integers(0, 10 * 1440))
def test_who_asks_later_is_never_answered_an_earlier_instant(question: Any, minutes: int) -> None:
    policy, request, history, now = question
    later = now + timedelta(minutes=minutes)
    first, second = gate(policy, request, history, now), gate(policy, request, history, later)
    if "deny" not in (first.kind, second.kind):
        assert (first.until or now) <= (second.until or later)


@given(questions(), instants)
def test_one_more_contact_never_makes_it_earlier(question: Any, also: datetime) -> None:
    policy, request, history, now = question
    more = [*history, Contacted(at=min(also, now), channel="email", contact_id="con_1")]
    first, second = gate(policy, request, history, now), gate(policy, request, more, now)
    if "deny" not in (first.kind, second.kind):
        assert (first.until or now) <= (second.until or now)
