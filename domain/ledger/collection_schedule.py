"""Use cases of planned collection dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import schedule_store, store
from domain.ledger.detail_model import CollectionSchedule, Planned
from domain.ledger.model import Held
from domain.ledger.rules.collection_schedule import check_schedule, schedule_of
from domain.ledger.rules.standing import check_not_cancelled, touched
from domain.storage.transaction import reading, transaction


@use_case("receivables:write")
async def put_collection_schedule(
    ctx: Context, receivable_id: str, rows: Sequence[Planned], *, expected_version: int | None = None
) -> CollectionSchedule:
    """Puts these planned days in the place of all that there were; none removes them, and the same ones again change nothing.

    Raises InvalidInput (`dates_not_ascending`, `schedule_exceeds_amount`). A day that was announced as missed is not announced again.
    """
    async with transaction(ctx):
        held = await store.lock(ctx, receivable_id)
        expect(held.receivable.version, expected_version)
        check_schedule(rows, held.receivable.amount)
        before = await _planned(ctx, held)
        if [replace(row, missed_at=None) for row in before] == [replace(row, missed_at=None) for row in rows]:
            return _schedule(ctx, held, before)
        check_not_cancelled(held.receivable)
        changed = touched(held, ctx.now())
        schedule = _schedule(
            ctx, changed, await schedule_store.replace_all(ctx, receivable_id, rows, changed.time_zone)
        )
        await store.save_standing(ctx, [changed])
        data = {"receivable": changed.receivable, "collection_schedule": schedule}
        emit(ctx, NewEvent("receivable.collection_schedule_changed", receivable_id, data))
    return schedule


@use_case("receivables:read")
async def get_collection_schedule(ctx: Context, receivable_id: str) -> CollectionSchedule:
    """The planned days of a receivable as they stand today, by the customer's calendar; raises NotFound."""
    async with reading(ctx):
        held = await store.find_held(ctx, receivable_id)
        if held is None:
            raise NotFound.of("receivable", receivable_id)
        return _schedule(ctx, held, await _planned(ctx, held))


async def _planned(ctx: Context, held: Held) -> list[Planned]:
    receivable = held.receivable
    return (await schedule_store.planned_of(ctx, {receivable.id: receivable.amount.currency}))[receivable.id]


def _schedule(ctx: Context, held: Held, rows: Sequence[Planned]) -> CollectionSchedule:
    return schedule_of(held.receivable, rows, local_date(ctx.now(), held.time_zone))
