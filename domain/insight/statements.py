"""Use cases of statements of account: what a customer owes as of any day, item by item, or what happened in a period.

They are told by the same definition as aging (positions.py). A statement of a period begins and ends with what aging says of its two
days; where something is dated before what it undoes or settles, a last movement `timing` says by how much it did not count yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.customers import store as customer_store
from domain.insight import statement_store, store
from domain.insight.model import Aging, AgingBucket
from domain.insight.rules.aging import ranges
from domain.insight.statement_model import (
    Statement,
    StatementAccount,
    StatementCredit,
    StatementItem,
    StatementMovement,
)
from domain.kernel.calendar import OUT_OF_CALENDAR, is_in_calendar
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money, quantum_of
from domain.kernel.usecase import use_case
from domain.ledger import write_off_store
from domain.storage.transaction import snapshot

MOST_LINES = 5_000
"""More lines than that are only given as CSV, which is streamed."""
_CURRENCIES = 200


@use_case("receivables:read")
async def get_statement(
    ctx: Context,
    customer_id: str,
    *,
    as_of: date | None = None,
    from_on: date | None = None,
    currency: str | None = None,
) -> Statement:
    """A customer's statement at the end of `as_of` (the tenant's today without one), of the period since `from_on` if that is given.

    Raises NotFound, InvalidInput (`date_out_of_range`, `period_backwards`, `unknown_currency`) and Conflict (`statement_too_long`).
    """
    async with snapshot(ctx):
        statement = await framed(ctx, customer_id, as_of=as_of, from_on=from_on, currency=currency)
        lines_left = MOST_LINES
        accounts: list[StatementAccount] = []
        for account in statement.accounts:
            filled = await _filled(ctx, statement, account, lines_left)
            lines_left -= len(filled.items) + len(filled.credits) + len(filled.movements)
            if lines_left < 0:
                raise Conflict(
                    "statement_too_long",
                    f"The statement has more than {MOST_LINES} lines. Ask for it as CSV (Accept: text/csv), which may be of any length,"
                    " or for a shorter period.",
                )
            if any((filled.items, filled.credits, filled.movements, filled.balance_amount, filled.opening_amount)):
                accounts.append(filled)
    return replace(statement, accounts=accounts)


async def framed(
    ctx: Context, customer_id: str, *, as_of: date | None, from_on: date | None, currency: str | None
) -> Statement:
    """A statement with its totals in all of the customer's currencies, and without its lines."""
    day = as_of or ctx.today()
    _check(day, from_on, currency)
    customer = await customer_store.get(ctx, customer_id)
    bounds = (await write_off_store.policy(ctx)).aging_bounds
    closing = await _aged(ctx, customer_id, day, bounds)
    opening = await _aged(ctx, customer_id, from_on - timedelta(days=1), bounds) if from_on else None
    units = [currency] if currency else await statement_store.currencies_of(ctx, customer_id)
    return Statement(
        tenant_name=await statement_store.name_of_tenant(ctx),
        customer_id=customer.id,
        customer_external_id=customer.external_id,
        customer_name=customer.name,
        locale=customer.locale or ctx.locale,
        from_on=from_on,
        as_of=day,
        accounts=[_account(unit, bounds, closing.get(unit), opening) for unit in units],
    )


async def items_of(
    ctx: Context, statement: Statement, currency: str, limit: int | None
) -> AsyncIterator[StatementItem | StatementCredit]:
    """The lines of a statement without a period: what is open, then what is unapplied; at most `limit` of each."""
    later = await store.is_anything_later(ctx, statement.as_of)
    named = (ctx, statement.customer_id, statement.as_of, currency)
    async for item in statement_store.items(*named, later=later, limit=limit):
        yield item
    async for credit in statement_store.credits_of(*named, later=later, limit=limit):
        yield credit


async def movements_of(
    ctx: Context, statement: Statement, account: StatementAccount, limit: int | None
) -> AsyncIterator[StatementMovement]:
    """The lines of a statement of a period, with the balance after each; with all of them it ends at the account's balance."""
    assert statement.from_on is not None
    assert account.opening_amount is not None
    unit, balance = account.currency, account.opening_amount.amount
    first, last = statement.from_on, statement.as_of
    rows = statement_store.movements(ctx, statement.customer_id, first, last, unit, limit=limit)
    async for kind, dated_on, source_id, number, amount in rows:
        balance += amount
        yield StatementMovement(
            kind=kind,
            dated_on=dated_on,
            source_id=source_id,
            number=number,
            amount=Money.total(amount, unit),
            balance_amount=Money.total(balance, unit),
        )
    if early := account.balance_amount.amount - balance:
        yield StatementMovement(
            kind="timing",
            dated_on=last,
            source_id=None,
            number=None,
            amount=Money.total(early, unit),
            balance_amount=account.balance_amount,
        )


async def _filled(ctx: Context, statement: Statement, account: StatementAccount, most: int) -> StatementAccount:
    """The account with its lines; with more than `most` of them it has at least one too many."""
    if account.opening_amount is not None:
        return replace(account, movements=[line async for line in movements_of(ctx, statement, account, most + 1)])
    lines = [line async for line in items_of(ctx, statement, account.currency, most + 1)]
    return replace(
        account,
        items=[line for line in lines if isinstance(line, StatementItem)],
        credits=[line for line in lines if isinstance(line, StatementCredit)],
    )


def _account(
    currency: str, bounds: list[int], closing: Aging | None, opening: dict[str, Aging] | None
) -> StatementAccount:
    zero = Money.zero(currency)
    nothing = [
        AgingBucket(days_from=first, days_to=last, amount=zero, receivable_count=0) for first, last in ranges(bounds)
    ]
    return StatementAccount(
        currency=currency,
        open_amount=closing.open_amount if closing else zero,
        unapplied_amount=closing.unapplied_amount if closing else zero,
        balance_amount=Money.total(_net(closing), currency),
        current_amount=closing.current_amount if closing else zero,
        buckets=closing.buckets if closing else nothing,
        items=[],
        credits=[],
        opening_amount=None if opening is None else Money.total(_net(opening.get(currency)), currency),
        movements=[],
    )


async def _aged(ctx: Context, customer_id: str, day: date, bounds: list[int]) -> dict[str, Aging]:
    rows = await store.aging(ctx, "customer", store.AgingKey(day), _CURRENCIES, bounds, customer_id)
    return {row.currency: row for row in rows}


def _net(aging: Aging | None) -> Decimal:
    return aging.open_amount.amount - aging.unapplied_amount.amount if aging else Decimal(0)


def _check(day: date, from_on: date | None, currency: str | None) -> None:
    for name, given in (("as_of", day), ("from", from_on)):
        if given is not None and not is_in_calendar(given):
            raise InvalidInput.at(name, "date_out_of_range", OUT_OF_CALENDAR)
    if from_on is not None and from_on > day:
        raise InvalidInput.at("from", "period_backwards", "The period begins after it ends.")
    if currency is not None:
        quantum_of(currency)
