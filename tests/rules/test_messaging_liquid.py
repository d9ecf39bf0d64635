"""Tenant-written texts: what is refused when saving, and that rendering stays bounded."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.messaging.book import TemplateBook
from domain.messaging.model import Template
from domain.messaging.rules.liquid import VARIABLES, RenderError, lint, render_body, render_subject
from domain.messaging.rules.variables import notice_variables
from domain.messaging.shipped import SHIPPED
from tests.conftest import NOW

OPEN = Money(Decimal("1299"), "CNY")
VALUES = notice_variables(
    "en",
    customer_name="Lanhai Trading",
    contact_name="Wang Fang",
    company_name="Acme",
    number="INV-7",
    amount=OPEN,
    open_amount=OPEN,
    disputed_amount=Money.zero(OPEN.currency),
    issued_on=date(2025, 12, 1),
    due_on=date(2025, 12, 31),
    today=date(2026, 1, 5),
)

REFUSED = {
    "{{ number": "template_syntax",
    "{% if %}x{% endif %}": "template_syntax",
    "{% %}": "template_syntax",
    "{{" * 32_000: "template_syntax",  # kept the library's lexer busy for 150 seconds
    "{% if " * 10_000: "template_syntax",
    "{{" + " " * 60_000 + "}}": "template_too_costly",
    "{{" * 32_000 + "}}": "template_too_costly",
    "{% raw %}" * 7_000: "template_tag_not_allowed",
    "{% doc %}" * 7_000: "template_tag_not_allowed",
    "{{ number }}" * 501: "template_too_costly",
    "{% bogus %}": "template_tag_not_allowed",
    "{{ " + "9" * 6000 + " }}": "template_too_costly",
    "{% if " + '"" and ' * 9000 + '"" %}x{% endif %}': "template_too_costly",
    "  ": "template_empty",
    "x" * 70_000: "template_too_long",
    "x" * 30_000: "template_too_costly",
    "{% if number %}" * 6 + "{% endif %}" * 6: "template_too_costly",
    "{% assign x = 'a' %}": "template_tag_not_allowed",
    "{% capture x %}a{% endcapture %}": "template_tag_not_allowed",
    "{% include 'x' %}": "template_tag_not_allowed",
    "{% render 'x' %}": "template_tag_not_allowed",
    "{% for i in (1..100000) %}x{% endfor %}": "template_tag_not_allowed",
    "{% tablerow i in (1..100000) %}x{% endtablerow %}": "template_tag_not_allowed",
    "{% liquid assign x = 'a' %}": "template_tag_not_allowed",
    "{{ number | append: number }}": "template_filter_not_allowed",
    "{{ number | replace: '', 'xxxxxxxxxx' }}": "template_filter_not_allowed",
    "{{ number | nonsense }}": "template_filter_not_allowed",
    "{{ password }}": "template_unknown_variable",
    "{{ number.__class__ }}": "template_unknown_variable",
    "{{ number['size'] }}": "template_unknown_variable",
    "{{ [number] }}": "template_unknown_variable",
    "{% if (1..1000000000) contains 'x' %}y{% endif %}": "template_range_not_allowed",
    "{% case number %}{% when (1..9) %}y{% endcase %}": "template_range_not_allowed",
    "{{ number | truncate: (1..9) }}": "template_range_not_allowed",
    "{% if days_overdue > 3 %}y{% endif %}": "template_does_not_render",
}


@pytest.mark.parametrize("source", REFUSED, ids=lambda source: source[:40])
def test_what_could_harm_or_never_render_is_refused_at_once_with_its_place(source: str) -> None:
    took: list[float] = []
    # The least of three: the garbage of other tests may be collected meanwhile.
    for _ in range(3):
        started = time.thread_time()
        faults = lint("Invoice {{ number }}", source)
        took.append(time.thread_time() - started)
        assert (faults[0].pointer, faults[0].code) == ("/body", REFUSED[source])
    assert min(took) < 0.5


def test_subject_and_body_are_judged_separately() -> None:
    assert [fault.pointer for fault in lint("{{ nope }}", "{{ nope }}")] == ["/subject", "/body"]
    assert [fault.code for fault in lint("x" * 501, "x")] == ["template_too_long"]


def test_every_documented_variable_and_filter_may_be_used() -> None:
    source = " ".join(f"{{{{ {name} | strip | upcase | default: 'none' | truncate: 9 }}}}" for name in VARIABLES)
    assert lint("{{ number | capitalize | downcase | size }}", source) == []


@given(st.text(alphabet="{}%|'\"().,:[]<>= \nifcaseunlorwhmtdg0123456789number", max_size=200))
def test_no_text_whatever_makes_the_lint_fail(source: str) -> None:
    if not lint("x", source):
        render_body(source, VALUES)


def test_a_subject_is_one_line_whatever_the_values_hold() -> None:
    values = VALUES | {"number": "INV-1\r\nBcc: all@example.com\x00\u2028X", "customer_name": "\x0b"}
    assert render_subject("Invoice\n{{ number }}{{ customer_name }}", values) == "Invoice INV-1 Bcc: all@example.com X"


def test_values_are_never_read_as_liquid() -> None:
    assert render_body("{{ number }}", VALUES | {"number": "{{ amount }}"}) == "{{ amount }}\n"


def test_a_text_that_outgrows_its_limit_with_real_values_fails_cleanly() -> None:
    with pytest.raises(RenderError):
        render_body("{{ number }}", VALUES | {"number": "x" * 30_000})


def test_a_missing_value_fails_instead_of_leaving_a_gap() -> None:
    with pytest.raises(RenderError):
        render_body("{{ number }}", {})


@pytest.mark.parametrize(("key", "locale"), [(key, locale) for key, channel, locale in SHIPPED if channel == "email"])
def test_shipped_texts_are_clean_and_name_number_amount_and_due_date(key: str, locale: str) -> None:
    assert lint(*SHIPPED[key, "email", locale]) == []
    text = TemplateBook().render(key, "email", locale, VALUES)
    for value in ("INV-7", "CN¥1,299.00", "Dec 31, 2025", "Wang Fang", "Acme"):
        assert value in text.body
    assert "INV-7" in text.subject
    assert text.locale == locale


def test_four_texts_are_shipped_in_two_languages() -> None:
    keys = {"friendly_reminder", "overdue_notice", "firm_notice", "final_notice"}
    to_customers = {shipped for shipped in SHIPPED if shipped[0] != "staff_alert"}
    assert to_customers == {(key, "email", locale) for key in keys for locale in ("en", "zh-CN")}


@pytest.mark.parametrize("channel", ["wecom_staff", "wecom_robot", "dingtalk", "feishu"])
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_staff_hear_who_owes_what_since_when(channel: str, locale: str) -> None:
    assert lint(*SHIPPED["staff_alert", channel, locale]) == []
    text = TemplateBook().render("staff_alert", channel, locale, VALUES | {"contact_name": ""})
    assert text.locale == locale
    assert VALUES["customer_name"] in text.subject
    for value in ("INV-7", "CN¥1,299.00", "Dec 31, 2025", VALUES["days_overdue"]):
        assert value in text.subject + text.body


def test_a_friendly_reminder_knows_whether_the_date_has_passed() -> None:
    book = TemplateBook()
    assert "已于Dec 31, 2025到期" in book.render("friendly_reminder", "email", "zh-CN", VALUES).body
    early = VALUES | {"days_overdue": "0"}
    assert "将于Dec 31, 2025到期" in book.render("friendly_reminder", "email", "zh-CN", early).body


def test_own_text_wins_and_a_missing_language_falls_back_to_english_then_to_any() -> None:
    book = TemplateBook([_template("overdue_notice", "en", "Mine"), _template("special", "zh-CN", "专用")])
    assert book.render("overdue_notice", "email", "en", VALUES).subject == "Mine"
    assert book.render("overdue_notice", "email", "fr", VALUES).subject == "Mine"
    assert book.render("special", "email", "en", VALUES).locale == "zh-CN"
    assert book.has("special", "email")
    assert not book.has("special", "sms")
    with pytest.raises(RenderError):
        book.render("unknown", "email", "en", VALUES)


def _template(key: str, locale: str, subject: str) -> Template:
    return Template(
        id="tpl_1",
        key=key,
        channel="email",
        locale=locale,
        subject=subject,
        body="x",
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
