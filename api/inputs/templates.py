"""What a client may say of templates."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.customers import Locale
from domain.customers.model import Channel

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Subject = Annotated[str, msgspec.Meta(max_length=500)]
Body = Annotated[str, msgspec.Meta(max_length=65_536)]


class NewTemplate(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A text in Liquid that replaces the built-in one of the same key, channel and locale, or adds a key."""

    key: Key
    channel: Channel = "email"
    locale: Locale
    subject: Subject
    body: Body


class TemplatePatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    subject: Subject | UnsetType = UNSET
    body: Body | UnsetType = UNSET
