"""Messages that an employee has to confirm: their provider is asked until they have gone out, or never will.

The provider's word is a receipt like any other, so what it makes of the notice is decided where receipts are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging import confirmation_store as store
from domain.messaging.account_model import AccountRef
from domain.messaging.confirmation_store import tenants_with_confirmations
from domain.messaging.receipt_model import Receipt
from domain.messaging.receipts import record_receipts
from domain.messaging.ways import Attempt
from domain.storage.transaction import transaction

__all__ = ["await_confirmations", "poll_confirmations", "tenants_with_confirmations"]

# What one call asks about: two questions for each, one after the other, within the time that a pass may take.
LIMIT = 20

Poll = Callable[[Context, AccountRef, Sequence[str], frozenset[str]], Awaitable[list[Receipt]]]
"""Asks the provider of an account about messages, and takes back those of the last argument; no receipt: it still waits."""


async def await_confirmations(ctx: Context, attempts: Sequence[Attempt]) -> None:
    """Remembers, in the open transaction, which of these messages have to be asked about."""
    waiting = [
        (notice.id, outcome.provider_message_id)
        for notice, outcome in attempts
        if outcome.awaits_confirmation and outcome.provider_message_id and notice.channel_account_id
    ]
    if waiting:
        await store.add(ctx, waiting, SystemClock().now())


async def poll_confirmations(ctx: Context, *, poll: Poll, limit: int = LIMIT) -> int:
    """Asks about up to `limit` messages; answers how many it asked about. A death in between costs one round.

    A message that asks for what is not owed any more is taken back, if it has not gone out.
    """
    async with transaction(ctx):
        due = await store.claim(ctx, SystemClock().now(), limit)
    for account, group in groupby(sorted(due, key=lambda one: one.account.id), lambda one: one.account):
        asked = list(group)
        unwanted = frozenset(one.provider_message_id for one in asked if not one.is_wanted)
        receipts = await poll(ctx, account, [one.provider_message_id for one in asked], unwanted)
        if receipts:
            async with transaction(ctx):
                await record_receipts(ctx, receipts, account_id=account.id)
                told = [receipt.provider_message_id for receipt in receipts if receipt.provider_message_id]
                await store.finish(ctx, account.id, told)
    return len(due)
