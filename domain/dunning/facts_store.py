"""Gathers what decisions depend on: for a whole batch of cases, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.customers.addresses import invalid_channels, open_addresses
from domain.dunning.account_facts import Account, account_facts, accounts_of
from domain.dunning.debt_facts import Debt, debts_of
from domain.dunning.model import Case
from domain.dunning.occurrence_facts import occurrences_of
from domain.dunning.plan_store import ladders_of
from domain.dunning.rules.account import Member, Past, last_of_each
from domain.dunning.rules.entering import entry_of
from domain.dunning.rules.facts import CaseFacts, ContactFacts, new_due_date
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.rounds import Entry
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.records import record
from domain.ledger.dispute_store import disputed_amounts
from domain.ledger.rules.disputing import effective_disputed
from domain.storage.transaction import sql

_NONE: frozenset[str] = frozenset()


@record(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The facts of a case, and what else is needed to write to the customer.

    `receivable_id` is the receivable that it is about. `listed` are those that a notice of an account names, `receivable_id` among
    them; empty for a case of one receivable.
    """

    facts: CaseFacts
    receivable_id: str
    number: str
    amount: Money
    issued_on: date
    customer_name: str
    locale: str
    country: str | None
    """Whose public holidays count: the customer's, else the tenant's."""
    policy_version: int | None
    """Of the tenant's contact policy; None if it set none."""
    listed: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read for a whole batch."""

    contacts: Mapping[str, tuple[ContactFacts, ...]]
    unapplied: Mapping[tuple[str, str], Decimal]
    disputed: Mapping[str, Decimal]
    occurrences: Mapping[str, Sequence[Past]]
    options: Mapping[str, PlanOptions]
    now: datetime

    def unapplied_of(self, customer_id: str, currency: str) -> Money:
        """What the customer has paid and nobody has assigned."""
        held = self.unapplied.get((customer_id, currency))
        return Money(held, currency) if held else Money.zero(currency)


async def gather(ctx: Context, cases: Sequence[Case]) -> dict[str, Gathered]:
    """Everything known of `cases` by case id.

    The cases must be locked already: only what is read after that is as new as the change that woke them.
    """
    customers = list({case.customer_id for case in cases})
    debts = await debts_of(ctx, [case.receivable_id for case in cases if case.receivable_id is not None])
    accounts = await accounts_of(ctx, [case for case in cases if case.receivable_id is None])
    members = [row["id"] for account in accounts.values() for row in account.members]
    known = _Known(
        contacts=await _contacts(ctx, customers),
        unapplied=await _unapplied_amounts(ctx, customers),
        disputed=await disputed_amounts(ctx, [*debts, *members]),
        occurrences=await occurrences_of(ctx, cases),
        options={
            version_id: ladder.options
            for version_id, ladder in (await ladders_of(ctx, {case.plan_version_id for case in cases})).items()
        },
        now=ctx.now(),
    )
    return {
        case.id: _of_receivable(case, debts[case.receivable_id], known)
        if case.receivable_id is not None
        else _of_account(case, accounts[case.id], known)
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


def _of_receivable(case: Case, debt: Debt, known: _Known) -> Gathered:
    currency = debt.currency
    contested = effective_disputed(known.disputed.get(debt.id, Decimal(0)), debt.open_amount)
    occurrences = last_of_each(known.occurrences.get(case.id, ()))
    facts = CaseFacts(
        due_on=debt.due_on,
        due_on_is_provisional=debt.due_on_is_provisional,
        time_zone=debt.time_zone,
        open_amount=Money(debt.open_amount, currency),
        unapplied_amount=known.unapplied_of(case.customer_id, currency),
        disputed_amount=Money(contested, currency) if contested else Money.zero(currency),
        settled_as=debt.status if debt.status in ("written_off", "cancelled") else "paid",
        contacts=known.contacts.get(case.customer_id, ()),
        occurrences=occurrences,
        new_due_on=new_due_date(occurrences.values()),
        grace_days=debt.grace_days,
        minimum_days_between=debt.minimum_days_between,
        entry=_entry(case, debt.time_zone, known),
        held_until=debt.held_until,
        issued_on=debt.issued_on,
        grade=debt.grade,
        tags=frozenset(debt.tags) if debt.tags else _NONE,
        locale=debt.locale,
        delay_reason=debt.delay_reason,
    )
    return Gathered(
        facts=facts,
        receivable_id=debt.id,
        number=debt.number,
        amount=Money(debt.amount, currency),
        issued_on=debt.issued_on,
        customer_name=debt.name,
        locale=debt.locale,
        country=debt.country,
        policy_version=debt.policy_version,
    )


def _of_account(case: Case, account: Account, known: _Known) -> Gathered:
    assert case.currency is not None
    none = Money.zero(case.currency)
    without_debts = CaseFacts(
        due_on=date.max,
        time_zone=account.time_zone,
        open_amount=none,
        unapplied_amount=known.unapplied_of(case.customer_id, case.currency),
        disputed_amount=none,
        contacts=known.contacts.get(case.customer_id, ()),
        entry=_entry(case, account.time_zone, known),
        grade=account.grade,
        tags=frozenset(account.tags) if account.tags else _NONE,
        locale=account.locale,
        held_until=account.held_until,
    )
    past = known.occurrences.get(case.id, ())
    options = known.options[case.plan_version_id]
    found = account_facts(case, account, options, known.disputed, past, without_debts, known.now)
    return Gathered(
        facts=found.facts,
        receivable_id=found.anchor.receivable_id if found.anchor else "",
        number=found.anchor.number if found.anchor else "",
        amount=found.anchor.amount if found.anchor else none,
        issued_on=found.anchor.issued_on if found.anchor else date.max,
        customer_name=account.name,
        locale=account.locale,
        listed=found.listed,
        country=account.country,
        policy_version=account.policy_version,
    )


def _entry(case: Case, time_zone: str, known: _Known) -> Entry | None:
    if case.enters_on is None:
        return None
    enter_at = known.options[case.plan_version_id].old_debt.enter_at
    return entry_of(case.enters_on, case.round_started_at or case.opened_at, enter_at, time_zone)
