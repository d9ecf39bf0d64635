"""Sends what is queued, each notice at most once, and never one that is no longer owed.

Two transactions. The first claims notices and commits, so that a death afterwards leaves a trace: a notice found as
`sending` after its lease was perhaps sent, is told as `unknown` and never sent again. The second locks notices,
receivables and contacts, looks again, calls the channel while the locks last and stores the outcomes with its commit.
The tenant's own row is locked first: nothing is sent once a suspension has committed, and one that comes now waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import structlog

from domain.events.log import emit
from domain.kernel.context import Context
from domain.messaging import outbox, store
from domain.messaging.model import Channel, Notice, Outcome, OutgoingMessage
from domain.messaging.notices import notice_event
from domain.messaging.outbox import tenants_with_due_notices, tenants_with_expired_sends
from domain.messaging.rules.sending import after_attempt, cancelled, delivery_of, objection
from domain.storage.tenancy import hold_active
from domain.storage.transaction import transaction

__all__ = ["send_due_notices", "settle_expired_sends", "tenants_with_due_notices", "tenants_with_expired_sends"]

logger = structlog.get_logger("dunwell.messaging")

Attempt = tuple[Notice, Outcome]

_LEASE_EXPIRED = Outcome("unknown", "sender_died", "The sender ended before it recorded an outcome.")


async def send_due_notices(ctx: Context, channels: Mapping[str, Channel], limit: int = 16) -> int:
    """Claims up to `limit` due notices and sends those still wanted; answers how many it handled."""
    async with transaction(ctx):
        ids, lease = await outbox.claim(ctx, list(channels), limit)
    if not ids:
        return 0
    handing_over = False
    try:
        async with transaction(ctx):
            if not await hold_active(ctx):
                await outbox.give_back(ctx, ids, lease)
                return 0
            looked_at = [
                (notice, objection(notice, facts)) for notice, facts in await outbox.lock_claimed(ctx, ids, lease)
            ]
            unwanted = [cancelled(notice, reason) for notice, reason in looked_at if reason]
            wanted = [notice for notice, reason in looked_at if not reason]
            handing_over = bool(wanted)
            await _settle(ctx, unwanted, await _hand_over(channels, wanted))
    except BaseException:
        if not handing_over:
            async with transaction(ctx):
                await outbox.give_back(ctx, ids, lease)
        raise
    return len(ids)


async def settle_expired_sends(ctx: Context, limit: int = 100) -> int:
    """Tells notices whose sender died as unknown; answers how many. They are never sent again."""
    async with transaction(ctx):
        lost = await outbox.lock_expired(ctx, limit)
        await _settle(ctx, [], [(notice, _LEASE_EXPIRED) for notice in lost])
    return len(lost)


async def _settle(ctx: Context, unwanted: list[Notice], attempts: list[Attempt]) -> None:
    now = ctx.now()
    settled = [*unwanted, *(after_attempt(notice, outcome, now) for notice, outcome in attempts)]
    await outbox.settle(ctx, settled)
    await store.add_deliveries(ctx, [delivery_of(notice, outcome, now) for notice, outcome in attempts])
    emit(ctx, *(notice_event(notice) for notice in settled if notice.state != "queued"))
    for notice in settled:
        if notice.state in ("failed", "unknown"):
            logger.warning("notice not sent", notice_id=notice.id, case_id=notice.case_id, reason=notice.reason)


async def _hand_over(channels: Mapping[str, Channel], notices: list[Notice]) -> list[Attempt]:
    attempts: list[Attempt] = []
    for name, group in groupby(sorted(notices, key=lambda notice: notice.channel), lambda notice: notice.channel):
        batch = list(group)
        attempts.extend(zip(batch, await _send(channels[name], batch), strict=True))
    return attempts


async def _send(channel: Channel, batch: list[Notice]) -> list[Outcome]:
    """Whatever goes wrong in a channel after it was called, its messages may have left."""
    try:
        outcomes = await channel.send([_message(notice) for notice in batch])
    except Exception as failed:
        return [Outcome("unknown", "channel_failed", f"{type(failed).__name__}: {failed}")] * len(batch)
    if len(outcomes) != len(batch):
        return [Outcome("unknown", "channel_failed", f"{len(outcomes)} outcomes for {len(batch)} messages")] * len(
            batch
        )
    return outcomes


def _message(notice: Notice) -> OutgoingMessage:
    return OutgoingMessage(
        notice_id=notice.id,
        message_id=notice.message_id,
        recipient=notice.recipient,
        subject=notice.subject,
        body=notice.body,
        locale=notice.locale,
        headers={"X-Dunwell-Notice": notice.id},
    )
