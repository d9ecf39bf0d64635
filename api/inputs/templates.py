"""What a client may say of templates."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.customers import Locale
from api.inputs.fields import Id
from domain.messaging.model import Tone

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ChannelName = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
Subject = Annotated[str, msgspec.Meta(max_length=500)]
Body = Annotated[str, msgspec.Meta(max_length=65_536)]
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
Number = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class NewTemplate(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A text in Liquid that replaces the built-in one of the same key, channel, locale and tone, or adds a key."""

    key: Key
    channel: ChannelName = "email"
    locale: Locale
    tone: Tone | None = None
    subject: Subject = ""
    body: Body


class TemplatePatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    subject: Subject | UnsetType = UNSET
    body: Body | UnsetType = UNSET


class TemplateRestore(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which version a template shall say again."""

    number: Number


class PreviewWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which text (one of `template_id`, `key` and `body`) with which data; without a receivable or customer, samples."""

    template_id: Id | None = None
    key: Key | None = None
    channel: ChannelName = "email"
    locale: Locale | None = None
    tone: Tone | None = None
    subject: Subject = ""
    body: Body | None = None
    receivable_id: Id | None = None
    customer_id: Id | None = None
    new_due_days: Days | None = None


class LetterSettingsFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How letters are numbered."""

    number_format: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
