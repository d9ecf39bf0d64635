"""Nothing leaves the house for a tenant once its suspension has committed; everything waits and goes out afterwards."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import timedelta
from typing import Any

import pytest

from domain.access.clock import advance_clock
from domain.access.model import NewClient, Tenant
from domain.access.profile import engine_context
from domain.access.tenant_changes import activate_tenant, suspend_tenant
from domain.events.delivering import deliver_due, tenants_with_due_deliveries
from domain.events.fan_out import fan_out, tenants_to_fan_out
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.errors import Conflict
from domain.messaging import outbox
from domain.messaging.notices import get_notice
from domain.messaging.sending import send_due_notices, tenants_with_due_notices
from domain.operations import work
from domain.operations.operations import get_operation
from tests.conftest import NOW
from tests.factories_messaging import FakeChannel, a_queued_notice
from tests.factories_webhooks import Receiver, an_endpoint, an_event
from workers.tasks.operations import run_operations

Platform = tuple[PlatformContext, NewClient]


async def test_a_suspension_between_claim_and_send_gives_the_notices_back(
    platform: Platform, tenant: Tenant, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice, _, _ = await a_queued_notice(ctx)
    channel, claim = FakeChannel(), outbox.claim

    async def then_suspend(*arguments: Any) -> Any:
        claimed = await claim(*arguments)
        # Another process: it does not inherit this transaction, and commits before the claim does.
        await asyncio.create_task(_suspend(platform[0], tenant.id), context=contextvars.Context())
        return claimed

    monkeypatch.setattr(outbox, "claim", then_suspend)
    assert await send_due_notices(ctx, {"email": channel}) == 0
    assert channel.sent == []
    back = await get_notice(ctx, notice.id)
    assert (back.state, back.attempt_count, back.next_attempt_at) == ("queued", 0, NOW)
    assert tenant.id not in await tenants_with_due_notices(SystemClock().now())

    monkeypatch.undo()
    await activate_tenant(platform[0], tenant.id)
    assert tenant.id in await tenants_with_due_notices(SystemClock().now())
    assert await send_due_notices(ctx, {"email": channel}) == 1
    assert (await get_notice(ctx, notice.id)).attempt_count == 1


async def test_a_suspension_during_the_send_waits_for_it(platform: Platform, tenant: Tenant, ctx: Context) -> None:
    first, _, _ = await a_queued_notice(ctx, "INV-1")
    suspending: list[asyncio.Task[Tenant]] = []

    async def suspend_meanwhile() -> None:
        task = asyncio.create_task(_suspend(platform[0], tenant.id), context=contextvars.Context())
        suspending.append(task)
        await asyncio.wait([task], timeout=0.2)
        assert not task.done()

    channel = FakeChannel(meanwhile=suspend_meanwhile)
    assert await send_due_notices(ctx, {"email": channel}) == 1
    assert (await suspending[0]).status == "suspended"
    assert (await get_notice(ctx, first.id)).state == "sent"


async def test_no_webhook_is_posted_for_a_suspended_tenant_and_all_are_afterwards(
    platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    await an_endpoint(ctx)
    await an_event(ctx)
    await fan_out(ctx)
    receiver, now = Receiver(), SystemClock().now
    assert tenant.id in await tenants_with_due_deliveries(now())
    await an_event(ctx)
    await suspend_tenant(platform[0], tenant.id)
    assert await deliver_due(ctx, receiver) == 0
    assert receiver.got == {}
    assert tenant.id not in await tenants_with_due_deliveries(now())
    assert tenant.id not in await tenants_to_fan_out()

    await activate_tenant(platform[0], tenant.id)
    await fan_out(ctx)
    assert await deliver_due(ctx, receiver) == 2


async def test_the_clock_of_a_suspended_tenant_stands_and_a_move_under_way_waits(
    platform: Platform, tenant: Tenant, ctx: Context
) -> None:
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=1))
    await suspend_tenant(platform[0], tenant.id)
    with pytest.raises(Conflict) as refused:
        await advance_clock(ctx, to=ctx.now() + timedelta(days=2))
    assert refused.value.code == "tenant_not_active"
    assert (tenant.id, operation.id) not in await work.unfinished(SystemClock().now())
    await run_operations({"channels": {}})
    assert (await get_operation(ctx, operation.id)).state == "pending"

    await activate_tenant(platform[0], tenant.id)
    await run_operations({"channels": {"email": FakeChannel()}})
    assert (await get_operation(ctx, operation.id)).state == "succeeded"
    assert (await engine_context(tenant.id)).now() == ctx.now() + timedelta(days=1)


async def _suspend(ctx: PlatformContext, tenant_id: str) -> Tenant:
    return await suspend_tenant(ctx, tenant_id)
