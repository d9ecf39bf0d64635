"""Which text is said: by language first, then tone, then own before shipped; and always the same one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messaging.book import LETTER_KEY, TemplateBook
from domain.messaging.model import Template, Tone
from domain.messaging.rules.selection import TONES, Text, choose
from domain.messaging.shipped import SHIPPED
from tests.conftest import NOW

LOCALES = ("en", "zh-CN", "zh-TW", "de", "fr")


def a_text(locale: str, tone: Tone | None = None, *, own: bool = False) -> Text:
    template_id = f"tpl_{locale}_{tone}" if own else None
    return Text(key="k", channel="email", locale=locale, tone=tone, subject="s", body="b", template_id=template_id)


def a_template(key: str, locale: str, tone: Tone | None = None, channel: str = "email", body: str = "x") -> Template:
    return Template(
        id=f"tpl_{locale}_{tone}",
        key=key,
        channel=channel,
        locale=locale,
        tone=tone,
        subject="s" if channel == "email" else "",
        body=body,
        version=3,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    ("texts", "wanted", "expected"),
    [
        ([a_text("en"), a_text("zh-CN")], ("zh-CN", None, "en"), ("zh-CN", None, False)),
        ([a_text("en"), a_text("zh-CN")], ("zh-TW", None, "en"), ("zh-CN", None, False)),
        ([a_text("en"), a_text("zh-CN")], ("de", None, "zh-CN"), ("zh-CN", None, False)),
        ([a_text("fr"), a_text("en")], ("de", None, "zh-CN"), ("en", None, False)),
        ([a_text("fr"), a_text("de")], ("zh-CN", None, "zh-CN"), ("de", None, False)),
        ([a_text("en"), a_text("en", "firm")], ("en", "firm", "en"), ("en", "firm", False)),
        ([a_text("en"), a_text("en", "firm")], ("en", "final", "en"), ("en", None, False)),
        ([a_text("en", "final"), a_text("en", "neutral")], ("en", "firm", "en"), ("en", "neutral", False)),
        ([a_text("en", "firm"), a_text("zh-CN")], ("zh-CN", "firm", "en"), ("zh-CN", None, False)),
        ([a_text("en"), a_text("en", own=True)], ("en", None, "en"), ("en", None, True)),
        ([a_text("en", "firm"), a_text("en", own=True)], ("en", "firm", "en"), ("en", "firm", False)),
        ([a_text("zh-CN"), a_text("en", own=True)], ("zh-CN", None, "en"), ("zh-CN", None, False)),
    ],
)
def test_language_comes_before_tone_and_tone_before_whose_text_it_is(
    texts: list[Text], wanted: tuple[str, Tone | None, str], expected: tuple[str, Tone | None, bool]
) -> None:
    locale, tone, tenant_locale = wanted
    chosen = choose(texts, locale=locale, tone=tone, tenant_locale=tenant_locale)
    assert (chosen.locale, chosen.tone, chosen.template_id is not None) == expected


TEXTS = st.lists(
    st.builds(a_text, st.sampled_from(LOCALES), st.sampled_from([None, *TONES]), own=st.booleans()),
    min_size=1,
    max_size=30,
    unique_by=lambda text: (text.locale, text.tone, text.template_id),
)


@given(TEXTS, st.sampled_from(LOCALES), st.sampled_from([None, *TONES]), st.sampled_from(LOCALES), st.randoms())
def test_the_order_of_the_texts_never_matters(
    texts: list[Text], locale: str, tone: Tone | None, tenant_locale: str, luck: random.Random
) -> None:
    chosen = choose(texts, locale=locale, tone=tone, tenant_locale=tenant_locale)
    luck.shuffle(texts)
    assert choose(texts, locale=locale, tone=tone, tenant_locale=tenant_locale) == chosen
    # What was chosen is chosen again by its own locale: the engine formats money for it before it renders.
    assert choose(texts, locale=chosen.locale, tone=tone, tenant_locale=tenant_locale) == chosen
    exact = [text for text in texts if text.locale == locale]
    assert chosen.locale == locale or not exact
    assert chosen.tone == tone or not any(text.tone == tone for text in texts if text.locale == chosen.locale)


def test_a_notice_can_say_which_text_it_was_made_from() -> None:
    book = TemplateBook([a_template("overdue_notice", "en", "firm", body="pay")])
    own = book.render("overdue_notice", "email", "en", {}, "firm")
    assert (own.template_id, own.template_version, own.body) == ("tpl_en_firm", 3, "pay\n")
    shipped = book.text("friendly_reminder", "email", "zh-CN", "friendly")
    assert (shipped.source, shipped.version) == ("shipped:friendly_reminder@zh-CN:friendly", None)
    assert book.text("overdue_notice", "sms", "en").source == "shipped:overdue_notice@en"
    assert len(own.template_sha256 or "") == 64
    assert len({book.text(*key[:3], key[3]).sha256 for key in SHIPPED if key[1] == "email"}) == sum(
        key[1] == "email" for key in SHIPPED
    )


def test_the_tenants_own_locale_stands_before_english() -> None:
    own = [a_template("special", "en"), a_template("special", "zh-CN")]
    assert TemplateBook(own, "zh-CN").locale_of("special", "email", "de") == "zh-CN"
    assert TemplateBook(own).locale_of("special", "email", "de") == "en"


def test_a_step_without_a_letter_of_its_own_gets_the_general_one() -> None:
    book = TemplateBook()
    assert book.letter_key("firm_notice") == LETTER_KEY
    assert book.letter_key("payment_schedule_request") == "payment_schedule_request"
