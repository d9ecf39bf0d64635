"""Lives a golden year through the real driver of the test clock, and tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.access.clock import advance_clock
from domain.access.profile import engine_context
from domain.access.tenants import create_tenant
from domain.customers.contacts import create_contact, update_contact
from domain.customers.customers import create_customer
from domain.customers.model import Contact, Customer
from domain.dunning.approvals import approve_step, list_approvals, reject_step
from domain.dunning.plan_presets import install_plan_preset
from domain.dunning.plans import publish_plan, update_plan
from domain.dunning.reminder_settings import put_reminder_settings
from domain.kernel.context import Context, PlatformContext
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.dispute_model import Dispute
from domain.ledger.disputes import open_dispute, resolve_dispute
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.ledger.receivables import create_receivable
from domain.operations import work
from tests.factories import tenant_context
from tests.factories_channels import FakeAccounts, an_sms_account
from tests.scenarios.golden.debtors import DEBTORS, NEW_YORK, REFUSED, SHANGHAI, Debtor, Deed
from tests.scenarios.golden.telling import Line, lines_of
from tests.scenarios.life import Mailbox
from workers.tasks.clock import drive_clock

YEARS = Path(__file__).parent / "years"
BEGIN, END = datetime(2026, 1, 5, 1, 0, tzinfo=UTC), datetime(2027, 1, 5, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """A tenant that uses one preset: its language, where it is, and whether it can send text messages."""

    locale: str
    time_zone: str
    has_sms: bool


SETTINGS = {
    "standard": Setting("zh-CN", SHANGHAI, True),
    "three_stages": Setting("zh-CN", SHANGHAI, False),
    "message_call_letter": Setting("zh-CN", SHANGHAI, True),
    "around_due_date": Setting("en", NEW_YORK, False),
    "watched_customers": Setting("en", NEW_YORK, True),
}


@dataclass(slots=True)
class Living:
    """A debtor as the tenant knows it."""

    debtor: Debtor
    customer: Customer
    contact: Contact
    receivables: list[Receivable]
    disputes: list[Dispute] = field(default_factory=list)


@dataclass(slots=True)
class Year:
    """The tenant, whoever lives in it, and what was done so far."""

    ctx: Context
    living: list[Living] = field(default_factory=list)
    done: list[Line] = field(default_factory=list)
    mailbox: Mailbox = field(default_factory=Mailbox)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)

    async def until(self, instant: datetime) -> None:
        """Moves the clock as a worker does."""
        operation = await advance_clock(self.ctx, to=instant)
        claimed = await work.claim(self.ctx, operation.id)
        assert claimed is not None
        channels = {"email": self.mailbox}
        await drive_clock(await engine_context(self.ctx.tenant_id), claimed, channels, self.accounts)
        self.ctx = await tenant_context(self.ctx.tenant_id)

    def note(self, living: Living, told: str) -> None:
        """Keeps what somebody did just now."""
        debtor, invoice = living.debtor, living.debtor.invoices[0]
        self.done.append(Line(self.ctx.now(), debtor.time_zone, debtor.name, invoice.number, invoice.due_on, told))


async def told_year(platform: PlatformContext, key: str) -> str:
    """What happens in a year in which this preset is the default plan."""
    setting = SETTINGS[key]
    year = await _a_year(platform, key, setting)
    for debtor in DEBTORS:
        year.living.append(await _moves_in(year.ctx, debtor))
    for instant, living, deed in _agenda(year):
        await year.until(instant)
        if living is None or deed is None:
            await _decide_approvals(year)
        else:
            await _do(year, living, deed)
    await year.until(END)
    told = [f"{key}: {setting.locale}, {setting.time_zone}, {'with' if setting.has_sms else 'without'} text messages"]
    return "\n".join([*told, "", *await lines_of(year.ctx, year.done, _owners(year))]) + "\n"


async def _a_year(platform: PlatformContext, key: str, setting: Setting) -> Year:
    tenant = await create_tenant(
        platform,
        name="Golden",
        mode="sandbox",
        base_currency="CNY",
        time_zone=setting.time_zone,
        locale=setting.locale,
        test_clock_at=BEGIN,
    )
    ctx = await tenant_context(tenant.id)
    plan = await install_plan_preset(ctx, key)
    await update_plan(ctx, plan.id, {"is_default": True})
    await publish_plan(ctx, plan.id)
    if setting.has_sms:
        await an_sms_account(ctx)
    return Year(ctx)


async def _moves_in(ctx: Context, debtor: Debtor) -> Living:
    customer = await create_customer(
        ctx, name=debtor.name, locale=debtor.locale, time_zone=debtor.time_zone, grade=debtor.grade
    )
    contact = await create_contact(ctx, customer.id, name="Wang Fang", **debtor.contact)
    receivables = [
        await create_receivable(
            ctx,
            customer_id=customer.id,
            number=invoice.number,
            amount=Money(Decimal(invoice.amount), invoice.currency),
            issued_on=min(invoice.due_on - timedelta(days=30), date(2026, 1, 5)),
            due_on=invoice.due_on,
        )
        for invoice in debtor.invoices
    ]
    return Living(debtor, customer, contact, receivables)


def _agenda(year: Year) -> Sequence[tuple[datetime, Living | None, Deed | None]]:
    """What is done when: by the debtors, and on the first of each month by those who approve."""
    found: list[tuple[datetime, Living | None, Deed | None]] = [
        (datetime(2026, month, 1, 2, 0, tzinfo=UTC), None, None) for month in range(2, 13)
    ]
    for living in year.living:
        due_on, zone = living.debtor.invoices[0].due_on, ZoneInfo(living.debtor.time_zone)
        for deed in living.debtor.deeds:
            local = datetime.combine(due_on + timedelta(days=deed.day), time(deed.hour), zone)
            found.append((local.astimezone(UTC), living, deed))
    return sorted(found, key=lambda one: one[0])


async def _decide_approvals(year: Year) -> None:
    refused = next(living.customer.id for living in year.living if living.debtor.name == REFUSED)
    for approval in (await list_approvals(year.ctx, PageRequest(limit=200), state="open")).items:
        decide = reject_step if approval.customer_id == refused else approve_step
        await decide(year.ctx, approval.id)


async def _do(year: Year, living: Living, deed: Deed) -> None:
    ctx, first = year.ctx, living.receivables[0]
    match deed.what:
        case "pays":
            money = Money(Decimal(deed.amount or living.debtor.invoices[0].amount), first.amount.currency)
            await record_payment(ctx, customer_id=living.customer.id, amount=money, received_on=ctx.today())
            return year.note(living, f"> pays {money.amount} {money.currency}")
        case "disputes":
            living.disputes.append(await open_dispute(ctx, first.id, reason="quality"))
        case "loses the dispute":
            await resolve_dispute(ctx, living.disputes[-1].id, outcome="rejected")
        case "opts out of email":
            await update_contact(ctx, living.contact.id, {"opted_out_channels": ["email"]})
        case "cannot be reached":
            await put_reminder_settings(ctx, first.id, delay_reason="unreachable")
    return year.note(living, f"> {deed.what}")


def _owners(year: Year) -> dict[str, tuple[Debtor, Receivable]]:
    return {receivable.id: (living.debtor, receivable) for living in year.living for receivable in living.receivables}
