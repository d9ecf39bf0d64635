"""The channels: those that this server's settings set up, and those of tenants' own accounts, kept open and found by name.

A package that brings a provider along (entry point group `dunwell.channels`, see domain/messaging/providers.py) has an object with
`provider` and `open`; `open(account, http)` answers an `OpenChannel`, where `account` is an `OpenAccount` with checked settings and
credentials, and `http` the guarded client of this worker.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from domain.access.public_url import public_url
from domain.events.address_policy import private_addresses_allowed
from domain.kernel.context import Context
from domain.messaging.account_model import AccountRef, OpenAccount
from domain.messaging.channel_accounts import open_account
from domain.messaging.channel_model import Channel
from domain.messaging.providers import plugins
from workers.channels.aliyun import AliyunSms
from workers.channels.dialling import dial_public
from workers.channels.smtp import SmtpChannel
from workers.channels.staff_openers import STAFF_OPENERS
from workers.channels.tencent import TencentSms
from workers.channels.twilio import TwilioSms
from workers.http import GuardedHttp

MOST_OPEN = 1000


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

    @property
    def mail_bounces(self) -> str:
        """Where mails that cannot be delivered come back to; empty for the sender."""
        ...

    @property
    def mail_replies(self) -> str:
        """Where answers come to; empty for the sender."""
        ...

    @property
    def public_url(self) -> str:
        """Where recipients reach the server."""
        ...


class OpenChannel(Channel, Protocol):
    """A channel that holds connections."""

    async def close(self) -> None:
        """Gives them back."""
        ...


Opener = Callable[[OpenAccount, GuardedHttp], OpenChannel]


def channels_from(settings: ChannelSettings) -> dict[str, OpenChannel]:
    """The channels by name; connections are made when the first message is sent."""
    channel = SmtpChannel(
        settings.smtp_url,
        settings.mail_from,
        bounces=settings.mail_bounces,
        replies=settings.mail_replies,
        public_url=settings.public_url,
    )
    return {"email": channel}


async def close_channels(channels: Mapping[str, OpenChannel]) -> None:
    """Closes every channel, when a worker stops."""
    for channel in channels.values():
        await channel.close()


class AccountChannels:
    """The channels of tenants' accounts, opened when they are first needed and once more when their account has changed."""

    def __init__(
        self, http: GuardedHttp, openers: Mapping[str, Opener] | None = None, *, most_open: int = MOST_OPEN
    ) -> None:
        self._http = http
        self._openers = OPENERS if openers is None else openers
        self._most_open = most_open
        self._open: OrderedDict[str, tuple[int, OpenChannel]] = OrderedDict()

    async def channel(self, ctx: Context, account: AccountRef, /) -> OpenChannel:
        """The channel of this account; raises LookupError for a provider that is not installed here."""
        kept = self._open.get(account.id)
        if kept is not None and kept[0] >= account.version:
            self._open.move_to_end(account.id)
            return kept[1]
        found = await open_account(ctx, account.id)
        opened = self._opener(found.account.provider)(found, self._http)
        replaced = self._open.pop(account.id, None)
        self._open[account.id] = (found.account.version, opened)
        if replaced is not None:
            await replaced[1].close()
        while len(self._open) > self._most_open:
            _, (_, oldest) = self._open.popitem(last=False)
            await oldest.close()
        return opened

    async def close(self) -> None:
        """Closes them all, when a worker stops."""
        while self._open:
            _, (_, channel) = self._open.popitem()
            await channel.close()

    def _opener(self, provider: str) -> Opener:
        ours = self._openers.get(provider)
        if ours is not None:
            return ours
        plugin: Any = plugins().get(provider)
        if plugin is None:
            raise LookupError(f"the provider {provider!r} is not installed here")
        opener: Opener = plugin.open
        return opener


def open_smtp(account: OpenAccount, _: GuardedHttp) -> OpenChannel:
    """A tenant's own mail server."""
    settings, credentials = account.settings, account.credentials
    host = f"[{settings['host']}]" if ":" in settings["host"] else settings["host"]
    login = ""
    if credentials.get("username"):
        login = f"{quote(credentials['username'], safe='')}:{quote(credentials.get('password') or '', safe='')}@"
    scheme = "smtps" if settings["tls"] == "implicit" else "smtp"
    return SmtpChannel(
        f"{scheme}://{login}{host}:{settings['port']}",
        settings["from"],
        starttls=settings["tls"] == "starttls",
        dial=None if private_addresses_allowed() else dial_public,
        bounces=settings.get("bounces") or "",
        replies=settings.get("replies") or "",
        public_url=public_url(),
    )


OPENERS: dict[str, Opener] = {
    "smtp": open_smtp,
    "aliyun": AliyunSms,
    "tencent": TencentSms,
    "twilio": TwilioSms,
    **STAFF_OPENERS,
}
