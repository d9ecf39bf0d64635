"""Announces planned collection dates that passed uncovered; run by workers, never by a caller."""

from __future__ import annotations

from datetime import datetime

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.ledger import schedule_store, store
from domain.ledger.detail_model import PlannedCollection
from domain.ledger.model import Receivable
from domain.ledger.rules.collection_schedule import schedule_of
from domain.ledger.rules.standing import turns_overdue_at
from domain.ledger.schedule_store import Due
from domain.storage.doors import tenants_through
from domain.storage.transaction import transaction


async def announce_missed_dates(ctx: Context, limit: int = 500) -> int:
    """Looks at up to `limit` planned days that have passed and announces those that are uncovered, each once; how many were looked at.

    The receivables are read, not locked: who replaces a schedule holds its receivable and waits for these rows.
    """
    async with transaction(ctx):
        due = await schedule_store.lock_due(ctx, limit)
        if not due:
            return 0
        receivables = await store.by_ids(ctx, sorted({day.receivable_id for day in due}))
        missed = await _missed(ctx, due, receivables)
        now = ctx.now()
        # A customer that moved west since then still has some hours: those wait for their own midnight.
        again = {day: turns_overdue_at(day.planned_on, day.time_zone) for day in due}
        settled = [(day, at if (at := again[day]) > now else None, now if day in missed else None) for day in due]
        await schedule_store.settle(ctx, settled)
        for day, row in missed.items():
            data = {"receivable": receivables[day.receivable_id], "planned_collection": row}
            emit(ctx, NewEvent("receivable.planned_date_missed", day.receivable_id, data))
    return len(due)


async def tenants_with_planned_dates(at: datetime, most: int = 100) -> list[str]:
    """Tenants of which a planned day has passed at `at` (on a test clock: by that clock)."""
    return await tenants_through("door_tenants_with_planned_dates", at, most)


async def _missed(ctx: Context, due: list[Due], receivables: dict[str, Receivable]) -> dict[Due, PlannedCollection]:
    """The days that passed uncovered while something is open, as they stand."""
    planned = await schedule_store.planned_of(ctx, {r.id: r.amount.currency for r in receivables.values()})
    missed: dict[Due, PlannedCollection] = {}
    for day in due:
        receivable = receivables[day.receivable_id]
        today = local_date(ctx.now(), day.time_zone)
        rows = {row.planned_on: row for row in schedule_of(receivable, planned[receivable.id], today).rows}
        if rows[day.planned_on].overdue:
            missed[day] = rows[day.planned_on]
    return missed
