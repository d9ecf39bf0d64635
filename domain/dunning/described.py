"""A debt that nobody owes yet, described to try a plan on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.customers.model import ContactRole
from domain.dunning.facts_store import Gathered
from domain.dunning.rules.facts import CaseFacts, ContactFacts
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.messaging.contact_policy_store import VERSION
from domain.messaging.rules.samples import sample_names
from domain.storage.transaction import sql

_TERM = timedelta(days=30)
_MAILBOX = "sample@example.com"
_PHONE = "+8613800000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is owed and by whom, as far as a plan asks: without `time_zone`, `locale` and `country` the tenant's hold.

    `channels` are those through which the customer's contact of the role can be reached. Issued 30 days before it is due unless said.
    """

    amount: Money
    due_on: date
    issued_on: date | None = None
    grade: str | None = None
    tags: tuple[str, ...] = ()
    locale: str | None = None
    time_zone: str | None = None
    country: str | None = None
    channels: tuple[str, ...] = ("email",)
    role: ContactRole = "billing"
    delay_reason: str | None = None


async def described(ctx: Context, debt: Debt) -> Gathered:
    """The debt as the engine knows others; one statement."""
    row = await sql(ctx).fetchrow(
        f"select country, {VERSION} as policy_version from tenants where id = $1", ctx.tenant_id
    )
    assert row is not None
    locale = debt.locale or ctx.locale
    none, issued_on = Money.zero(debt.amount.currency), debt.issued_on or debt.due_on - _TERM
    facts = CaseFacts(
        due_on=debt.due_on,
        issued_on=issued_on,
        time_zone=debt.time_zone or ctx.time_zone,
        open_amount=debt.amount,
        unapplied_amount=none,
        disputed_amount=none,
        contacts=(_contact(debt, locale),) if debt.channels else (),
        grade=debt.grade,
        tags=frozenset(debt.tags),
        locale=locale,
        delay_reason=debt.delay_reason,
    )
    return Gathered(
        facts=facts,
        receivable_id="rcv_described",
        number="INV-1",
        amount=debt.amount,
        issued_on=issued_on,
        customer_name=sample_names(locale)[0],
        locale=locale,
        country=debt.country or row["country"],
        policy_version=row["policy_version"],
    )


def _contact(debt: Debt, locale: str) -> ContactFacts:
    """Somebody who is reached through these channels; the addresses are made up."""
    return ContactFacts(
        id="con_described",
        name=sample_names(locale)[1],
        role=debt.role,
        sealed_email=b"" if "email" in debt.channels else None,
        addresses={channel: _MAILBOX if channel == "email" else _PHONE for channel in debt.channels},
        locale=debt.locale,
        opted_out=False,
    )
