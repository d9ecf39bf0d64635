"""Notices for tests, and a channel that remembers what it was given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.customers.model import Contact
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.model import Receivable
from domain.ledger.receivables import create_receivable
from domain.messaging.book import TemplateBook
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.model import AlertDraft, Notice, NoticeDraft, ReceivableLine, Value
from domain.messaging.notices import queue_notices
from domain.messaging.rules.variables import notice_variables
from domain.messaging.templates import load_templates
from tests.factories import a_contact, a_customer

ACCEPTED = Outcome("accepted", "smtp_250", "queued as 1")


@dataclass(slots=True)
class FakeChannel:
    """Answers with `outcomes` by recipient (accepted by default) after awaiting `meanwhile`."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[None]] | None = None
    sent: list[OutgoingMessage] = field(default_factory=list)

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Remembers the messages."""
        self.sent.extend(messages)
        if self.meanwhile is not None:
            await self.meanwhile()
        return [self.outcomes.get(message.recipient, ACCEPTED) for message in messages]


async def a_billed_contact(ctx: Context, *, number: str = "INV-1", **contact: object) -> tuple[Contact, Receivable]:
    """A contact of a customer who owes 1 299 CNY."""
    customer = await a_customer(ctx)
    receivable = await create_receivable(
        ctx,
        customer_id=customer.id,
        number=number,
        amount=Money(Decimal("1299.00"), "CNY"),
        issued_on=date(2025, 12, 1),
        due_on=date(2025, 12, 31),
    )
    return await a_contact(ctx, customer, **contact), receivable


def a_draft(contact: Contact, receivable: Receivable, **overrides: object) -> NoticeDraft:
    """An overdue notice in English."""
    fields: dict[str, object] = {
        "customer_id": receivable.customer_id,
        "receivable_id": receivable.id,
        "contact_id": contact.id,
        "case_id": None,
        "step_key": "step-1",
        "channel": "email",
        "template_key": "overdue_notice",
        "locale": "en",
        "recipient": contact.email,
        "variables": variables_of(contact, receivable),
        "open_amount": receivable.open_amount,
        "disputed_amount": Money.zero(receivable.amount.currency),
        "due_on": receivable.due_on,
        "receivables": (line_of(receivable),),
        **overrides,
    }
    return NoticeDraft(**fields)  # type: ignore[arg-type]


def line_of(receivable: Receivable) -> ReceivableLine:
    """The receivable as a notice lists it."""
    return ReceivableLine(
        receivable_id=receivable.id,
        number=receivable.number,
        issued_on=receivable.issued_on,
        due_on=receivable.due_on,
        amount=receivable.amount,
        open_amount=receivable.open_amount,
        disputed_amount=Money.zero(receivable.amount.currency),
    )


def variables_of(contact: Contact, receivable: Receivable, locale: str = "en") -> dict[str, Value]:
    """The values of a template, as the engine makes them."""
    return notice_variables(
        locale,
        customer_name="Lanhai Trading",
        contact_name=contact.name,
        company_name="Acme Receivables",
        number=receivable.number,
        amount=receivable.amount,
        open_amount=receivable.open_amount,
        disputed_amount=Money.zero(receivable.amount.currency),
        issued_on=receivable.issued_on,
        due_on=receivable.due_on,
        today=date(2026, 1, 5),
    )


async def a_queued_notice(
    ctx: Context, number: str = "INV-1", email: str = "wang.fang@lanhai.example"
) -> tuple[Notice, Contact, Receivable]:
    """A notice that is due at once."""
    contact, receivable = await a_billed_contact(ctx, number=number, email=email)
    book = await load_templates(ctx, {"overdue_notice"})
    (notice,) = await queue_notices(ctx, book, [a_draft(contact, receivable)])
    return notice, contact, receivable


async def a_queued_letter(ctx: Context, number: str = "INV-1", **overrides: object) -> Notice:
    """A mail with a numbered letter, due at once, that gives the customer 14 days."""
    contact, receivable = await a_billed_contact(ctx, number=number)
    fields: dict[str, object] = {"template_key": "firm_notice", "letter": True, "new_due_days": 14, **overrides}
    (notice,) = await queue_notices(ctx, TemplateBook(), [a_draft(contact, receivable, **fields)])
    return notice


async def an_alert(ctx: Context, *, number: str = "INV-1", **overrides: object) -> AlertDraft:
    """What staff should hear of an overdue receivable, in Chinese through Feishu."""
    contact, receivable = await a_billed_contact(ctx, number=number)
    fields: dict[str, object] = {
        "customer_id": receivable.customer_id,
        "receivable_id": receivable.id,
        "case_id": None,
        "step_key": "red-flag",
        "channel": "feishu",
        "template_key": "staff_alert",
        "locale": "zh-CN",
        "variables": variables_of(contact, receivable, "zh-CN"),
        "open_amount": receivable.open_amount,
        "disputed_amount": Money.zero("CNY"),
        **overrides,
    }
    return AlertDraft(**fields)  # type: ignore[arg-type]
