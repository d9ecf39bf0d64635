"""Messages that an employee has to confirm: their provider is asked until they have gone out, or never will.

The provider's word is a receipt like any other, so what it makes of the notice is decided where receipts are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Protocol

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging import confirmation_store as store
from domain.messaging.confirmation_store import tenants_with_confirmations
from domain.messaging.receipt_model import Receipt
from domain.messaging.ways import Attempt
from domain.storage.transaction import transaction

__all__ = ["await_confirmations", "poll_confirmations", "tenants_with_confirmations"]

# What one call asks about: two questions for each, one after the other, within the time that a pass may take.
LIMIT = 20

Poll = Callable[[Context, str | None, Sequence[str]], Awaitable[list[Receipt]]]
"""Asks the provider of an account about messages; no receipt of one says that it still waits."""


class Record(Protocol):
    """Records receipts in the open transaction."""

    async def __call__(self, ctx: Context, receipts: Sequence[Receipt], *, account_id: str | None) -> int:
        """How many were new."""
        ...


async def await_confirmations(ctx: Context, attempts: Sequence[Attempt]) -> None:
    """Remembers, in the open transaction, which of these messages have to be asked about."""
    waiting = [
        (notice.id, outcome.provider_message_id)
        for notice, outcome in attempts
        if outcome.awaits_confirmation and outcome.provider_message_id
    ]
    if waiting:
        await store.add(ctx, waiting, SystemClock().now())


async def poll_confirmations(ctx: Context, *, poll: Poll, record: Record, limit: int = LIMIT) -> int:
    """Asks about up to `limit` messages; answers how many it asked about. A death in between costs one round."""
    async with transaction(ctx):
        due = await store.claim(ctx, SystemClock().now(), limit)
    for account_id, group in groupby(sorted(due, key=_account), _account):
        receipts = await poll(ctx, account_id or None, [awaited.provider_message_id for awaited in group])
        told = [receipt.provider_message_id for receipt in receipts if receipt.provider_message_id]
        if told:
            async with transaction(ctx):
                await record(ctx, receipts, account_id=account_id or None)
                await store.finish(ctx, account_id or None, told)
    return len(due)


def _account(awaited: store.Awaited) -> str:
    return awaited.account_id or ""
