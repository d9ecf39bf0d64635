"""The test clock's driver: it does on the way what waiting would have done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.access.clock import advance_clock, get_clock
from domain.access.profile import engine_context
from domain.dunning.cases import case_timeline
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.operations import work
from domain.operations.operations import get_operation
from domain.storage.transaction import transaction
from tests.factories import tenant_context
from tests.factories_dunning import a_case, a_plan, email_step, escalation_step, events_of
from tests.scenarios.life import Mailbox
from workers.tasks.clock import drive_clock
from workers.tasks.operations import run_operations

STEPS = [email_step("friendly", -7), email_step("overdue", 3), escalation_step("legal", 60)]


async def advance(ctx: Context, days: int, mailbox: Mailbox) -> Context:
    """Moves the clock as a worker would and answers a context there."""
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=days))
    claimed = await work.claim(ctx, operation.id)
    assert claimed is not None
    await drive_clock(await engine_context(ctx.tenant_id), claimed, {"email": mailbox})
    assert (await get_operation(ctx, operation.id)).state == "succeeded"
    return await tenant_context(ctx.tenant_id)


async def test_one_long_move_does_what_many_short_ones_do(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS)
    case, mailbox = await a_case(ctx, due_on=ctx.today() + timedelta(days=30)), Mailbox()
    after = await advance(ctx, 100, mailbox)
    timeline = await case_timeline(after, case.id)
    assert [(past.step_key, past.outcome, past.decided_at == past.due_at) for past in timeline.past] == [
        ("friendly", "done", True),
        ("overdue", "done", True),
        ("legal", "done", True),
    ]
    assert len(mailbox.mails) == 2
    assert (await get_clock(after)).now == ctx.now() + timedelta(days=100)


async def test_a_retry_happens_in_the_tenants_time(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS[:1])
    await a_case(ctx)
    busy = Mailbox(answer=Outcome("retryable", "smtp_451", "come back later"))
    after = await advance(ctx, 100, busy)
    assert [event.data["notice"]["reason"] for event in await events_of(after, "notice.failed")] == [
        "retries_exhausted"
    ]


async def test_the_clock_never_goes_backwards_and_moves_once_at_a_time(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await advance_clock(ctx, to=ctx.now() - timedelta(seconds=1))
    assert refused.value.errors[0].code == "clock_goes_forwards"
    await advance_clock(ctx, to=ctx.now() + timedelta(days=1))
    with pytest.raises(Conflict) as busy:
        await advance_clock(ctx, to=ctx.now() + timedelta(days=2))
    assert busy.value.code == "clock_is_moving"


async def test_what_a_dead_worker_left_behind_is_taken_up(ctx: Context) -> None:
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=1))
    assert await work.claim(ctx, operation.id) is not None
    assert await work.claim(ctx, operation.id) is None
    await lease_ends(ctx, operation.id)
    again = await work.claim(ctx, operation.id)
    assert again is not None
    await drive_clock(await engine_context(ctx.tenant_id), again, {"email": Mailbox()})
    assert (await get_operation(ctx, operation.id)).state == "succeeded"


async def test_while_it_moves_the_operation_says_where_the_clock_stands(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS[1:2])
    await a_case(ctx, due_on=ctx.today() + timedelta(days=5))
    target = ctx.now() + timedelta(days=30)
    operation, seen = await advance_clock(ctx, to=target), list[dict[str, str]]()

    class Looking(Mailbox):
        async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
            """Looks at the operation while it sends."""
            seen.append((await get_operation(ctx, operation.id)).result)
            return await super().send(messages)

    claimed = await work.claim(ctx, operation.id)
    assert claimed is not None
    await drive_clock(await engine_context(ctx.tenant_id), claimed, {"email": Looking()})
    end = (await get_operation(ctx, operation.id)).result
    assert seen == [{"now": "2026-01-13T01:00:00Z", "to": f"{target:%FT%TZ}", "instants": 2}]
    assert end == {"now": f"{target:%FT%TZ}", "to": f"{target:%FT%TZ}", "instants": 3}


async def test_a_letter_is_made_on_the_way_by_whoever_moves_the_clock(ctx: Context) -> None:
    action = {"type": "notice", "channels": ["email"], "template": "final_notice", "letter": True}
    await a_plan(ctx, steps=[{**email_step("letter", 3), "action": action}])
    await a_case(ctx, due_on=ctx.today() + timedelta(days=5))
    mailbox = Mailbox()
    await advance(ctx, 10, mailbox)
    (mail,) = mailbox.mails
    assert [file.content[:5] for file in mail.attachments] == [b"%PDF-"]


async def test_two_workers_on_one_clock_send_nothing_twice(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS)
    await a_case(ctx)
    mailbox = Mailbox()
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=100))
    claims = [await work.claim(ctx, operation.id)]
    await lease_ends(ctx, operation.id)
    claims.append(await work.claim(ctx, operation.id))
    engine = await engine_context(ctx.tenant_id)
    await asyncio.gather(*(drive_clock(engine, claim, {"email": mailbox}) for claim in claims if claim))
    assert len(mailbox.mails) == 2


async def test_the_operations_task_runs_what_is_waiting(ctx: Context) -> None:
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=1))
    assert await run_operations({"channels": {"email": Mailbox()}}) >= 1
    assert (await get_operation(ctx, operation.id)).state == "succeeded"


async def test_a_defect_ends_the_operation_instead_of_repeating_for_ever(ctx: Context) -> None:
    operation = await advance_clock(ctx, to=ctx.now() + timedelta(days=1))
    await run_operations({})  # a worker without channels
    failed = await get_operation(ctx, operation.id)
    assert (failed.state, failed.error and failed.error.code) == ("failed", "internal_error")
    await advance_clock(ctx, to=ctx.now() + timedelta(days=1))


async def lease_ends(ctx: Context, operation_id: str) -> None:
    """As if the worker that holds the operation had died some time ago."""
    async with transaction(ctx) as tx:
        await tx.execute(
            "update operations set leased_until = $3 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            operation_id,
            SystemClock().now() - timedelta(seconds=1),
        )
