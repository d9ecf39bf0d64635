"""The confirmations' task: asks providers whether an employee has sent what was given to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

import structlog

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging.account_model import AccountRef
from domain.messaging.confirmations import Poll, poll_confirmations, tenants_with_confirmations
from domain.messaging.receipt_model import Receipt
from domain.messaging.ways import Accounts
from workers.tasks.passes import Pass, until_idle

logger = structlog.get_logger("dunwell.workers")


@runtime_checkable
class Pollable(Protocol):
    """A channel whose provider does not say by itself what became of messages."""

    async def poll(self, ids: Sequence[str], unwanted: frozenset[str] = frozenset()) -> list[Receipt]:
        """What has become of messages, by the provider's ids, after those `unwanted` were taken back where they still waited."""
        ...


async def ask_for_confirmations(worker: dict[str, Any]) -> int:
    """Asks about messages that wait for an employee, each ever more seldom."""
    handled: int = await worker["ask_for_confirmations"]()
    return handled


def asking_for_confirmations(accounts: Accounts) -> Pass:
    """The pass behind `ask_for_confirmations`."""

    async def run() -> int:
        return await until_idle(
            lambda: tenants_with_confirmations(SystemClock().now()), partial(poll_confirmations, poll=polling(accounts))
        )

    return Pass("ask_for_confirmations", run)


def polling(accounts: Accounts) -> Poll:
    """Asks through the channels of `accounts`; one that cannot be asked is asked again another time."""

    async def poll(ctx: Context, account: AccountRef, ids: Sequence[str], unwanted: frozenset[str]) -> list[Receipt]:
        try:
            channel = await accounts.channel(ctx, account)
            return await channel.poll(ids, unwanted) if isinstance(channel, Pollable) else []
        except Exception as failed:
            logger.error("confirmations not asked for", account_id=account.id, exc_info=failed)
            return []

    return poll
