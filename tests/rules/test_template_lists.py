"""Several receivables in one text: the loop, the ready list, and the limits of the channels."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.messaging.book import TemplateBook, rendered
from domain.messaging.model import ReceivableLine, Value
from domain.messaging.rules.channels import LIMITS, WITHOUT_SUBJECT, limit_of
from domain.messaging.rules.lines import MOST_LISTED
from domain.messaging.rules.liquid import TextTooLong, lint, render_body
from domain.messaging.rules.loops import ITEM_FIELDS, LOOP_FIELDS
from domain.messaging.rules.samples import sample_variables
from domain.messaging.rules.selection import Text
from domain.messaging.rules.variables import notice_variables

TODAY = date(2026, 1, 5)


def a_line(number: str, due_on: date, amount: str = "1299.00", disputed: str = "0.00") -> ReceivableLine:
    money = Money(Decimal(amount), "CNY")
    return ReceivableLine(
        receivable_id=f"rcv_{number}",
        number=number,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        amount=money,
        open_amount=money,
        disputed_amount=Money(Decimal(disputed), "CNY"),
    )


def values_of(*lines: ReceivableLine, locale: str = "en") -> dict[str, Value]:
    first = lines[0]
    return notice_variables(
        locale,
        customer_name="Lanhai",
        contact_name="Wang Fang",
        company_name="Acme",
        number=first.number,
        amount=first.amount,
        open_amount=first.open_amount,
        disputed_amount=first.disputed_amount,
        issued_on=first.issued_on,
        due_on=first.due_on,
        today=TODAY,
        receivables=lines,
    )


TWO = values_of(a_line("A-1", date(2025, 12, 31)), a_line("B-22", date(2026, 1, 10), "5.00", "1.00"))


def test_a_loop_tells_each_receivable() -> None:
    source = (
        "{% for r in receivables %}{{ forloop.index }}/{{ forloop.length }} {{ r.number }} {{ r.due_amount }} {{ r.days_overdue }}"
        "{% unless forloop.last %}; {% endunless %}{% endfor %}"
    )
    assert lint("s", source) == []
    assert render_body(source, TWO) == "1/2 A-1 CN¥1,299.00 5; 2/2 B-22 CN¥4.00 0\n"


def test_every_field_of_a_receivable_may_be_used_in_a_loop() -> None:
    fields = [f"r.{name}" for name in ITEM_FIELDS] + [f"forloop.{name}" for name in LOOP_FIELDS] + ["contact_name"]
    source = "{% for r in receivables reversed %}" + "".join(f"{{{{ {name} }}}}" for name in fields) + "{% endfor %}"
    assert lint("s", source) == []
    assert "Wang Fang" in render_body(source, TWO)


def test_a_loop_without_receivables_may_say_something_else() -> None:
    source = "{% for r in receivables %}x{% else %}nothing{% endfor %}"
    assert lint("s", source) == []
    assert render_body(source, TWO | {"receivables": []}) == "nothing\n"


def test_an_unknown_field_is_refused_with_the_list_of_the_known_ones() -> None:
    (fault,) = lint("s", "{% for r in receivables %}{{ r.colour }}{% endfor %}")
    assert fault.code == "template_unknown_variable"
    assert "r.days_overdue" in fault.detail
    assert "customer_name" in fault.detail


def test_the_ready_list_stands_in_columns_in_both_languages() -> None:
    assert str(TWO["receivables_text"]).splitlines() == [
        "  A-1   due Dec 31, 2025  CN¥1,299.00  5 days overdue",
        "  B-22  due Jan 10, 2026  CN¥4.00      not yet due",
    ]
    chinese = values_of(a_line("甲-1", date(2025, 12, 31)), a_line("B-22", date(2026, 1, 10)), locale="zh-CN")
    assert str(chinese["receivables_text"]).splitlines() == [
        "  甲-1  2025年12月31日 到期  ¥1,299.00  逾期 5 天",
        "  B-22  2026年1月10日 到期   ¥1,299.00  未到期",
    ]


def test_totals_are_of_all_and_the_list_of_some() -> None:
    many = values_of(*(a_line(f"INV-{n}", date(2025, 12, 31), "1.00") for n in range(MOST_LISTED + 25)))
    assert (many["count"], many["total_due_amount"]) == ("75", "CN¥75.00")
    assert len(many["receivables"]) == MOST_LISTED
    assert str(many["receivables_text"]).splitlines()[-1] == "  (and 25 more)"


@given(st.integers(1, 600))
def test_no_number_of_receivables_breaks_a_shipped_text(count: int) -> None:
    lines = [a_line("N" * 100, date(2025, 12, 31), "99999999999.00")] * count
    for locale in ("en", "zh-CN"):
        TemplateBook().render("overdue_notice", "email", locale, values_of(*lines, locale=locale))
        TemplateBook().render("formal_letter", "letter", locale, values_of(*lines, locale=locale))


def test_one_receivable_is_a_list_of_one() -> None:
    one = values_of(a_line("A-1", date(2025, 12, 31)))
    assert (one["count"], one["total_due_amount"], one["due_amount"]) == ("1", "CN¥1,299.00", "CN¥1,299.00")
    assert one["new_due_on"] == one["notice_number"] == ""


@pytest.mark.parametrize("channel", LIMITS)
def test_a_short_channel_has_an_end_and_mostly_no_subject(channel: str) -> None:
    limit = limit_of(channel)
    longest = "x" * (limit.most - 1)
    sample = sample_variables("en")
    assert lint("", longest, channel=channel, sample=sample) == []
    assert [f.code for f in lint("", longest + "xx", channel=channel, sample=sample)] == ["text_too_long"]
    refused = ["subject_not_allowed"] if channel in WITHOUT_SUBJECT else []
    assert [f.code for f in lint("Subject", "x", channel=channel)] == refused


def test_chinese_is_counted_in_bytes_where_the_channel_counts_bytes() -> None:
    sample = sample_variables("zh-CN")
    assert lint("", "催" * 682, channel="wecom_robot", sample=sample) == []  # and a line feed: 2 047 bytes
    assert [f.code for f in lint("", "催" * 683, channel="wecom_robot", sample=sample)] == ["text_too_long"]
    assert lint("", "催" * 499, channel="sms", sample=sample) == []


def test_the_values_of_the_sample_count_too() -> None:
    body = "x" * 490 + "{{ customer_name }}"
    assert [f.code for f in lint("", body, channel="sms", sample=sample_variables("en"))] == ["text_too_long"]


def test_a_text_that_grows_too_long_with_real_values_is_not_sent() -> None:
    text = Text(key="k", channel="sms", locale="en", tone=None, subject="", body="{{ customer_name }}")
    with pytest.raises(TextTooLong):
        rendered(text, TWO | {"customer_name": "x" * 600})


@pytest.mark.parametrize("channel", ["email", "letter"])
def test_mails_and_letters_need_a_subject(channel: str) -> None:
    assert [f.code for f in lint("", "x", channel=channel)] == ["template_empty"]
    assert lint("", "x", channel="carrier_pigeon") == lint("s", "x", channel="carrier_pigeon") == []
