"""What a client may say of channel accounts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Name
from domain.customers.model import Channel
from domain.messaging.account_model import AccountState

Provider = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Pace = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Recipient = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
TemplateKey = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class ChannelAccountFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An account at a message provider; what `settings` and `credentials` hold is the provider's. Credentials are never shown."""

    channel: Channel
    provider: Provider
    name: Name
    settings: dict[str, Any] = {}
    credentials: dict[str, Any] = {}
    messages_per_minute: Pace | None = None
    state: AccountState = "active"


class TestMessageFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a test message goes; without a recipient to the account's own address."""

    recipient: Recipient | None = None
    template_key: TemplateKey | None = None


class ChannelAccountPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is, settings and credentials are replaced whole."""

    name: Name | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET
    credentials: dict[str, Any] | UnsetType = UNSET
    messages_per_minute: Pace | UnsetType | None = UNSET
