"""The texts that a batch of notices may need: a tenant's own and the shipped ones, chosen by locale and tone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.messaging.channel_model import Rendered
from domain.messaging.model import Template, Tone, Value
from domain.messaging.rules.channels import LETTER
from domain.messaging.rules.liquid import RenderError, TextTooLong, render_body, render_subject, too_long_for
from domain.messaging.rules.selection import FALLBACK_LOCALE, Text, choose
from domain.messaging.shipped import SHIPPED

LETTER_KEY = "formal_letter"
"""The letter that goes with a step whose key has no letter of its own."""


class TemplateBook:
    """Looks up and renders templates without asking the database again."""

    __slots__ = ("_chosen", "_tenant_locale", "_texts")

    def __init__(self, own: Iterable[Template] = (), tenant_locale: str = FALLBACK_LOCALE) -> None:
        self._tenant_locale = tenant_locale
        self._chosen: dict[tuple[str, str, str, Tone | None], Text] = {}
        self._texts: dict[tuple[str, str], list[Text]] = {}
        for text in (*_SHIPPED, *map(text_of, own)):
            self._texts.setdefault((text.key, text.channel), []).append(text)

    def has(self, key: str, channel: str) -> bool:
        """Whether there is such a text in any language and tone."""
        return (key, channel) in self._texts

    def locale_of(self, key: str, channel: str, locale: str, tone: Tone | None = None) -> str:
        """The language in which it will really be said; format money and dates for this one. Raises KeyError if there is no such text."""
        return self.text(key, channel, locale, tone).locale

    def channels_of(self, key: str) -> frozenset[str]:
        """The channels for which there is such a text in any language."""
        return frozenset(channel for known, channel in self._texts if known == key)

    def text(self, key: str, channel: str, locale: str, tone: Tone | None = None) -> Text:
        """The text that `rules.selection` chooses; raises KeyError if there is none."""
        wanted = (key, channel, locale, tone)
        found = self._chosen.get(wanted)
        if found is None:
            texts = self._texts[key, channel]
            found = choose(texts, locale=locale, tone=tone, tenant_locale=self._tenant_locale)
            self._chosen[wanted] = found
        return found

    def letter_key(self, key: str) -> str:
        """The key of the letter that goes with a text: its own, else the general one."""
        return key if self.has(key, LETTER) else LETTER_KEY

    def render(
        self, key: str, channel: str, locale: str, variables: Mapping[str, Value], tone: Tone | None = None
    ) -> Rendered:
        """The text with its values; raises RenderError if there is none or if it breaks a limit with these values."""
        if not self.has(key, channel):
            raise RenderError(f"There is no template {key!r} for {channel}.")
        return rendered(self.text(key, channel, locale, tone), variables)


def rendered(text: Text, variables: Mapping[str, Value]) -> Rendered:
    """A text with its values; raises RenderError, or TextTooLong for its channel."""
    made = written(text, variables)
    if too_long := too_long_for(text.channel, made.body):
        raise TextTooLong(too_long)
    return made


def written(text: Text, variables: Mapping[str, Value]) -> Rendered:
    """A text with its values, however long it is; raises RenderError."""
    subject = render_subject(text.subject, variables) if text.subject else ""
    body = render_body(text.body, variables)
    return Rendered(subject, body, text.locale, text.source, text.version, text.sha256)


def text_of(template: Template) -> Text:
    """A tenant's own template as a text to choose from."""
    return Text(
        key=template.key,
        channel=template.channel,
        locale=template.locale,
        tone=template.tone,
        subject=template.subject,
        body=template.body,
        template_id=template.id,
        version=template.version,
    )


_SHIPPED = tuple(
    Text(key=key, channel=channel, locale=locale, tone=tone, subject=subject, body=body)
    for (key, channel, locale, tone), (subject, body) in SHIPPED.items()
)
