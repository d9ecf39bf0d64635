"""Planned collection dates: what is covered, and what passes uncovered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.access.clock import set_test_clock
from domain.access.model import NewClient, Tenant
from domain.access.tenant_changes import suspend_tenant
from domain.customers.customers import update_customer
from domain.dunning.horizon import next_instant
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.ledger.collection_schedule import get_collection_schedule, put_collection_schedule
from domain.ledger.detail_model import CollectionSchedule, Planned
from domain.ledger.planned_dates import announce_missed_dates, tenants_with_planned_dates
from domain.ledger.receivables import get_receivable
from domain.ledger.write_offs import cancel_receivable, write_off_receivable
from domain.storage.transaction import transaction
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_ledger import a_payment, a_receivable, cny, count, events_of, standing_at

FIRST, SECOND = date(2026, 1, 15), date(2026, 2, 15)
ROWS = [Planned(planned_on=FIRST, amount=cny(600), note="首付"), Planned(planned_on=SECOND, amount=cny(400))]
BEFORE = datetime(2026, 1, 15, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 1, 15, 16, tzinfo=UTC)  # 2026-01-16 00:00 in Shanghai
LATER = datetime(2026, 3, 1, tzinfo=UTC)
MISSED = "receivable.planned_date_missed"


def stand(schedule: CollectionSchedule) -> list[tuple[Money, bool]]:
    return [(row.covered_amount, row.overdue) for row in schedule.rows]


async def test_the_earliest_days_are_covered_first(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer)
    put = await put_collection_schedule(ctx, made.id, ROWS)
    assert (put.version, put.planned_amount, put.settled_amount) == (2, cny(1000), cny(0))
    await a_payment(ctx, customer, 700)
    read = await get_collection_schedule(ctx, made.id)
    assert (read.settled_amount, stand(read)) == (cny(700), [(cny(600), False), (cny(100), False)])
    assert [row.note for row in read.rows] == ["首付", None]
    assert stand(await get_collection_schedule(standing_at(ctx, LATER), made.id)) == [
        (cny(600), False),
        (cny(100), True),
    ]
    (event,) = await events_of(ctx, "receivable.collection_schedule_changed")
    assert [row["planned_on"] for row in event.data["collection_schedule"]["rows"]] == ["2026-01-15", "2026-02-15"]


async def test_a_day_is_overdue_when_it_has_passed_in_the_customers_calendar(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    await put_collection_schedule(ctx, made.id, ROWS)
    assert stand(await get_collection_schedule(standing_at(ctx, BEFORE), made.id))[0] == (cny(0), False)
    assert stand(await get_collection_schedule(standing_at(ctx, MIDNIGHT), made.id))[0] == (cny(0), True)


async def test_the_same_rows_change_nothing_and_none_remove_them(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    first = await put_collection_schedule(ctx, made.id, ROWS)
    assert await put_collection_schedule(ctx, made.id, ROWS) == first
    with pytest.raises(PreconditionFailed):
        await put_collection_schedule(ctx, made.id, [], expected_version=1)
    assert (await put_collection_schedule(ctx, made.id, [], expected_version=2)).rows == []
    assert (await get_receivable(ctx, made.id)).version == 3
    assert len(await events_of(ctx, "receivable.collection_schedule_changed")) == 2


@pytest.mark.parametrize(
    ("rows", "pointer", "code"),
    [
        ([ROWS[0], replace(ROWS[1], planned_on=FIRST)], "/rows/1/planned_on", "dates_not_ascending"),
        (ROWS[::-1], "/rows/1/planned_on", "dates_not_ascending"),
        ([ROWS[0], replace(ROWS[1], amount=cny("400.01"))], "/rows", "schedule_exceeds_amount"),
        ([replace(ROWS[0], amount=Money(cny(6).amount, "EUR"))], "/rows/0/amount/currency", "currency_mismatch"),
        ([replace(ROWS[0], amount=cny(0))], "/rows/0/amount/amount", "amount_not_positive"),
        ([replace(ROWS[0], amount=cny(-1))], "/rows/0/amount/amount", "amount_not_positive"),
        ([replace(ROWS[0], planned_on=date(1900, 1, 1))], "/rows/0/planned_on", "date_out_of_range"),
        ([replace(ROWS[0], note="a\x00")], "/rows/0/note", "control_character"),
        ([ROWS[0]] * 201, "/rows", "too_many_rows"),
    ],
)
async def test_what_cannot_be_planned_is_refused(ctx: Context, rows: list[Planned], pointer: str, code: str) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    with pytest.raises(InvalidInput) as refused:
        await put_collection_schedule(ctx, made.id, rows)
    assert (refused.value.errors[0].pointer, refused.value.errors[0].code) == (pointer, code)
    assert await count(ctx, "planned_collections") == 0


async def test_a_day_that_passes_uncovered_is_announced_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer)
    await put_collection_schedule(ctx, made.id, ROWS)
    assert await next_instant(ctx) == MIDNIGHT
    assert await announce_missed_dates(standing_at(ctx, BEFORE)) == 0
    assert await announce_missed_dates(standing_at(ctx, MIDNIGHT)) == 1
    assert await announce_missed_dates(standing_at(ctx, MIDNIGHT)) == 0
    (event,) = await events_of(ctx, MISSED)
    assert (event.object_id, event.data["planned_collection"]["planned_on"]) == (made.id, "2026-01-15")
    assert event.data["planned_collection"]["amount"] == {"amount": "600.00", "currency": "CNY"}
    at_midnight = standing_at(ctx, MIDNIGHT)
    kept = await put_collection_schedule(at_midnight, made.id, [replace(ROWS[0], amount=cny(500)), ROWS[1]])
    assert [row.missed_at for row in kept.rows] == [MIDNIGHT, None]
    assert await announce_missed_dates(at_midnight) == 0
    await a_payment(ctx, customer, 900)
    assert await announce_missed_dates(standing_at(ctx, LATER)) == 1
    assert len(await events_of(ctx, MISSED)) == 1


async def test_what_was_settled_or_given_up_is_not_missed(ctx: Context) -> None:
    customer = await a_customer(ctx)
    paid, lost, never = [await a_receivable(ctx, customer) for _ in range(3)]
    for receivable in (paid, lost, never):
        await put_collection_schedule(ctx, receivable.id, ROWS)
    await write_off_receivable(ctx, lost.id, reason="other")
    await cancel_receivable(ctx, never.id, reason="twice")
    await a_payment(ctx, customer, 1000)
    assert await announce_missed_dates(standing_at(ctx, LATER)) == 6
    assert await events_of(ctx, MISSED) == []
    with pytest.raises(Conflict) as refused:
        await put_collection_schedule(ctx, never.id, ROWS[:1])
    assert refused.value.code == "receivable_cancelled"


async def test_a_customer_that_moved_west_has_until_its_own_midnight(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await a_receivable(ctx, customer)
    await put_collection_schedule(ctx, made.id, ROWS)
    await update_customer(ctx, customer.id, {"time_zone": "America/New_York"})
    assert await announce_missed_dates(standing_at(ctx, MIDNIGHT)) == 1
    assert await events_of(ctx, MISSED) == []
    assert await announce_missed_dates(standing_at(ctx, datetime(2026, 1, 16, 5, tzinfo=UTC))) == 1
    assert len(await events_of(ctx, MISSED)) == 1


async def test_several_workers_announce_each_day_once(ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = [(await a_receivable(ctx, customer)).id for _ in range(10)]
    for receivable_id in made:
        await put_collection_schedule(ctx, receivable_id, ROWS)
    later = standing_at(ctx, LATER)
    await asyncio.gather(*(announce_missed_dates(later, limit=3) for _ in range(8)))
    while await announce_missed_dates(later, limit=3):
        pass
    events = await events_of(ctx, MISSED)
    told = sorted((e.object_id, e.data["planned_collection"]["planned_on"]) for e in events)
    assert told == sorted((one, day) for one in made for day in ("2026-01-15", "2026-02-15"))


async def test_tenants_are_found_by_their_own_clock_unless_suspended(
    platform: tuple[PlatformContext, NewClient], tenant: Tenant, ctx: Context
) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    await put_collection_schedule(ctx, made.id, ROWS)
    assert ctx.tenant_id not in await tenants_with_planned_dates(MIDNIGHT)
    async with transaction(ctx):
        await set_test_clock(ctx, MIDNIGHT)
    assert ctx.tenant_id in await tenants_with_planned_dates(BEFORE)
    await suspend_tenant(platform[0], tenant.id)
    assert ctx.tenant_id not in await tenants_with_planned_dates(MIDNIGHT)


async def test_schedules_of_others_are_not_found(ctx: Context) -> None:
    made = await a_receivable(ctx, await a_customer(ctx))
    await put_collection_schedule(ctx, made.id, ROWS)
    limited = limited_to(ctx, await a_collector(ctx))
    with pytest.raises(NotFound):
        await get_collection_schedule(limited, made.id)
    with pytest.raises(NotFound):
        await put_collection_schedule(limited, made.id, [])
    assert await count(limited, "planned_collections") == 0
