"""The shipped reminder plans: well formed in every language, sound, and with e-mail at the end of every chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.dunning.rules.actions import TaskAction, is_writing
from domain.dunning.rules.lint import faults_of_channels, faults_of_ladder
from domain.dunning.rules.steps import templates_of
from domain.dunning.shipped.plan_presets import preset_of, presets
from domain.messaging.book import TemplateBook

LANGUAGES = ("en", "zh-CN")
DAYS = {
    "standard": [-7, 3, 15, 61, 61],
    "three_stages": [-5, 1, 3, 15, 16, 16, 23, 30, 37, 45, 46, 46, 61, 61, 121],
    "message_call_letter": [1, 5, 10, 11, 20, 30, 31, 91],
    "around_due_date": [-3, -1, 0, 3, 15, 30, 45],
    "watched_customers": [1, 16, 16, 60, 121],
}


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_shipped_ladders_stand_on_the_days_of_their_sources(locale: str) -> None:
    assert {one.key: [step.offset_days for step in one.steps] for one in presets(locale)} == DAYS


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("key", DAYS)
def test_a_shipped_plan_is_sound_and_its_templates_exist(key: str, locale: str) -> None:
    preset = preset_of(key, locale)
    assert preset is not None
    texts = TemplateBook()
    used = {key: texts.channels_of(key) for key in templates_of(preset.steps)}
    assert faults_of_ladder(preset.steps) == []
    assert list(faults_of_channels(preset.steps, used)) == []


@pytest.mark.parametrize("key", DAYS)
def test_every_notice_may_go_by_email_in_every_shipped_language(key: str) -> None:
    preset = preset_of(key, "en")
    assert preset is not None
    book = TemplateBook()
    for step in preset.steps:
        if is_writing(step.action):
            assert "email" in step.action.channels
            for channel in step.action.channels:
                assert {book.locale_of(step.action.template, channel, one) for one in LANGUAGES} == set(LANGUAGES)
    assert "email" in preset.channels


def test_the_tenants_language_chooses_names_and_titles_and_nothing_else() -> None:
    for english, chinese in zip(presets("en"), presets("zh-CN"), strict=True):
        assert english.name != chinese.name
        assert english.name.isascii()
        assert not chinese.name.isascii()
        for one, other in zip(english.steps, chinese.steps, strict=True):
            if isinstance(one.action, TaskAction) and isinstance(other.action, TaskAction):
                assert one.action.title.isascii()
                assert not other.action.title.isascii()
                assert one.action.role == other.action.role
            else:
                assert one == other
        assert replace(english, name="", description="", steps=[]) == replace(
            chinese, name="", description="", steps=[]
        )


def test_a_language_without_presets_of_its_own_has_the_nearest_one() -> None:
    assert presets("zh-TW") == presets("zh-CN")
    assert presets("zh") == presets("zh-CN")
    assert presets("en-GB") == presets("fr") == presets("en")
    assert preset_of("nothing", "en") is None


def test_court_agency_and_a_lawyers_letter_wait_for_somebody() -> None:
    gated = [step for one in presets("en") for step in one.steps if step.requires_approval]
    assert [step.key for step in gated] == ["court-without-contact", "court", "lawyers-letter", "agency"]
