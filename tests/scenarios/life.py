"""A tenant whose test clock can be moved day by day, with all workers played in this process and a mail server of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.collections.holds import expire_holds
from domain.customers.model import Customer
from domain.dunning.cases import case_timeline
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Case
from domain.dunning.reactions import react
from domain.dunning.timeline_model import CaseTimeline
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.model import Receivable
from domain.ledger.overdue import announce_overdue
from domain.ledger.payments import record_payment
from domain.ledger.planned_dates import announce_missed_dates
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.letters import make_letters
from domain.messaging.sending import send_due_notices
from domain.messaging.ways import Accounts
from domain.storage.transaction import reading
from tests.factories_dunning import at, case_of

_NEXT = """
  select min(at) from (
    select next_action_at as at from cases where tenant_id = $1
    union all select overdue_at from receivables where tenant_id = $1
    union all select due_at from planned_collections where tenant_id = $1
    union all select ends_at from holds where tenant_id = $1 and state = 'active'
    union all select next_attempt_at from notices where tenant_id = $1) as due where at > $2
"""


@dataclass
class Mailbox:
    """A channel that delivers into a list, or answers what a test wants it to."""

    mails: list[OutgoingMessage] = field(default_factory=list)
    answer: Outcome = field(default_factory=lambda: Outcome("accepted", "smtp_250", "ok"))

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Takes the messages in, if the answer is to accept them."""
        if self.answer.kind == "accepted":
            self.mails += messages
        return [self.answer] * len(messages)


class Life:
    """Tells what happens to a tenant from day to day."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.mailbox = Mailbox()
        self.accounts: Accounts | None = None

    async def until(self, day: date, hour: int = 23) -> None:
        """Everything that falls due happens at its instant, until this hour of Shanghai's day."""
        end = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)
        while (instant := await self._next_instant()) is not None and instant < end:
            await self.jump(instant)
        await self.jump(end)

    async def jump(self, instant: datetime) -> None:
        """The workers were away and look again at `instant`."""
        self.ctx = await at(self.ctx, instant)
        await self.work()

    async def work(self) -> None:
        """All that the workers find to do now, until nothing is left."""
        while await self._round():
            pass

    async def decide_only(self, instant: datetime) -> None:
        """The engine works at `instant`, the sender does not come to it yet."""
        self.ctx = await at(self.ctx, instant)
        while await react(self.ctx) + await run_due_cases(self.ctx):
            pass

    async def pays(self, customer: Customer, amount: str) -> None:
        """Money comes in and is recorded at once."""
        money = Money(Decimal(amount), "CNY")
        await record_payment(self.ctx, customer_id=customer.id, amount=money, received_on=self.ctx.today())

    async def case(self, receivable: Receivable) -> Case:
        """How the case of a receivable stands."""
        return await case_of(self.ctx, receivable)

    async def timeline(self, receivable: Receivable) -> CaseTimeline:
        """What was and will be for a receivable."""
        return await case_timeline(self.ctx, (await self.case(receivable)).id)

    async def told(self, receivable: Receivable) -> list[str]:
        """Each step of the past as `step outcome reasons`."""
        past = (await self.timeline(receivable)).past
        return [" ".join([o.step_key, o.outcome, *o.reasons]) for o in past]

    def subjects(self) -> list[str]:
        """What has arrived, by subject."""
        return [mail.subject for mail in self.mailbox.mails]

    async def _next_instant(self) -> datetime | None:
        async with reading(self.ctx) as tx:
            instant: datetime | None = await tx.fetchval(_NEXT, self.ctx.tenant_id, self.ctx.now())
            return instant

    async def _round(self) -> int:
        return (
            await react(self.ctx)
            + await announce_overdue(self.ctx)
            + await announce_missed_dates(self.ctx)
            + await expire_holds(self.ctx)
            + await run_due_cases(self.ctx)
            + await make_letters(self.ctx)
            + await send_due_notices(self.ctx, {"email": self.mailbox}, accounts=self.accounts)
        )
