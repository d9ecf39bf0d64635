"""Ways out of the house: which channel takes which notice, and what each made of those that it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

import structlog

from domain.kernel.context import Context
from domain.messaging.account_model import AccountRef
from domain.messaging.channel_model import Attachment, Channel, Outcome, OutgoingMessage
from domain.messaging.model import Letter, Notice
from domain.messaging.outbox import Claimed
from domain.messaging.unsubscribing import unsubscribe_token

logger = structlog.get_logger("dunwell.messaging")

Attempt = tuple[Notice, Outcome]


class Accounts(Protocol):
    """The channels of tenants' own accounts, kept open."""

    async def channel(self, ctx: Context, account: AccountRef, /) -> Channel:
        """The channel of this account in this version; raises whatever keeps it from being opened."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """What a notice leaves through; without a channel, `instead` is what became of the attempt."""

    key: str
    account_id: str | None
    channel: Channel | None
    instead: Outcome | None = None


async def ways_for(
    ctx: Context, claimed: Sequence[Claimed], channels: Mapping[str, Channel], accounts: Accounts | None
) -> dict[str, Way]:
    """The way of each notice by its id; nothing is locked while channels are opened."""
    by_account: dict[str, Way] = {}
    ways: dict[str, Way] = {}
    for one in claimed:
        if one.account is None:
            ways[one.id] = _server_way(one.channel, channels)
            continue
        if one.account.id not in by_account:
            by_account[one.account.id] = await _account_way(ctx, one.account, accounts)
        ways[one.id] = by_account[one.account.id]
    return ways


async def hand_over(
    ctx: Context, ways: Mapping[str, Way], notices: Sequence[Notice], letters: Mapping[str, bytes]
) -> list[Attempt]:
    """Gives each notice to its way, with the file of its letter if it has one, and names the account on it."""
    attempts: list[Attempt] = []
    for _, group in groupby(sorted(notices, key=lambda n: ways[n.id].key), lambda n: ways[n.id].key):
        batch = list(group)
        way = ways[batch[0].id]
        batch = [replace(notice, channel_account_id=way.account_id) for notice in batch]
        attempts.extend(zip(batch, await _through(ctx, way, batch, letters), strict=True))
    return attempts


def message_of(ctx: Context, notice: Notice, letter: bytes | None = None) -> OutgoingMessage:
    """The notice as a channel gets it; its letter goes with it as a file."""
    return OutgoingMessage(
        notice_id=notice.id,
        message_id=notice.message_id,
        recipient=notice.recipient,
        subject=notice.subject,
        body=notice.body,
        locale=notice.locale,
        headers={"X-Dunwell-Notice": notice.id},
        template_key=notice.template_key,
        variables=notice.variables,
        # Nobody opts out of a formal letter by a click (RFC 8058 is for mail that is not owed).
        unsubscribe_token=unsubscribe_token(ctx, notice.id) if notice.channel == "email" and not notice.letter else "",
        attachments=() if letter is None or notice.letter is None else (_attached(notice.letter, letter),),
    )


def _attached(letter: Letter, content: bytes) -> Attachment:
    return Attachment(f"{letter.number}.pdf", "application/pdf", content)


async def send_through(channel: Channel, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
    """Whatever goes wrong in a channel after it was called, its messages may have left."""
    try:
        outcomes = await channel.send(messages)
    except Exception as failed:
        return [Outcome("unknown", "channel_failed", f"{type(failed).__name__}: {failed}")] * len(messages)
    if len(outcomes) != len(messages):
        told = f"{len(outcomes)} outcomes for {len(messages)} messages"
        return [Outcome("unknown", "channel_failed", told)] * len(messages)
    return outcomes


async def _through(ctx: Context, way: Way, batch: list[Notice], letters: Mapping[str, bytes]) -> list[Outcome]:
    if way.channel is None:
        assert way.instead is not None
        return [way.instead] * len(batch)
    return await send_through(way.channel, [message_of(ctx, notice, letters.get(notice.id)) for notice in batch])


def _server_way(name: str, channels: Mapping[str, Channel]) -> Way:
    channel = channels.get(name)
    if channel is not None:
        return Way(name, None, channel)
    told = f"The tenant has no active account of the channel {name}."
    return Way(name, None, None, Outcome("rejected", "channel_not_configured", told))


async def _account_way(ctx: Context, account: AccountRef, accounts: Accounts | None) -> Way:
    """An account that cannot be opened here and now has sent nothing: somebody will put that right."""
    try:
        if accounts is None:
            raise LookupError("this process opens no accounts")
        return Way(account.id, account.id, await accounts.channel(ctx, account))
    except Exception as failed:
        logger.error("channel account not opened", account_id=account.id, exc_info=failed)
        told = f"The account could not be opened: {type(failed).__name__}."
        return Way(account.id, account.id, None, Outcome("retryable", "channel_unavailable", told))
