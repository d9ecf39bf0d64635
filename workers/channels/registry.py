"""The channels that this server's settings set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from domain.messaging.model import Channel
from workers.channels.smtp import SmtpChannel


class ChannelSettings(Protocol):
    """What the channels need of the settings."""

    @property
    def smtp_url(self) -> str:
        """The mail server."""
        ...

    @property
    def mail_from(self) -> str:
        """The sender of reminders."""
        ...


class OpenChannel(Channel, Protocol):
    """A channel that holds connections."""

    async def close(self) -> None:
        """Gives them back."""
        ...


def channels_from(settings: ChannelSettings) -> dict[str, OpenChannel]:
    """The channels by name; connections are made when the first message is sent."""
    return {"email": SmtpChannel(settings.smtp_url, settings.mail_from)}


async def close_channels(channels: Mapping[str, OpenChannel]) -> None:
    """Closes every channel, when a worker stops."""
    for channel in channels.values():
        await channel.close()
