"""Counts attempts to prove who one is, and makes those who keep failing wait longer and longer.

An attempt is counted before it is judged, so that many at once get no more tries than one after the other; success forgets it.
The count is kept in a transaction of its own: a refused request (whose transaction rolls back) has still been an attempt.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from domain.access.rules.lock_out import FORGOTTEN_AFTER, delay_after
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext
from domain.storage.sealing import sealer
from domain.storage.transaction import transaction

T = TypeVar("T")


async def count_attempt(ctx: AnyContext, *subject: str) -> int | None:
    """Counts one more attempt of `subject`; the seconds to wait if there were too many, and then it was none."""
    return await _apart(_count(ctx, _hash(ctx, subject), SystemClock().now()))


async def forget_attempts(ctx: AnyContext, *subject: str) -> None:
    """Begins anew, after a success."""
    await _apart(_forget(ctx, _hash(ctx, subject)))


async def _count(ctx: AnyContext, subject: bytes, now: datetime) -> int | None:
    async with transaction(ctx) as tx:
        await tx.execute(
            "insert into attempts (owner_id, subject_hash, count, last_at) values ($1, $2, 0, $3) on conflict do nothing",
            ctx.owner_id,
            subject,
            now,
        )
        row = await tx.fetchrow(
            "select count, last_at, locked_until from attempts where owner_id = $1 and subject_hash = $2 for update",
            ctx.owner_id,
            subject,
        )
        assert row is not None
        if row["locked_until"] is not None and row["locked_until"] > now:
            seconds: float = (row["locked_until"] - now).total_seconds()
            return math.ceil(seconds)
        count = 1 if row["last_at"] < now - FORGOTTEN_AFTER else row["count"] + 1
        delay = delay_after(count)
        await tx.execute(
            "update attempts set count = $3, last_at = $4, locked_until = $5 where owner_id = $1 and subject_hash = $2",
            ctx.owner_id,
            subject,
            count,
            now,
            now + delay if delay else None,
        )
        await tx.execute(
            "delete from attempts where owner_id = $1 and last_at < $2", ctx.owner_id, now - 2 * FORGOTTEN_AFTER
        )
    return None


async def _forget(ctx: AnyContext, subject: bytes) -> None:
    async with transaction(ctx) as tx:
        await tx.execute("delete from attempts where owner_id = $1 and subject_hash = $2", ctx.owner_id, subject)


async def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Runs outside the transaction that is open here."""
    return await asyncio.create_task(work, context=contextvars.Context())


def _hash(ctx: AnyContext, subject: tuple[str, ...]) -> bytes:
    return sealer().keyed_hash("|".join((ctx.owner_id, *subject)))
