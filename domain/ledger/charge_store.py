"""Charge rules and charges in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
from domain.storage.bulk import insert_rows
from domain.storage.transaction import sql

_RULE = ", ".join(field.name for field in fields(ChargeRule))
_CHARGE = "currency, " + ", ".join(field.name for field in fields(Charge))
_CHARGE_TYPES = {
    **dict.fromkeys(("tenant_id", "id", "receivable_id", "customer_id", "rule_id", "component", "currency"), "text"),
    **dict.fromkeys(("amount", "waived_amount"), "numeric"),
    **dict.fromkeys(("reason", "waiver_reason"), "text"),
    "effective_on": "date",
    "version": "integer",
    **dict.fromkeys(("created_at", "updated_at"), "timestamptz"),
}


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


async def get_rules(ctx: Context, rule_ids: Sequence[str]) -> dict[str, ChargeRule]:
    """Rules by id, those that exist."""
    rows = await sql(ctx).fetch(
        f"select {_RULE} from charge_rules where tenant_id = $1 and id = any($2)", ctx.tenant_id, list(rule_ids)
    )
    return {row["id"]: rule_of(row) for row in rows}


async def page_of_rules(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page of rules in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_RULE} from charge_rules where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def add(ctx: Context, charges: Sequence[Charge]) -> None:
    """Stores new charges in one statement."""
    rows = []
    for charge in charges:
        values = {**_charge_values(charge), "tenant_id": ctx.tenant_id}
        rows.append([values[name] for name in _CHARGE_TYPES])
    await insert_rows(sql(ctx), "charges", _CHARGE_TYPES, rows)


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


async def charged(
    ctx: Context, receivable_ids: Sequence[str], rule_ids: Sequence[str]
) -> dict[tuple[str, str], Decimal]:
    """What each rule has charged each receivable so far, waived or not: what was waived is not charged again."""
    rows = await sql(ctx).fetch(
        """
        select wanted.id as receivable_id, c.rule_id, c.amount from unnest($2::text[]) as wanted (id)
        cross join lateral (
          select rule_id, sum(amount) as amount from charges
          where tenant_id = $1 and receivable_id = wanted.id and rule_id = any($3) group by rule_id) c
        """,
        ctx.tenant_id,
        list(receivable_ids),
        list(rule_ids),
    )
    return {(row["receivable_id"], row["rule_id"]): row["amount"] for row in rows}


async def balances(ctx: Context, receivable_ids: Sequence[str]) -> dict[str, list[Balance]]:
    """The open principal of each receivable at the end of each day on which it changed, by value date."""
    rows = await sql(ctx).fetch(
        """
        select wanted.id as receivable_id, e.effective_on, e.change from unnest($2::text[]) as wanted (id)
        cross join lateral (
          select effective_on, sum(amount) as change from entries
          where tenant_id = $1 and receivable_id = wanted.id and component = 'principal' group by effective_on) e
        """,
        ctx.tenant_id,
        list(receivable_ids),
    )
    changes: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for receivable_id, day, change in rows:
        changes[receivable_id].append((day, change))
    return {receivable_id: _running(sorted(found)) for receivable_id, found in changes.items()}


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


def _running(changes: list[tuple[date, Decimal]]) -> list[Balance]:
    sums = accumulate(change for _, change in changes)
    return [Balance(day, amount) for (day, _), amount in zip(changes, sums, strict=True)]


def _rule_values(rule: ChargeRule) -> dict[str, Any]:
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {**values, "terms": as_json(rule.terms)}


def _charge_values(charge: Charge) -> dict[str, Any]:
    values = {field.name: getattr(charge, field.name) for field in fields(charge)}
    amounts = {name: values[name].amount for name in ("amount", "waived_amount")}
    return {**values, **amounts, "currency": charge.amount.currency}
