"""What a client may say of webhook endpoints."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from domain.events.webhook_model import EndpointState

Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Description = Annotated[str, msgspec.Meta(max_length=500)]
EventTypes = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]], msgspec.Meta(max_length=100)]


class WebhookEndpointFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An endpoint to be registered; without event types it gets every event."""

    url: Url
    description: Description = ""
    event_types: EventTypes = []
    include_pii: bool = False


class WebhookEndpointPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    url: Url | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    include_pii: bool | UnsetType = UNSET
    state: EndpointState | UnsetType = UNSET
