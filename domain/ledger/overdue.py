"""Announces receivables that have turned overdue; run by workers, never by a caller."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.ledger import store
from domain.ledger.rules.standing import turns_overdue_at
from domain.storage.doors import tenants_through
from domain.storage.transaction import transaction


async def announce_overdue(ctx: Context, limit: int = 500) -> int:
    """Announces up to `limit` receivables whose overdue instant has come, each once; how many were looked at."""
    async with transaction(ctx):
        held = await store.lock_turning_overdue(ctx, limit)
        # A customer that moved west since then still has some hours: those wait for their own midnight.
        early = {h.receivable.id for h in held if not h.receivable.overdue}
        settled = [
            replace(
                h, overdue_at=turns_overdue_at(h.receivable.due_on, h.time_zone) if h.receivable.id in early else None
            )
            for h in held
        ]
        await store.save_standing(ctx, settled)
        due = [h.receivable for h in held if h.receivable.id not in early]
        emit(ctx, *(NewEvent("receivable.overdue", r.id, {"receivable": r}) for r in due))
    return len(held)


async def tenants_turning_overdue(at: datetime, most: int = 100) -> list[str]:
    """Tenants that have something to announce at `at` (on a test clock: by that clock)."""
    return await tenants_through("door_tenants_turning_overdue", at, most)
