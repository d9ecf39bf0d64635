"""Messages that an employee has to confirm are asked about until it is known what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging.confirmations import poll_confirmations, tenants_with_confirmations
from domain.messaging.model import Notice, Outcome
from domain.messaging.receipt_model import Receipt
from domain.messaging.sending import send_due_notices
from domain.storage.transaction import transaction
from tests.factories_messaging import FakeChannel, a_queued_notice


@dataclass(slots=True)
class Provider:
    """Says what it was told to say, and what it was asked."""

    told: dict[str, Receipt] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    recorded: list[tuple[str | None, list[Receipt]]] = field(default_factory=list)

    async def poll(self, ctx: Context, account_id: str | None, ids: Sequence[str]) -> list[Receipt]:
        """What has become of these."""
        self.asked.append(list(ids))
        return [self.told[known_as] for known_as in ids if known_as in self.told]

    async def record(self, ctx: Context, receipts: Sequence[Receipt], *, account_id: str | None) -> int:
        """Remembers what was to be recorded."""
        self.recorded.append((account_id, list(receipts)))
        return len(receipts)


def delivered(known_as: str) -> Receipt:
    """The employee has sent it."""
    return Receipt(
        kind="delivered",
        occurred_at=SystemClock().now(),
        code="wecom_sent",
        detail="",
        notice_id=None,
        provider_message_id=known_as,
        address=None,
    )


async def awaiting(ctx: Context, number: str = "INV-1", known_as: str | None = "msg-1") -> Notice:
    """A notice that a provider took, to be confirmed by an employee."""
    notice, _, _ = await a_queued_notice(ctx, number)
    taken = Outcome("accepted", "awaiting_confirmation", "", known_as, awaits_confirmation=True)
    await send_due_notices(ctx, {"email": FakeChannel({notice.recipient: taken})})
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


async def test_nothing_is_asked_at_once_and_then_until_it_is_known(ctx: Context) -> None:
    await awaiting(ctx)
    provider = Provider()
    assert not await is_due(ctx)
    await time_passes(ctx, timedelta(minutes=6))
    assert await is_due(ctx)
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record) == 1
    assert provider.asked == [["msg-1"]]
    assert provider.recorded == []
    assert not await is_due(ctx)

    provider.told["msg-1"] = delivered("msg-1")
    await time_passes(ctx, timedelta(minutes=6))
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record) == 1
    assert provider.recorded == [(None, [provider.told["msg-1"]])]
    await time_passes(ctx, timedelta(days=1))
    assert not await is_due(ctx)
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record) == 0


async def test_one_call_asks_about_a_bounded_number(ctx: Context) -> None:
    for n in range(3):
        await awaiting(ctx, f"INV-{n}", f"msg-{n}")
    provider = Provider()
    await time_passes(ctx, timedelta(minutes=6))
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record, limit=2) == 2
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record, limit=2) == 1
    assert sorted(known_as for asked in provider.asked for known_as in asked) == ["msg-0", "msg-1", "msg-2"]


async def test_after_a_month_nobody_asks_any_more(ctx: Context) -> None:
    await awaiting(ctx)
    provider = Provider()
    await time_passes(ctx, timedelta(days=31))
    assert await poll_confirmations(ctx, poll=provider.poll, record=provider.record) == 1
    await time_passes(ctx, timedelta(days=31))
    assert not await is_due(ctx)


async def test_what_needs_no_confirmation_or_has_no_id_is_not_asked_about(ctx: Context) -> None:
    await awaiting(ctx, known_as=None)
    notice, _, _ = await a_queued_notice(ctx, "INV-2")
    taken = Outcome("accepted", "smtp_250", "", "msg-2")
    await send_due_notices(ctx, {"email": FakeChannel({notice.recipient: taken})})
    await time_passes(ctx, timedelta(days=1))
    assert not await is_due(ctx)
