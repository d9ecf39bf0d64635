"""Contact policies for tests, and what becomes of reminders under them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from domain.customers.model import Customer
from domain.dunning.cases import case_timeline
from domain.dunning.model import Case
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.contact_policies import put_contact_policy
from domain.messaging.contact_policy_model import WEEKDAYS, ContactHours, ContactPolicy
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_receivable, drain

OFFICE = ContactHours(weekdays=list(WEEKDAYS), from_time="09:00", to_time="17:00")
NIGHT = ContactHours(weekdays=list(WEEKDAYS), from_time="18:00", to_time="20:00")


def january(day: int, hour: int = 1, minute: int = 0) -> datetime:
    """An instant of January 2026; 01:00 UTC is 09:00 in Shanghai."""
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


class Post:
    """A channel that takes everything."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Takes the messages."""
        self.sent += messages
        return [Outcome("accepted", "smtp_250", "ok")] * len(messages)


async def set_policy(ctx: Context, **rules: Any) -> ContactPolicy:
    """These rules, and no others, from now on."""
    return await put_contact_policy(ctx, rules)


async def told(ctx: Context, case: Case) -> list[str]:
    """Each step of the past as `step outcome reasons`."""
    past = (await case_timeline(ctx, case.id)).past
    return [" ".join([o.step_key, o.outcome, *o.reasons]) for o in past]


async def notices(ctx: Context) -> list[Notice]:
    """All notices, oldest first."""
    return (await list_notices(ctx, PageRequest(limit=200))).items


async def many_debts(ctx: Context, customer: Customer, count: int) -> None:
    """So many receivables of one customer, each with its case."""
    for n in range(count):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    await drain(react, ctx)
