"""Random histories with dates of all kinds: statements are what aging says, and consecutive periods are a chain without a gap."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.model import Customer
from domain.insight.aging import get_receivable_balance
from domain.insight.statement_model import Statement, StatementAccount
from domain.insight.statements import get_statement
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from tests.domain.test_aging_histories import FIRST, Step, _aged, _take, steps
from tests.factories import a_customer
from tests.factories_ledger import standing_at

_SETTINGS = settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HISTORY = st.lists(steps, min_size=3, max_size=22)


@_SETTINGS
@given(history=HISTORY)
async def test_statements_agree_with_aging_and_periods_are_a_chain(ctx: Context, history: list[Step]) -> None:
    customer = await _lived_through(ctx, history)
    closed = Decimal(0)
    for offset in range(-14, 90, 7):
        first, last = FIRST + timedelta(days=offset), FIRST + timedelta(days=offset + 6)
        opened = _only(await get_statement(ctx, customer.id, as_of=last))
        await _agrees_with_aging(ctx, customer, last, opened)
        period = _only(await get_statement(ctx, customer.id, from_on=first, as_of=last))
        closed = _is_chained(period, closed)
        assert closed == (opened.balance_amount.amount if opened else 0)
    moved = _only(await get_statement(ctx, customer.id, from_on=FIRST - timedelta(days=30), as_of=date(2027, 1, 1)))
    assert _is_chained(moved, Decimal(0)) == closed


@_SETTINGS
@given(history=HISTORY)
async def test_nothing_is_left_to_timing_where_everything_is_dated_when_it_happens(
    ctx: Context, history: list[Step]
) -> None:
    customer = await _lived_through(ctx, [replace(step, shift=0) for step in history if step.kind != "early"])
    for offset in range(0, 70, 5):
        period = _only(await get_statement(ctx, customer.id, from_on=FIRST, as_of=FIRST + timedelta(days=offset)))
        assert period is None or all(line.kind != "timing" for line in period.movements)


async def _lived_through(ctx: Context, history: list[Step]) -> Customer:
    customer = await a_customer(ctx)
    day = FIRST
    for step in history:
        day += timedelta(days=step.after)
        at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        with suppress(Conflict, InvalidInput):  # what the state of things does not allow changes nothing
            await _take(standing_at(ctx, at), customer, step, day + timedelta(days=step.shift))
    return customer


async def _agrees_with_aging(ctx: Context, customer: Customer, day: date, told: StatementAccount | None) -> None:
    rows = await _aged(ctx, day, customer)
    if told is None:
        assert rows == []
        return
    (row,) = rows
    assert sum(item.open_amount.amount for item in told.items) == told.open_amount.amount == row.open_amount.amount
    credit = sum(line.unapplied_amount.amount for line in told.credits)
    assert credit == told.unapplied_amount.amount == row.unapplied_amount.amount
    assert (told.current_amount, told.buckets) == (row.current_amount, row.buckets)
    for item in told.items:
        assert item.settled_amount + item.open_amount == item.amount
        balance = await get_receivable_balance(ctx, item.receivable_id, as_of=day)
        assert balance.open_amount == item.open_amount


def _is_chained(told: StatementAccount | None, before: Decimal) -> Decimal:
    if told is None:
        assert before == 0
        return before
    assert told.opening_amount is not None
    balance = told.opening_amount.amount
    assert balance == before
    for line in told.movements:
        balance += line.amount.amount
        assert line.amount
        assert line.balance_amount.amount == balance
    assert balance == told.balance_amount.amount == told.open_amount.amount - told.unapplied_amount.amount
    assert told.movements == sorted(told.movements, key=lambda line: (line.kind == "timing", line.dated_on))
    return balance


def _only(statement: Statement) -> StatementAccount | None:
    assert len(statement.accounts) <= 1
    return statement.accounts[0] if statement.accounts else None
