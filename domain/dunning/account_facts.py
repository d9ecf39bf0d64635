"""What is known of a case that stands for all that a customer owes in one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.dunning.case_members import members_of, statuses_of
from domain.dunning.model import Case
from domain.dunning.rules.account import Member, Past, anchor_of, listed, next_due_on, said, settled_as
from domain.dunning.rules.facts import CaseFacts, SettledAs, new_due_date
from domain.dunning.rules.options import PlanOptions
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.rules.disputing import effective_disputed
from domain.messaging.contact_policy_store import VERSION
from domain.storage.transaction import sql

_OF_CUSTOMER = ("name", "locale", "time_zone", "country", "grade", "tags", "held_until", "policy_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The customer of an account's case, and what is open in it."""

    name: str
    locale: str
    time_zone: str
    country: str | None
    grade: str | None
    tags: Sequence[str]
    held_until: datetime | None
    policy_version: int | None
    members: Sequence[Any]
    settled_as: SettledAs


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The facts of an account's case, the receivable that it follows and those that a notice names."""

    facts: CaseFacts
    anchor: Member | None
    listed: tuple[Member, ...]


async def accounts_of(ctx: Context, cases: Sequence[Case]) -> dict[str, Account]:
    """The accounts of these cases by case id; without such cases nothing is asked."""
    if not cases:
        return {}
    members = await members_of(ctx, [case.id for case in cases])
    settled = [case_id for case_id, found in members.items() if not found]
    statuses = await statuses_of(ctx, settled) if settled else {}
    rows = await sql(ctx).fetch(
        "select id, name, coalesce(locale, $3) as locale, coalesce(time_zone, $4) as time_zone, grade, tags, held_until,"
        f" coalesce(country, (select country from tenants where id = $1)) as country, {VERSION} as policy_version"
        " from customers where tenant_id = $1 and id = any($2)",
        ctx.tenant_id,
        list({case.customer_id for case in cases}),
        ctx.locale,
        ctx.time_zone,
    )
    customers = {row["id"]: row for row in rows}
    return {
        case.id: Account(
            **{name: customers[case.customer_id][name] for name in _OF_CUSTOMER},
            members=members[case.id],
            settled_as=settled_as(statuses.get(case.id, ())),
        )
        for case in cases
    }


def account_facts(
    case: Case,
    account: Account,
    options: PlanOptions,
    disputed: Mapping[str, Decimal],
    past: Sequence[Past],
    known: CaseFacts,
    now: datetime,
) -> AccountFacts:
    """The facts of an account at `now`; `known` is what does not depend on its debts: contacts, unapplied amount, time zone."""
    free, held_until = _not_held(account.members, now)
    members = [_member(row, disputed.get(row["id"], Decimal(0))) for row in free]
    if held_until is not None:
        known = replace(known, held_until=max(held_until, known.held_until or held_until))
    anchor = anchor_of(members)
    if anchor is None:
        return AccountFacts(facts=replace(known, settled_as=account.settled_as), anchor=None, listed=())
    today = local_date(now, known.time_zone)
    lists_all = case.anchor == "balance" or options.combine
    names = listed(members, anchor, today) if lists_all else (anchor,)
    open_ids = [member.receivable_id for member in members]
    occurrences, so_far = said(past, anchor, open_ids, case.round_started_at, lists_all=lists_all)
    zero = Money.zero(anchor.open_amount.currency)
    facts = replace(
        known,
        due_on=anchor.due_on,
        due_on_is_provisional=anchor.due_on_is_provisional,
        open_amount=sum((m.open_amount for m in names), zero),
        disputed_amount=sum((m.disputed_amount for m in names), zero),
        occurrences=occurrences,
        new_due_on=new_due_date(occurrences.values()),
        grace_days=anchor.grace_days,
        minimum_days_between=max(member.minimum_days_between for member in members),
        so_far=so_far,
        more_due_on=next_due_on(members, anchor, today) if lists_all else None,
    )
    return AccountFacts(facts=facts, anchor=anchor, listed=names)


def _not_held(members: Sequence[Any], now: datetime) -> tuple[Sequence[Any], datetime | None]:
    """What is not on hold by itself: that is neither followed nor named meanwhile. If all is, until when the first of it is."""
    free = [row for row in members if row["held_until"] is None or row["held_until"] <= now]
    if free or not members:
        return free, None
    return members, min(row["held_until"] for row in members)


def _member(row: Any, contested: Decimal) -> Member:
    currency = row["currency"]
    return Member(
        receivable_id=row["id"],
        number=row["number"],
        amount=Money(row["amount"], currency),
        open_amount=Money(row["open_amount"], currency),
        disputed_amount=Money(effective_disputed(contested, row["open_amount"]), currency),
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        due_on_is_provisional=row["due_on_is_provisional"],
        grace_days=row["grace_days"],
        minimum_days_between=row["minimum_days_between"],
    )
