"""Accounts and SMS notices for tests, and account channels that remember what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.context import Context
from domain.messaging.account_model import AccountRef, NewChannelAccount
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.model import Notice
from domain.messaging.notices import queue_notices
from domain.messaging.templates import create_template, load_templates
from tests.factories_messaging import a_billed_contact, a_draft

PHONE = "13800006789"
TWILIO: dict[str, Any] = {
    "channel": "sms",
    "provider": "twilio",
    "name": "Twilio",
    "settings": {"account_sid": "AC0123456789", "sender": "+15005550006"},
    "credentials": {"auth_token": "twilio-token"},
}


@dataclass(slots=True)
class FakeAccounts:
    """Channels by account, made when they are first asked for."""

    outcome: Outcome = field(default_factory=lambda: Outcome("accepted", "ok", "", provider_message_id="SM1"))
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By provider, where it is not `outcome`."""
    sent: list[tuple[str, OutgoingMessage]] = field(default_factory=list)
    fails: Exception | None = None

    async def channel(self, ctx: Context, account: AccountRef, /) -> _FakeAccountChannel:
        """The channel of one account."""
        if self.fails is not None:
            raise self.fails
        return _FakeAccountChannel(self, account)


@dataclass(slots=True)
class _FakeAccountChannel:
    of: FakeAccounts
    account: AccountRef

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.of.sent += [(self.account.id, message) for message in messages]
        return [self.of.outcomes.get(self.account.provider, self.of.outcome)] * len(messages)


async def an_sms_account(ctx: Context, **overrides: Any) -> NewChannelAccount:
    """An active account of the channel sms."""
    return await create_channel_account(ctx, **{**TWILIO, **overrides})


async def a_queued_sms(ctx: Context, number: str = "INV-1", **contact: Any) -> Notice:
    """An SMS that is due at once, to a contact with a phone."""
    made, receivable = await a_billed_contact(ctx, number=number, **{"phone": PHONE, **contact})
    book = await load_templates(ctx, {"overdue_notice"})
    if not book.has("overdue_notice", "sms"):
        await create_template(
            ctx, key="overdue_notice", channel="sms", locale="en", subject="x", body="{{ number }}: {{ due_amount }}"
        )
        book = await load_templates(ctx, {"overdue_notice"})
    (notice,) = await queue_notices(ctx, book, [a_draft(made, receivable, channel="sms", recipient=made.phone)])
    return notice
