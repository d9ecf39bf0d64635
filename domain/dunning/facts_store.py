"""Gathers what decisions depend on: for a whole batch of cases, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from domain.customers.addresses import invalid_channels, open_addresses
from domain.dunning.model import Case
from domain.dunning.rules.facts import CaseFacts, ContactFacts, LastOccurrence
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging.contact_policy_store import VERSION
from domain.storage.transaction import sql

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The facts of a case, and what else is needed to write to the customer."""

    facts: CaseFacts
    number: str
    amount: Money
    issued_on: date
    customer_name: str
    locale: str
    country: str | None
    """Whose public holidays count: the customer's, else the tenant's."""
    policy_version: int | None
    """Of the tenant's contact policy; None if it set none."""


async def gather(ctx: Context, cases: Sequence[Case]) -> dict[str, Gathered]:
    """Everything known of `cases` by case id.

    The cases must be locked already: only what is read after that is as new as the change that woke them.
    """
    customers = list({case.customer_id for case in cases})
    debts = await _debts(ctx, cases)
    contacts = await _contacts(ctx, customers)
    unapplied = await _unapplied_amounts(ctx, customers)
    disputed = await disputed_amounts(ctx, [case.receivable_id for case in cases])
    occurrences = await _occurrences(ctx, cases)
    return {
        case.id: _gathered(
            debts[case.receivable_id],
            contacts.get(case.customer_id, ()),
            unapplied,
            disputed,
            occurrences.get(case.id, {}),
        )
        for case in cases
    }


async def company_name(ctx: Context) -> str:
    """The name under which the tenant writes to its customers."""
    name: str = await sql(ctx).fetchval("select name from tenants where id = $1", ctx.tenant_id)
    return name


async def awaiting_address(ctx: Context, customer_ids: Sequence[str]) -> set[str]:
    """Customers for whom somebody has already been asked to find an address."""
    rows = await sql(ctx).fetch(
        """
        select wanted.id as customer_id from unnest($2::text[]) as wanted(id) where exists (
          select 1 from tasks t join occurrences o on o.tenant_id = t.tenant_id and o.case_id = t.case_id
            and o.step_key = t.step_key and o.result_id = t.id
          where t.tenant_id = $1 and t.customer_id = wanted.id and t.state = 'open' and o.outcome = 'held' offset 0)
        """,
        ctx.tenant_id,
        list(customer_ids),
    )
    return {row["customer_id"] for row in rows}


async def _debts(ctx: Context, cases: Sequence[Case]) -> dict[str, Any]:
    rows = await sql(ctx).fetch(
        f"""
        select r.id, r.customer_id, r.number, r.currency, r.amount, r.open_amount, r.issued_on, r.due_on,
          r.due_on_is_provisional, r.status,
          c.name, c.grade, c.tags, coalesce(c.locale, $3) as locale, coalesce(c.time_zone, $4) as time_zone,
          coalesce(s.grace_days, 0) as grace_days, coalesce(s.minimum_days_between, 0) as minimum_days_between, s.delay_reason,
          greatest(r.held_until, c.held_until) as held_until,
          coalesce(c.country, (select country from tenants where id = $1)) as country, {VERSION} as policy_version
        from unnest($2::text[]) as wanted(id)
        cross join lateral (select * from receivables where tenant_id = $1 and id = wanted.id limit 1) r
        cross join lateral (select * from customers where tenant_id = $1 and id = r.customer_id limit 1) c
        left join lateral (select * from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
        """,
        ctx.tenant_id,
        [case.receivable_id for case in cases],
        ctx.locale,
        ctx.time_zone,
    )
    return {row["id"]: row for row in rows}


async def _contacts(ctx: Context, customer_ids: list[str]) -> dict[str, tuple[ContactFacts, ...]]:
    rows = await sql(ctx).fetch(
        """
        select c.customer_id, c.id, c.name, c.role, c.sealed_email, c.sealed_phone, c.sealed_addresses, c.locale,
          'email' = any(c.opted_out_channels), c.opted_out_channels, c.time_zone, c.invalid_addresses
        from unnest($2::text[]) as wanted(id)
        cross join lateral (select * from contacts where tenant_id = $1 and customer_id = wanted.id offset 0) c
        """,
        ctx.tenant_id,
        customer_ids,
    )
    found: dict[str, list[ContactFacts]] = defaultdict(list)
    for (
        customer_id,
        contact_id,
        name,
        role,
        email,
        phone,
        addresses,
        locale,
        opted_out,
        channels,
        time_zone,
        invalid,
    ) in rows:
        contact = ContactFacts(
            id=contact_id,
            name=name,
            role=role,
            sealed_email=email,
            sealed_phone=phone,
            addresses=open_addresses(ctx, contact_id, addresses),
            locale=locale,
            opted_out=opted_out,
            opted_out_channels=frozenset(channels) if channels else _NONE,
            time_zone=time_zone,
            invalid_channels=invalid_channels(invalid),
        )
        found[customer_id].append(contact)
    return {customer_id: tuple(contacts) for customer_id, contacts in found.items()}


async def _unapplied_amounts(ctx: Context, customer_ids: list[str]) -> dict[tuple[str, str], Decimal]:
    rows = await sql(ctx).fetch(
        """
        select wanted.id as customer_id, p.currency, p.amount from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select currency, sum(unapplied_amount) as amount from (
            select currency, unapplied_amount from payments
            where tenant_id = $1 and customer_id = wanted.id and unapplied_amount > 0
            union all
            select currency, unapplied_amount from credit_notes
            where tenant_id = $1 and customer_id = wanted.id and unapplied_amount > 0) held
          group by currency) p
        """,
        ctx.tenant_id,
        customer_ids,
    )
    return {(row["customer_id"], row["currency"]): row["amount"] for row in rows}


async def _occurrences(ctx: Context, cases: Sequence[Case]) -> dict[str, dict[str, LastOccurrence]]:
    """The last occurrence of each step; a notice that was cancelled before it left, or bounced, has not reminded anybody."""
    rows = await sql(ctx).fetch(
        """
        select o.case_id, o.step_key, o.number, o.due_at, o.outcome, o.reasons, o.action, o.decided_at, o.branch, o.shadow,
          n.state = 'cancelled' as withdrawn, n.state as notice_state, n.channel as notice_channel,
          case when n.state not in ('cancelled', 'failed', 'bounced') then o.decided_at end as reminded_at,
          case when n.state = 'bounced' then o.decided_at end as bounced_at
        from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select * from occurrences where tenant_id = $1 and case_id = wanted.id order by step_key, number) o
        left join lateral (select state, channel from notices where tenant_id = $1 and id = o.result_id limit 1) n on true
        """,
        ctx.tenant_id,
        [case.id for case in cases],
    )
    found: dict[str, dict[str, LastOccurrence]] = defaultdict(dict)
    for row in rows:
        found[row["case_id"]][row["step_key"]] = LastOccurrence(
            number=row["number"],
            outcome=row["outcome"],
            reasons=() if row["reasons"] == "[]" else tuple(msgspec.json.decode(row["reasons"])),
            is_escalation=row["action"] == "escalation",
            withdrawn=row["withdrawn"] or False,
            reminded_at=row["reminded_at"],
            due_at=row["due_at"],
            decided_at=row["decided_at"],
            branch=row["branch"],
            notice_state=row["notice_state"],
            notice_channel=row["notice_channel"],
            **(_would_be(row["shadow"]) if row["shadow"] else {}),
        )
    for row in rows:
        if row["bounced_at"] is not None:
            _withdraw_if_last(found[row["case_id"]], row["step_key"], row["number"], row["bounced_at"])
    return found


def _would_be(shadow: str) -> dict[str, Any]:
    told = msgspec.json.decode(shadow)
    return {"would_be": told["outcome"], "would_use": told["channel"]}


def _withdraw_if_last(of_case: dict[str, LastOccurrence], key: str, number: int, wrote_at: datetime) -> None:
    """A bounced notice is written again, elsewhere, unless a later step has written meanwhile: the ladder never goes back."""
    last = max((past.reminded_at for past in of_case.values() if past.reminded_at), default=None)
    if of_case[key].number == number and (last is None or last < wrote_at):
        of_case[key] = replace(of_case[key], withdrawn=True)


def _gathered(
    debt: Any,
    contacts: tuple[ContactFacts, ...],
    unapplied: Mapping[tuple[str, str], Decimal],
    disputed: Mapping[str, Decimal],
    occurrences: Mapping[str, LastOccurrence],
) -> Gathered:
    currency = debt["currency"]
    held = unapplied.get((debt["customer_id"], currency))
    contested = effective_disputed(disputed.get(debt["id"], Decimal(0)), debt["open_amount"])
    facts = CaseFacts(
        due_on=debt["due_on"],
        due_on_is_provisional=debt["due_on_is_provisional"],
        time_zone=debt["time_zone"],
        open_amount=Money(debt["open_amount"], currency),
        unapplied_amount=Money(held, currency) if held else Money.zero(currency),
        disputed_amount=Money(contested, currency) if contested else Money.zero(currency),
        settled_as=debt["status"] if debt["status"] in ("written_off", "cancelled") else "paid",
        contacts=contacts,
        occurrences=occurrences,
        grace_days=debt["grace_days"],
        minimum_days_between=debt["minimum_days_between"],
        held_until=debt["held_until"],
        issued_on=debt["issued_on"],
        grade=debt["grade"],
        tags=frozenset(debt["tags"]) if debt["tags"] else _NONE,
        locale=debt["locale"],
        delay_reason=debt["delay_reason"],
    )
    return Gathered(
        facts=facts,
        number=debt["number"],
        amount=Money(debt["amount"], currency),
        issued_on=debt["issued_on"],
        customer_name=debt["name"],
        locale=debt["locale"],
        country=debt["country"],
        policy_version=debt["policy_version"],
    )
