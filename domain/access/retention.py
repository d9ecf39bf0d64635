"""How long stored answers to keyed requests are kept."""

from __future__ import annotations

from datetime import timedelta

from domain.kernel.clock import SystemClock
from domain.storage.transaction import unbound

ANSWERS_KEPT_FOR = timedelta(hours=48)


async def delete_old_idempotency_keys() -> int:
    """Removes the expired ones of all owners, through a door that can do nothing else; how many there were."""
    async with unbound() as tx:
        count: int = await tx.fetchval("select door_forget_answers($1)", SystemClock().now() - ANSWERS_KEPT_FOR)
        return count
