"""Sends what is queued, each notice at most once, and never one that is no longer owed.

Two transactions. The first claims notices and commits, so that a death afterwards leaves a trace: a notice found as
`sending` after its lease was perhaps sent, is told as `unknown` and never sent again. The second locks notices,
receivables and contacts, looks again, calls the channel while the locks last and stores the outcomes with its commit.
The tenant's own row is locked first: nothing is sent once a suspension has committed, and one that comes now waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from domain.events.log import emit
from domain.kernel.context import Context
from domain.messaging import outbox, store
from domain.messaging.channel_model import Channel, Outcome
from domain.messaging.confirmations import await_confirmations
from domain.messaging.gatekeeping import sort_out
from domain.messaging.letter_store import contents_of
from domain.messaging.lock_facts import lock_claimed
from domain.messaging.model import Notice
from domain.messaging.notices import notice_event
from domain.messaging.outbox import tenants_with_due_notices, tenants_with_expired_sends
from domain.messaging.pacing import within_pace
from domain.messaging.receipt_model import Receipt
from domain.messaging.receipts import record_receipts
from domain.messaging.rules.sending import after_attempt, delivery_of
from domain.messaging.ways import Accounts, Attempt, hand_over, ways_for
from domain.storage.tenancy import hold_active
from domain.storage.transaction import transaction

__all__ = ["send_due_notices", "settle_expired_sends", "tenants_with_due_notices", "tenants_with_expired_sends"]

logger = structlog.get_logger("dunwell.messaging")

_LEASE_EXPIRED = Outcome("unknown", "sender_died", "The sender ended before it recorded an outcome.")


async def send_due_notices(
    ctx: Context, channels: Mapping[str, Channel], limit: int = 16, *, accounts: Accounts | None = None
) -> int:
    """Claims up to `limit` due notices and sends those still wanted; answers how many it claimed.

    Each leaves through the tenant's active account of its channel, or through the server's own in `channels`.
    """
    async with transaction(ctx):
        claimed, lease = await outbox.claim(ctx, limit)
        due = await within_pace(ctx, claimed, lease)
    if not due:
        return len(claimed)
    ids, handing_over = [one.id for one in due], False
    try:
        ways = await ways_for(ctx, due, channels, accounts)
        async with transaction(ctx):
            if not await hold_active(ctx):
                await outbox.give_back(ctx, ids, lease)
                return 0
            found = await sort_out(ctx, await lock_claimed(ctx, ids, lease))
            files = await _letters_of(ctx, found.wanted)
            handing_over = bool(found.wanted)
            attempts = await hand_over(ctx, ways, found.wanted, files)
            await _settle(ctx, found.kept_back, attempts)
    except BaseException:
        if not handing_over:
            async with transaction(ctx):
                await outbox.give_back(ctx, ids, lease)
        raise
    await _remember_opt_outs(ctx, attempts)
    return len(claimed)


async def send_in_lanes(
    ctx: Context, channels: Mapping[str, Channel], *, accounts: Accounts | None = None, lanes: int = 3
) -> int:
    """As `send_due_notices`, several batches side by side: while one is on its way the next is claimed and looked at."""
    sent = (send_due_notices(ctx, channels, accounts=accounts) for _ in range(lanes))
    results = await asyncio.gather(*sent, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return sum(result for result in results if isinstance(result, int))


async def settle_expired_sends(ctx: Context, limit: int = 100) -> int:
    """Tells notices whose sender died as unknown; answers how many. They are never sent again."""
    async with transaction(ctx):
        lost = await outbox.lock_expired(ctx, limit)
        await _settle(ctx, [], [(notice, _LEASE_EXPIRED) for notice in lost])
    return len(lost)


async def _settle(ctx: Context, kept_back: list[Notice], attempts: list[Attempt]) -> None:
    now = ctx.now()
    settled = [*kept_back, *(after_attempt(notice, outcome, now) for notice, outcome in attempts)]
    await outbox.settle(ctx, settled)
    await store.add_deliveries(ctx, [delivery_of(notice, outcome, now) for notice, outcome in attempts])
    await await_confirmations(ctx, attempts)
    emit(ctx, *(notice_event(notice) for notice in settled if notice.state != "queued"))
    for notice in settled:
        if notice.state in ("failed", "unknown"):
            logger.warning("notice not sent", notice_id=notice.id, case_id=notice.case_id, reason=notice.reason)


async def _letters_of(ctx: Context, notices: list[Notice]) -> dict[str, bytes]:
    """The files that go with notices; asks only if one has a letter."""
    ids = [notice.id for notice in notices if notice.letter is not None]
    return await contents_of(ctx, ids) if ids else {}


async def _remember_opt_outs(ctx: Context, attempts: list[Attempt]) -> None:
    """After the commit, since contacts are only locked to be read while notices are sent."""
    now = ctx.now()
    told = [
        Receipt(
            kind="opted_out",
            occurred_at=now,
            code=outcome.code,
            detail="",
            notice_id=notice.id,
            provider_message_id=None,
            address=None,
        )
        for notice, outcome in attempts
        if outcome.opted_out
    ]
    if told:
        await record_receipts(ctx, told, account_id=None)
