"""PURE: what is known of a message provider without sending anything: its channels, its settings, how it calls back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from domain.messaging.receipt_model import Receipt


class NoFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A provider that needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A request of a provider: header names in lower case; `url` as the provider was told it, with the query that came."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What a request of a provider says, and the answer it expects."""

    receipts: tuple[Receipt, ...] = ()
    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"


class CallbackForged(Exception):
    """The request was not signed as this provider signs."""


class CallbackMalformed(Exception):
    """The request is not what this provider sends."""


class CallbackParser(Protocol):
    """Reads a request with the account's settings and credentials, as they were checked when they were stored."""

    def __call__(self, request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any], /) -> Callback:
        """Raises CallbackForged and CallbackMalformed."""
        ...


FurtherCheck = Callable[[Any, Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider. Its settings and credentials are structs that refuse unknown fields, so that a wrong place has its pointer.

    `sends` is False where nobody here sends: its notices wait until the integrator takes them.
    """

    name: str
    channels: frozenset[str]
    settings: type[msgspec.Struct] = NoFields
    credentials: type[msgspec.Struct] = NoFields
    messages_per_minute: int | None = None
    parse_callback: CallbackParser | None = None
    sends: bool = True
    hosts: tuple[str, ...] = field(default=())
    """Names of settings that are URLs or hosts, which must be public unless a development setting allows others."""

    def serves(self, channel: str) -> bool:
        """Whether it can be used for this channel; one without a list can for any."""
        return not self.channels or channel in self.channels
