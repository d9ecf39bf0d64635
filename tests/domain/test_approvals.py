"""Steps that somebody has to approve, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.collections.tasks import list_tasks
from domain.dunning.approvals import approve_step, get_approval, list_approvals, reject_step
from domain.dunning.cases import case_timeline, get_case
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Approval
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.payments import record_payment
from domain.messaging.notices import list_notices
from tests.factories_dunning import a_case, a_plan, at, email_step, events_of, run_at, task_step

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 1, 28, 2, 0, tzinfo=UTC)
GATED: list[dict[str, Any]] = [
    {**email_step("final", 3, "firm_notice"), "requires_approval": True},
    task_step("call", 10),
]
ON_ITS_OWN = [{**task_step("ask", 3), "action": {"type": "approval", "title": "Hand it to the lawyers?"}}]


async def asked(ctx: Context, **filters: Any) -> list[Approval]:
    return (await list_approvals(ctx, PageRequest(), **filters)).items


async def test_a_gated_step_asks_once_and_the_case_is_not_looked_at_again(ctx: Context) -> None:
    await a_plan(ctx, steps=GATED)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (approval,) = await asked(ctx, state="open", case_id=case.id)
    assert (approval.step_key, approval.action, approval.state, approval.due_at) == ("final", "email", "open", FIRST)
    assert await get_approval(ctx, approval.id) == approval
    waiting = await get_case(ctx, case.id)
    assert (waiting.state, waiting.next_action_at, waiting.deferred_reasons) == ("active", None, ["awaiting_approval"])
    ctx = await run_at(ctx, LATER)
    assert await run_due_cases(ctx) == 0
    assert len(await asked(ctx)) == 1
    assert (await list_notices(ctx, PageRequest())).items == []
    assert [e.type for e in await events_of(ctx, "approval.requested")] == ["approval.requested"]
    timeline = await case_timeline(ctx, case.id)
    assert (timeline.future, [(w.step_key, w.reason) for w in timeline.waiting]) == (
        [],
        [("final", "awaiting_approval"), ("call", "awaiting_approval")],
    )


async def test_what_is_approved_is_carried_out_by_the_facts_of_that_moment(ctx: Context) -> None:
    await a_plan(ctx, steps=GATED)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(299), "CNY"), received_on=date(2026, 1, 13)
    )
    ctx = await run_at(ctx, LATER)
    (approval,) = await asked(ctx)
    decided = await approve_step(ctx, approval.id, note="They said nothing.", expected_version=1)
    assert (decided.state, decided.decided_by, decided.decided_at, decided.version) == (
        "approved",
        ctx.actor.id,
        ctx.now(),
        2,
    )
    ctx = await run_at(ctx, LATER)
    (notice,) = (await list_notices(ctx, PageRequest())).items
    assert (notice.step_key, notice.open_amount) == ("final", Money(Decimal(1000), "CNY"))
    assert [(o.step_key, o.outcome) for o in (await case_timeline(ctx, case.id)).past] == [
        ("final", "done"),
        ("call", "done"),
    ]
    (event,) = await events_of(ctx, "approval.approved")
    assert event.data["approval"]["note"] == "They said nothing."


async def test_what_is_rejected_is_left_out_and_the_case_goes_on(ctx: Context) -> None:
    await a_plan(ctx, steps=GATED)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (approval,) = await asked(ctx)
    await reject_step(ctx, approval.id)
    ctx = await run_at(ctx, FIRST)
    (left_out,) = (await case_timeline(ctx, case.id)).past
    assert (left_out.outcome, left_out.reasons) == ("skipped", ["approval_rejected"])
    assert (await get_case(ctx, case.id)).next_action_at == datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
    assert [e.type for e in await events_of(ctx, "approval.rejected")] == ["approval.rejected"]


async def test_a_gate_on_its_own_is_named_by_its_occurrence(ctx: Context) -> None:
    await a_plan(ctx, steps=ON_ITS_OWN)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (approval,) = await asked(ctx)
    assert (approval.title, approval.action) == ("Hand it to the lawyers?", "approval")
    await approve_step(ctx, approval.id)
    ctx = await run_at(ctx, FIRST)
    (done,) = (await case_timeline(ctx, case.id)).past
    assert (done.outcome, done.approval_id) == ("done", approval.id)


async def test_an_approval_is_decided_once_and_only_while_something_waits_for_it(ctx: Context) -> None:
    await a_plan(ctx, steps=GATED)
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (approval,) = await asked(ctx)
    with pytest.raises(PreconditionFailed):
        await approve_step(ctx, approval.id, expected_version=7)
    with pytest.raises(InvalidInput):
        await approve_step(ctx, approval.id, note="")
    with pytest.raises(NotFound):
        await approve_step(ctx, "apr_00000000000000000000000000")
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(1299), "CNY"), received_on=date(2026, 1, 13)
    )
    ctx = await run_at(ctx, LATER)
    assert (await get_case(ctx, case.id)).state == "closed"
    assert await asked(ctx, state="open") == []
    with pytest.raises(Conflict) as refused:
        await approve_step(ctx, approval.id)
    assert refused.value.code == "approval_not_wanted"


async def test_what_was_decided_stays_decided(ctx: Context) -> None:
    await a_plan(ctx, steps=GATED)
    await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (approval,) = await asked(ctx)
    await approve_step(ctx, approval.id)
    with pytest.raises(Conflict) as refused:
        await reject_step(ctx, approval.id)
    assert refused.value.code == "approval_decided"


async def test_a_task_may_be_for_whoever_has_a_role(ctx: Context) -> None:
    action = {"type": "task", "title": "Call", "role": "sales_manager"}
    await a_plan(ctx, steps=[{**task_step("call", 3), "action": action}])
    await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    (task,) = (await list_tasks(ctx, PageRequest())).items
    assert (task.role, task.assignee) == ("sales_manager", None)


async def test_a_stopped_case_is_not_taken_up_again_by_a_change_of_its_receivable(ctx: Context) -> None:
    always: dict[str, Any] = {"all": []}
    stop = {**email_step("first", 3), "branches": [{"when": always, "stop": True}]}
    await a_plan(ctx, steps=[stop])
    case = await a_case(ctx)
    ctx = await run_at(ctx, FIRST)
    stopped = await get_case(ctx, case.id)
    assert (stopped.state, stopped.close_reason, stopped.next_action_at) == ("closed", "stopped", None)
    await record_payment(
        ctx, customer_id=case.customer_id, amount=Money(Decimal(1), "CNY"), received_on=date(2026, 1, 13)
    )
    ctx = await run_at(await at(ctx, LATER), LATER)
    assert await get_case(ctx, case.id) == stopped
    assert len(await events_of(ctx, "case.closed")) == 1
    (occurrence,) = (await case_timeline(ctx, case.id)).past
    assert occurrence.branch == 0
