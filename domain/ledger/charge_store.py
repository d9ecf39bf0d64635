"""Charge rules and charges in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import msgspec

from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest, as_json
from domain.ledger.charge_model import Charge, ChargeRule
from domain.ledger.rules.charging import ChargeTerms
from domain.ledger.rules.late_interest import Balance
from domain.ledger.tables import ChargeRow, ChargeRuleRow
from domain.storage.transaction import sql

_RULE = ", ".join(field.name for field in fields(ChargeRule))
_CHARGE = "currency, " + ", ".join(field.name for field in fields(Charge))


async def add_rule(ctx: Context, rule: ChargeRule) -> None:
    """Stores a new rule."""
    await ChargeRuleRow.insert(ChargeRuleRow(tenant_id=ctx.tenant_id, **_rule_values(rule)))


async def save_rule(ctx: Context, rule: ChargeRule) -> None:
    """Replaces a locked rule's row."""
    await ChargeRuleRow.update(_rule_values(rule)).where(
        (ChargeRuleRow.tenant_id == ctx.tenant_id) & (ChargeRuleRow.id == rule.id)
    )


async def get_rule(ctx: Context, rule_id: str, *, lock: bool = False) -> ChargeRule:
    """One rule; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_RULE} from charge_rules where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        rule_id,
    )
    if row is None:
        raise NotFound.of("charge_rule", rule_id)
    return rule_of(row)


async def page_of_rules(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page of rules in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_RULE} from charge_rules where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def add(ctx: Context, charge: Charge) -> None:
    """Stores a new charge; raises asyncpg's UniqueViolationError if the rule has charged its fee before."""
    await ChargeRow.insert(ChargeRow(tenant_id=ctx.tenant_id, **_charge_values(charge)))


async def save(ctx: Context, charge: Charge) -> None:
    """Replaces a locked charge's row."""
    await ChargeRow.update(_charge_values(charge)).where(
        (ChargeRow.tenant_id == ctx.tenant_id) & (ChargeRow.id == charge.id)
    )


async def get(ctx: Context, charge_id: str, *, lock: bool = False) -> Charge:
    """One charge; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_CHARGE} from charges where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        charge_id,
    )
    if row is None:
        raise NotFound.of("charge", charge_id)
    return charge_of(row)


async def page(ctx: Context, receivable_id: str | None, request: PageRequest) -> list[Any]:
    """Rows of a page of charges in the order of creation, one more than asked for."""
    of_receivable = "" if receivable_id is None else " and receivable_id = $4"
    return await sql(ctx).fetch(
        f"select {_CHARGE} from charges where tenant_id = $1 and ($2::text is null or id > $2){of_receivable}"
        " order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
        *([] if receivable_id is None else [receivable_id]),
    )


async def charged(ctx: Context, receivable_id: str, rule_id: str) -> Decimal:
    """What a rule has charged a receivable so far, waived or not: what was waived is not charged again."""
    total: Decimal = await sql(ctx).fetchval(
        "select coalesce(sum(amount), 0) from charges where tenant_id = $1 and receivable_id = $2 and rule_id = $3",
        ctx.tenant_id,
        receivable_id,
        rule_id,
    )
    return total


async def balances(ctx: Context, receivable_id: str) -> list[Balance]:
    """The open principal at the end of each day on which it changed, by value date."""
    rows = await sql(ctx).fetch(
        "select effective_on, sum(amount) as change from entries where tenant_id = $1 and receivable_id = $2"
        " and component = 'principal' group by effective_on order by effective_on",
        ctx.tenant_id,
        receivable_id,
    )
    days: list[date] = [row["effective_on"] for row in rows]
    sums = accumulate(row["change"] for row in rows)
    return [Balance(day, amount) for day, amount in zip(days, sums, strict=True)]


def rule_of(row: Any) -> ChargeRule:
    """A rule from its row."""
    return ChargeRule(**{**dict(row), "terms": msgspec.json.decode(row["terms"], type=ChargeTerms)})


def charge_of(row: Any) -> Charge:
    """A charge from its row."""
    values = dict(row)
    currency = values.pop("currency")
    for name in ("amount", "waived_amount"):
        values[name] = Money(values[name], currency)
    return Charge(**values)


def _rule_values(rule: ChargeRule) -> dict[str, Any]:
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {**values, "terms": as_json(rule.terms)}


def _charge_values(charge: Charge) -> dict[str, Any]:
    values = {field.name: getattr(charge, field.name) for field in fields(charge)}
    amounts = {name: values[name].amount for name in ("amount", "waived_amount")}
    return {**values, **amounts, "currency": charge.amount.currency}
