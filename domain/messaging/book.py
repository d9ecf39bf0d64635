"""The texts that a batch of notices may need: a tenant's own first, then the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable

from domain.messaging.model import Rendered, Template
from domain.messaging.rules.liquid import RenderError, render_body, render_subject
from domain.messaging.shipped import SHIPPED

FALLBACK_LOCALE = "en"


class TemplateBook:
    """Looks up and renders templates without asking the database again."""

    __slots__ = ("_texts",)

    def __init__(self, own: Iterable[Template] = ()) -> None:
        self._texts: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
        for (key, channel, locale), text in SHIPPED.items():
            self._texts.setdefault((key, channel), {})[locale] = text
        for template in own:
            locales = self._texts.setdefault((template.key, template.channel), {})
            locales[template.locale] = (template.subject, template.body)

    def has(self, key: str, channel: str) -> bool:
        """Whether there is such a text in any language."""
        return (key, channel) in self._texts

    def channels_of(self, key: str) -> frozenset[str]:
        """The channels for which there is such a text in any language."""
        return frozenset(channel for known, channel in self._texts if known == key)

    def locale_of(self, key: str, channel: str, locale: str) -> str:
        """The language in which it will really be said: `locale`, else English, else the one there is.

        Format money and dates for this one. Raises KeyError if there is no such text.
        """
        locales = self._texts[key, channel]
        for wanted in (locale, FALLBACK_LOCALE):
            if wanted in locales:
                return wanted
        return min(locales)

    def render(self, key: str, channel: str, locale: str, variables: dict[str, str]) -> Rendered:
        """The text with its values; raises RenderError if there is none or if it breaks a limit with these values."""
        if not self.has(key, channel):
            raise RenderError(f"There is no template {key!r} for {channel}.")
        spoken = self.locale_of(key, channel, locale)
        subject, body = self._texts[key, channel][spoken]
        return Rendered(render_subject(subject, variables), render_body(body, variables), spoken)
