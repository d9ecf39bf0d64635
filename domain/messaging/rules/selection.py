"""PURE: which of the texts of a key and channel is said, by locale and tone.

The language comes first, since a text that the reader cannot read is no use in the right tone:

1. the locale asked for; then the same language (`zh-TW` for `zh-CN`); then the tenant's own locale; then English; then whatever there is;
2. within that, the tone asked for; then a text for any tone; then whatever tone there is, the friendliest first;
3. at the same level, the tenant's own text before the shipped one.

What is still equal goes by locale, alphabetically, so that the answer never depends on the order of the texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from domain.messaging.model import Tone

FALLBACK_LOCALE = "en"
TONES: tuple[Tone, ...] = get_args(Tone)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text that can be chosen; without `template_id` it is a shipped one."""

    key: str
    channel: str
    locale: str
    tone: Tone | None
    subject: str
    body: str
    template_id: str | None = None
    version: int | None = None

    @property
    def source(self) -> str:
        """The template's id, or `shipped:<key>@<locale>`, with `:<tone>` where it is for one tone."""
        tone = f":{self.tone}" if self.tone else ""
        return self.template_id or f"shipped:{self.key}@{self.locale}{tone}"

    @cached_property
    def sha256(self) -> str:
        """Of subject and body as they were written."""
        return hashlib.sha256(f"{self.subject}\0{self.body}".encode("utf-8", "replace")).hexdigest()


def choose(texts: Iterable[Text], *, locale: str, tone: Tone | None, tenant_locale: str = FALLBACK_LOCALE) -> Text:
    """The text to say; raises ValueError if there is none."""

    def rank(text: Text) -> tuple[int, str, int, int, bool]:
        likeness = _locale_rank(text.locale, locale, tenant_locale)
        return likeness, text.locale, *_tone_rank(text.tone, tone), text.template_id is None

    return min(texts, key=rank)


def _locale_rank(has: str, wanted: str, tenant_locale: str) -> int:
    levels = (
        has == wanted,
        _language(has) == _language(wanted),
        has == tenant_locale,
        _language(has) == FALLBACK_LOCALE,
    )
    return next((level for level, fits in enumerate(levels) if fits), len(levels))


def _tone_rank(has: Tone | None, wanted: Tone | None) -> tuple[int, int]:
    if has == wanted:
        return 0, 0
    return (1, 0) if has is None else (2, TONES.index(has))


def _language(locale: str) -> str:
    return locale.partition("-")[0].lower()
