"""Messages that an employee has to confirm are asked about until it is known what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.payments import record_payment
from domain.messaging.account_model import AccountRef
from domain.messaging.channel_accounts import create_channel_account
from domain.messaging.channel_model import Outcome
from domain.messaging.confirmations import poll_confirmations, tenants_with_confirmations
from domain.messaging.model import Notice
from domain.messaging.notices import get_notice, queue_notices
from domain.messaging.receipt_model import Receipt
from domain.messaging.sending import send_due_notices
from domain.messaging.templates import create_template, load_templates
from domain.storage.transaction import transaction
from tests.factories_channels import FakeAccounts
from tests.factories_messaging import a_billed_contact, a_draft


@dataclass(slots=True)
class Provider:
    """Says what it was told to say, and what it was asked."""

    told: dict[str, Receipt] = field(default_factory=dict)
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    unwanted: set[str] = field(default_factory=set)

    async def poll(
        self, ctx: Context, account: AccountRef, ids: Sequence[str], unwanted: frozenset[str]
    ) -> list[Receipt]:
        """What has become of these."""
        self.asked.append((account.id, list(ids)))
        self.unwanted |= unwanted
        return [self.told[known_as] for known_as in ids if known_as in self.told]


def delivered(known_as: str) -> Receipt:
    """The employee has sent it."""
    return Receipt(kind="delivered", occurred_at=SystemClock().now(), code="wecom_sent", provider_message_id=known_as)


@pytest.fixture
async def account_id(ctx: Context) -> str:
    """An account by which an employee writes to customers."""
    account = await create_channel_account(
        ctx,
        channel="wecom",
        provider="wecom",
        name="Sales",
        settings={"corp_id": "ww1", "sender": "zhangsan"},
        credentials={"secret": "s"},
    )
    await create_template(ctx, key="overdue_notice", channel="wecom", locale="en", subject="", body="{{ number }}")
    return account.id


async def taken(ctx: Context, number: str = "INV-1", known_as: str | None = "msg-1", awaits: bool = True) -> Notice:
    """A notice that the provider took, to be confirmed by an employee."""
    contact, receivable = await a_billed_contact(ctx, number=number, addresses={"wecom": "wmAAA"})
    book = await load_templates(ctx, {"overdue_notice"})
    draft = a_draft(contact, receivable, channel="wecom", recipient="wmAAA")
    (notice,) = await queue_notices(ctx, book, [draft])
    outcome = Outcome("accepted", "awaiting_confirmation", "", known_as, awaits_confirmation=awaits)
    await send_due_notices(ctx, {}, accounts=FakeAccounts(outcome))
    return notice


async def time_passes(ctx: Context, span: timedelta) -> None:
    """As if everything had begun earlier by `span`."""
    async with transaction(ctx) as tx:
        await tx.execute(
            "update awaited_confirmations set since = since - $2::interval, next_poll_at = next_poll_at - $2::interval"
            " where tenant_id = $1",
            ctx.tenant_id,
            span,
        )


async def is_due(ctx: Context) -> bool:
    return ctx.tenant_id in await tenants_with_confirmations(SystemClock().now())


async def test_nothing_is_asked_at_once_and_then_until_it_is_known(ctx: Context, account_id: str) -> None:
    notice, provider = await taken(ctx), Provider()
    assert (await get_notice(ctx, notice.id)).state == "awaiting_confirmation"
    assert not await is_due(ctx)
    await time_passes(ctx, timedelta(minutes=6))
    assert await is_due(ctx)
    assert await poll_confirmations(ctx, poll=provider.poll) == 1
    assert provider.asked == [(account_id, ["msg-1"])]
    assert (await get_notice(ctx, notice.id)).state == "awaiting_confirmation"
    assert not await is_due(ctx)

    provider.told["msg-1"] = delivered("msg-1")
    await time_passes(ctx, timedelta(minutes=6))
    assert await poll_confirmations(ctx, poll=provider.poll) == 1
    assert (await get_notice(ctx, notice.id)).state == "delivered"
    await time_passes(ctx, timedelta(days=1))
    assert not await is_due(ctx)
    assert await poll_confirmations(ctx, poll=provider.poll) == 0


async def test_what_is_not_owed_any_more_is_taken_back(ctx: Context, account_id: str) -> None:
    notice, provider = await taken(ctx), Provider()
    await taken(ctx, "INV-2", "msg-2")
    await record_payment(
        ctx,
        customer_id=notice.customer_id,
        amount=Money(Decimal("100.00"), "CNY"),
        received_on=date(2026, 1, 5),
    )
    await time_passes(ctx, timedelta(minutes=6))
    await poll_confirmations(ctx, poll=provider.poll)
    assert provider.unwanted == {"msg-1"}


async def test_one_call_asks_about_a_bounded_number(ctx: Context, account_id: str) -> None:
    for n in range(3):
        await taken(ctx, f"INV-{n}", f"msg-{n}")
    provider = Provider()
    await time_passes(ctx, timedelta(minutes=6))
    assert await poll_confirmations(ctx, poll=provider.poll, limit=2) == 2
    assert await poll_confirmations(ctx, poll=provider.poll, limit=2) == 1
    assert sorted(known_as for _, asked in provider.asked for known_as in asked) == ["msg-0", "msg-1", "msg-2"]


async def test_after_a_month_nobody_asks_any_more(ctx: Context, account_id: str) -> None:
    await taken(ctx)
    provider = Provider()
    await time_passes(ctx, timedelta(days=31))
    assert await poll_confirmations(ctx, poll=provider.poll) == 1
    await time_passes(ctx, timedelta(days=31))
    assert not await is_due(ctx)


async def test_what_needs_no_confirmation_or_has_no_id_is_not_asked_about(ctx: Context, account_id: str) -> None:
    await taken(ctx, known_as=None)
    await taken(ctx, "INV-2", "msg-2", awaits=False)
    await time_passes(ctx, timedelta(days=1))
    assert not await is_due(ctx)
