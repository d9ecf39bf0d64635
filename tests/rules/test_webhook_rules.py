"""What an answer means, which URLs are accepted, which events an endpoint wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.events.catalogue import EVENT_TYPES
from domain.events.rules.addresses import is_public, url_error
from domain.events.rules.outcome import Answer, answer_of, is_beyond_hope, next_attempt_at, wait_asked_for
from domain.events.rules.subscription import type_errors, wants

AT = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (200, "delivered", None),
        (204, "delivered", None),
        (299, "delivered", None),
        (301, "retry", "redirect"),
        (308, "retry", "redirect"),
        (400, "retry", "http_status"),
        (404, "retry", "http_status"),
        (410, "gone", "gone"),
        (500, "retry", "http_status"),
        (101, "retry", "http_status"),
    ],
)
def test_only_2xx_is_delivered_and_only_410_is_final(status: int, kind: str, error: str | None) -> None:
    answer = answer_of(status, None, None, AT)
    assert (answer.kind, answer.error) == (kind, error)


def test_no_answer_is_tried_again_under_its_own_code() -> None:
    assert answer_of(None, "timeout", None, AT) == Answer("retry", "timeout")


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (None, timedelta(0)),
        ("120", timedelta(minutes=2)),
        ("99999999999999999999", timedelta(hours=24)),
        ("Mon, 05 Jan 2026 01:00:00 GMT", timedelta(hours=1)),
        ("Sun, 04 Jan 2026 01:00:00 GMT", timedelta(0)),
        ("Mon, 05 Jan 2099 01:00:00 -0000", timedelta(hours=24)),
        ("-5", timedelta(0)),
        ("soon", timedelta(0)),
        ("٣", timedelta(0)),
        ("", timedelta(0)),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(asked: str | None, wait: timedelta) -> None:
    assert wait_asked_for(asked, AT) == wait


def test_only_429_and_503_may_ask_to_wait_and_never_shorten_the_schedule() -> None:
    for status, wait in ((429, 3600), (503, 3600), (500, 0), (404, 0)):
        assert answer_of(status, None, "3600", AT).wait == timedelta(seconds=wait)
    patient = answer_of(503, None, "3600", AT)
    assert next_attempt_at(patient, 1, "whd_1", AT) == AT + timedelta(hours=1)
    later = next_attempt_at(patient, 5, "whd_1", AT)
    assert later is not None
    assert later >= AT + timedelta(hours=5)
    assert next_attempt_at(patient, 10, "whd_1", AT) is None


def test_an_endpoint_is_beyond_hope_after_five_days() -> None:
    assert not is_beyond_hope(None, AT)
    assert not is_beyond_hope(AT - timedelta(days=4, hours=23), AT)
    assert is_beyond_hope(AT - timedelta(days=5), AT)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.1.1",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("255.255.255.255", "198.18.0.1", "192.0.2.1", "192.0.0.8", "::1", "::", "::ffff:10.0.0.1", "::127.0.0.1"),
        *("fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:db8::1", "2001::1", "::ffff:169.254.169.254", "nonsense", ""),
    ],
)
def test_addresses_that_are_not_on_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_addresses_on_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://hooks.example/dunwell?x=1", None),
        ("http://hooks.example:8080", None),
        ("https://1.1.1.1/", None),
        ("https://dead.beef/", None),
        ("ftp://hooks.example/", "unsupported_scheme"),
        ("hooks.example/x", "unsupported_scheme"),
        ("https:///x", "malformed_url"),
        ("https://[::1/", "malformed_url"),
        ("https://hooks.example:99999/", "malformed_url"),
        ("https://hooks.example:0/", "malformed_url"),
        ("https://hooks.example/a b", "malformed_url"),
        ("https://hooks.example/\r\nx: y", "malformed_url"),
        ("https://蓝海.example/", "malformed_url"),
        ("", "malformed_url"),
        ("https://user:secret@hooks.example/", "userinfo_in_url"),
        ("https://hooks.example/#x", "fragment_in_url"),
        ("https://hooks.example/" + "x" * 2000, "url_too_long"),
        ("http://localhost/", "private_address"),
        ("http://LOCALHOST:80/", "private_address"),
        ("http://a.localhost./", "private_address"),
        ("http://127.0.0.1/", "private_address"),
        ("http://127.1/", "private_address"),
        ("http://2130706433/", "private_address"),
        ("http://0x7f.0.0.1/", "private_address"),
        ("http://[::ffff:127.0.0.1]/", "private_address"),
        ("http://169.254.169.254/latest/meta-data/", "private_address"),
    ],
)
def test_urls(url: str, code: str | None) -> None:
    wrong = url_error(url, allow_private=False)
    assert (wrong and wrong.code) == code


def test_the_development_setting_allows_private_addresses_and_nothing_else() -> None:
    assert url_error("http://127.0.0.1:8000/", allow_private=True) is None
    assert url_error("ftp://127.0.0.1/", allow_private=True) is not None


def test_an_endpoint_wants_all_some_or_one_objects_events() -> None:
    assert wants([], "receivable.paid")
    assert wants(["case.opened", "receivable.paid"], "receivable.paid")
    assert wants(["receivable.*"], "receivable.paid")
    assert not wants(["receivable.*"], "reminder_plan.published")
    assert not wants(["receivable.created"], "receivable.paid")


def test_unknown_event_types_are_named_by_their_place() -> None:
    wrong = type_errors(["receivable.paid", "receivable.eaten", "case.*", "*", "receivable.pai*"], EVENT_TYPES)
    assert [error.pointer for error in wrong] == ["/event_types/1", "/event_types/3", "/event_types/4"]
    assert type_errors(["x"] * 101, EVENT_TYPES)[0].code == "too_many_event_types"
