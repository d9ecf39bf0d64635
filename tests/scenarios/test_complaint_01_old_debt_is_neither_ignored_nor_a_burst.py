"""Complaint 1: debts that are there already are ignored, or all of them are chased on one day; told with a moving test clock."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.dunning.engine import run_due_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.storage.transaction import reading, transaction
from tests.factories_dunning import a_debtor, a_plan, a_receivable, at, drain, email_step
from tests.scenarios.life import Life

LADDER = [email_step("first", 3), email_step("second", 15, "firm_notice"), email_step("third", 30, "final_notice")]
HUNDRED_DAYS_AGO = date(2025, 9, 27)
IMPORTED = 10_000
_OLD_DEBTS = """
  insert into receivables (tenant_id, id, external_id, customer_id, number, currency, amount, open_amount, issued_on, due_on,
    status, overdue_at, test_clock, metadata, version, created_at, updated_at)
  select $1, 'rcv_' || lpad(n::text, 26, '0'), n::text, ($2::text[])[1 + n % cardinality($2::text[])], 'INV-' || n, 'CNY',
    1299, 1299, $3::date - 30 - n % 50, $3::date - n % 50, 'open', null, true, '{}', 1, now(), now()
  from generate_series(1, $4::int) n
"""


async def told(ctx: Context, old_debt: dict[str, Any], until: date, due_on: date = HUNDRED_DAYS_AGO) -> list[str]:
    """What became of a debt that came when it was old."""
    await a_plan(ctx, steps=LADDER, options={"old_debt": old_debt})
    life = Life(ctx)
    debt = await a_receivable(life.ctx, await a_debtor(life.ctx), due_on=due_on)
    await life.work()
    await life.until(until)
    return await life.told(debt)


@pytest.mark.parametrize(
    ("enter_at", "until", "expected"),
    [
        ("first", date(2026, 1, 16), ["first done"]),
        ("first", date(2026, 2, 2), ["first done", "second done", "third done"]),
        ("by_age", date(2026, 1, 5), ["first skipped superseded", "second skipped superseded", "third done"]),
        ("last", date(2026, 1, 5), ["first skipped old_debt", "second skipped old_debt", "third done"]),
        ("skip", date(2026, 3, 5), ["first skipped old_debt", "second skipped old_debt", "third skipped old_debt"]),
    ],
)
async def test_complaint_01_a_debt_of_a_hundred_days_enters_where_the_plan_says(
    ctx: Context, enter_at: str, until: date, expected: list[str]
) -> None:
    assert await told(ctx, {"enter_at": enter_at}, until) == expected


async def test_complaint_01_what_is_younger_than_the_ladder_goes_on_after_what_was_skipped(ctx: Context) -> None:
    found = await told(ctx, {"enter_at": "skip"}, date(2026, 2, 1), date(2025, 12, 18))
    assert found == ["first skipped old_debt", "second skipped old_debt", "third done"]


async def test_complaint_01_the_rest_of_a_day_waits_for_the_next_ones_and_new_debts_do_not(ctx: Context) -> None:
    await a_plan(ctx, steps=LADDER, options={"old_debt": {"enter_at": "last", "per_day": 2}})
    life = Life(ctx)
    customer = await a_debtor(life.ctx)
    old = [await a_receivable(life.ctx, customer, number=f"OLD-{n}", due_on=HUNDRED_DAYS_AGO) for n in range(5)]
    new = await a_receivable(life.ctx, customer, number="NEW", due_on=date(2026, 1, 2))
    await life.work()
    assert [(await life.case(debt)).enters_on for debt in old] == [date(2026, 1, day) for day in (5, 5, 6, 6, 7)]
    assert (await life.case(new)).enters_on is None
    assert _old_ones(life) == 2
    # What comes a day later finds the next free place.
    await life.until(date(2026, 1, 6))
    late = await a_receivable(life.ctx, customer, number="LATE", due_on=HUNDRED_DAYS_AGO)
    await life.work()
    assert (await life.case(late)).enters_on == date(2026, 1, 7)
    assert _old_ones(life) == 4
    await life.until(date(2026, 1, 7))
    assert _old_ones(life) == 6


async def test_complaint_01_ten_thousand_old_debts_come_a_bounded_number_a_day_and_all_of_them_come(
    ctx: Context, database_url: str
) -> None:
    customers = [(await a_debtor(ctx)).id for _ in range(20)]
    async with transaction(ctx) as tx:
        await tx.execute(_OLD_DEBTS, ctx.tenant_id, customers, HUNDRED_DAYS_AGO, IMPORTED)
    await a_plan(ctx, steps=LADDER, options={"old_debt": {"enter_at": "last"}})
    began = time.perf_counter()
    await drain(react, ctx)
    assert time.perf_counter() - began < 30
    await _analyzed(database_url)
    for day in range(20):
        ctx = await at(ctx, datetime.combine(date(2026, 1, 5) + timedelta(days=day), ctx.now().timetz()))
        await drain(run_due_cases, ctx)
    async with reading(ctx) as tx:
        days = await tx.fetch(
            "select (created_at at time zone 'Asia/Shanghai')::date as day, count(*) as notices from notices"
            " where tenant_id = $1 group by 1 order by 1",
            ctx.tenant_id,
        )
    assert [row["notices"] for row in days] == [500] * 20
    assert time.perf_counter() - began < 120


async def _analyzed(database_url: str) -> None:
    """What autovacuum does within a minute of so many rows."""
    owner = await asyncpg.connect(database_url)
    await owner.execute("analyze cases, occurrences, notices")
    await owner.close()


def _old_ones(life: Life) -> int:
    return sum("NEW" not in mail.subject for mail in life.mailbox.mails)
