"""Channel accounts: through whom a tenant sends on a channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.customers.model import Channel

AccountState = Literal["active", "disabled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccount:
    """A tenant's account at a message provider; of each channel at most one is active.

    `settings` are the provider's own and no secret; what authenticates there is sealed and never shown. `messages_per_minute` is
    the most that is handed over in a minute, counted over all workers; None leaves it to the provider's default.
    """

    id: str
    channel: Channel
    provider: str
    name: str
    state: AccountState
    settings: dict[str, Any]
    messages_per_minute: int | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChannelAccount(ChannelAccount):
    """A new account, or one with a new callback address: shown only here. The provider is told to post its receipts there."""

    callback_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """An account with what is secret of it, for those who send through it or read its callbacks; never leaves the server."""

    account: ChannelAccount
    credentials: dict[str, Any] = field(repr=False)
    callback_url: str = field(repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        """The account's settings."""
        return self.account.settings


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as a claim names it: enough to find the channel that is open already."""

    id: str
    version: int
    provider: str
    messages_per_minute: int | None = None
