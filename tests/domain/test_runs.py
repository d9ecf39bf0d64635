"""Notices that somebody releases: proposed, gone through in a run, released, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.collections.holds import place_hold
from domain.dunning.cases import case_timeline
from domain.dunning.engine import run_due_cases
from domain.dunning.plan_control import pause_plan
from domain.dunning.reactions import react
from domain.dunning.run_model import CodeCount, ReminderRunItem
from domain.dunning.runs import (
    cancel_run,
    exclude_run_items,
    get_run,
    list_run_items,
    list_runs,
    open_run,
    release_run,
    run_report,
)
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.ledger.payments import record_payment
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from domain.messaging.sending import send_due_notices
from tests.factories_dunning import a_debtor, a_plan, a_receivable, at, case_of, drain, email_step, events_of, run_at
from tests.factories_ledger import cny
from tests.scenarios.life import Mailbox

FIRST = datetime(2026, 1, 13, 1, 0, tzinfo=UTC)
SECOND = datetime(2026, 1, 25, 1, 0, tzinfo=UTC)
STEPS = [email_step("first", 3), email_step("second", 15, "firm_notice")]


async def notices(ctx: Context) -> list[Notice]:
    return (await list_notices(ctx, PageRequest())).items


async def items(ctx: Context, run_id: str, **more: Any) -> list[ReminderRunItem]:
    return (await list_run_items(ctx, run_id, PageRequest(), **more)).items


async def sent(ctx: Context) -> list[str]:
    box = Mailbox()
    while await send_due_notices(ctx, {"email": box}):
        pass
    return [mail.notice_id for mail in box.mails]


async def proposals(ctx: Context, count: int = 3, **plan: Any) -> tuple[Context, list[Receivable]]:
    """As many notices of different customers, written on the day of the first step, and the time then."""
    await a_plan(ctx, steps=STEPS, release="manual", **plan)
    made = [await a_receivable(ctx, await a_debtor(ctx), number=f"INV-{n}") for n in range(count)]
    return await run_at(ctx, FIRST), made


async def test_what_a_plan_with_manual_release_writes_waits(ctx: Context) -> None:
    ctx, (receivable,) = await proposals(ctx, 1)
    (notice,) = await notices(ctx)
    assert (notice.state, notice.next_attempt_at) == ("proposed", None)
    assert await sent(ctx) == []
    (past,) = (await case_timeline(ctx, (await case_of(ctx, receivable)).id)).past
    assert (past.outcome, past.notice_id) == ("done", notice.id)
    assert [e.type for e in await events_of(ctx, "notice.proposed", "notice.queued")] == ["notice.proposed"]


async def test_a_run_is_gone_through_and_released(ctx: Context) -> None:
    ctx, receivables = await proposals(ctx)
    run = await open_run(ctx)
    assert (run.state, run.proposed_count, run.opened_by) == ("open", 3, ctx.actor.id)
    first, second, third = await items(ctx, run.id)
    assert (first.state, first.open_amount, first.step_key) == ("proposed", receivables[0].amount, "first")
    run = await exclude_run_items(ctx, run.id, notice_ids=[second.notice_id], reason="Their boss is visiting")
    assert (run.state, run.proposed_count, run.excluded_count) == ("open", 2, 1)
    run = await release_run(ctx, run.id, expected_version=run.version)
    assert (run.state, run.released_count, run.ended_at) == ("released", 2, ctx.now())
    assert sorted(await sent(ctx)) == sorted([first.notice_id, third.notice_id])
    report = await run_report(ctx, run.id)
    assert (report.released_count, report.sent_count, report.skipped_count) == (2, 2, 0)
    assert (report.excluded_count, report.left_count) == (1, 0)
    assert [e.type for e in await events_of(ctx, "reminder_run.opened", "reminder_run.released")] == [
        "reminder_run.opened",
        "reminder_run.released",
    ]
    (excluded,) = await items(ctx, run.id, state="excluded")
    assert (excluded.code, excluded.reason) == ("excluded_in_triage", "Their boss is visiting")


async def test_an_excluded_step_is_left_out_for_good_and_the_case_goes_on(ctx: Context) -> None:
    ctx, (receivable,) = await proposals(ctx, 1)
    run = await open_run(ctx)
    (item,) = await items(ctx, run.id)
    assert (await exclude_run_items(ctx, run.id, notice_ids=[item.notice_id])).state == "released"
    ctx = await run_at(ctx, FIRST)
    case = await case_of(ctx, receivable)
    told = [(o.step_key, o.number, o.outcome, o.reasons) for o in (await case_timeline(ctx, case.id)).past]
    assert told == [("first", 1, "done", []), ("first", 2, "skipped", ["excluded_in_triage"])]
    assert case.next_action_at == SECOND
    ctx = await run_at(ctx, SECOND)
    assert [(n.step_key, n.state) for n in await notices(ctx)] == [("first", "cancelled"), ("second", "proposed")]


async def test_what_is_released_is_what_is_sent_and_what_is_skipped_with_its_codes(ctx: Context) -> None:
    ctx, receivables = await proposals(ctx, 4)
    run = await open_run(ctx)
    await release_run(ctx, run.id)
    assert (await run_report(ctx, run.id)).on_the_way_count == 4
    paid, held = receivables[0], receivables[1]
    await record_payment(ctx, customer_id=paid.customer_id, amount=paid.amount, received_on=ctx.today())
    await place_hold(ctx, receivable_id=held.id, reason="complaint")
    await sent(ctx)
    report = await run_report(ctx, run.id)
    assert report.released_count == report.sent_count + report.skipped_count == 4
    assert report.skipped == [CodeCount(code="on_hold", count=1), CodeCount(code="receivable_paid", count=1)]


async def test_what_is_paid_before_its_release_is_withdrawn(ctx: Context) -> None:
    ctx, receivables = await proposals(ctx, 2)
    run = await open_run(ctx)
    paid = receivables[0]
    await record_payment(ctx, customer_id=paid.customer_id, amount=paid.amount, received_on=ctx.today())
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    run = await get_run(ctx, run.id)
    assert (run.proposed_count, run.withdrawn_count) == (1, 1)
    (withdrawn,) = await items(ctx, run.id, state="withdrawn")
    assert (withdrawn.receivable_id, withdrawn.code) == (paid.id, "receivable_paid")
    assert (await case_of(ctx, paid)).close_reason == "paid"
    run = await release_run(ctx, run.id)
    assert (run.state, run.released_count) == ("released", 1)
    assert (await run_report(ctx, run.id)).withdrawn == [CodeCount(code="receivable_paid", count=1)]


async def test_another_amount_is_proposed_anew(ctx: Context) -> None:
    ctx, (receivable,) = await proposals(ctx, 1)
    await record_payment(ctx, customer_id=receivable.customer_id, amount=cny(100), received_on=ctx.today())
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    await drain(react, ctx)
    await drain(run_due_cases, ctx)
    assert [(n.state, n.reason) for n in await notices(ctx)] == [("cancelled", "amount_changed"), ("proposed", None)]


async def test_some_are_released_and_the_rest_waits(ctx: Context) -> None:
    ctx, _ = await proposals(ctx)
    run = await open_run(ctx)
    first, second, _ = await items(ctx, run.id)
    run = await release_run(ctx, run.id, notice_ids=[first.notice_id])
    assert (run.state, run.proposed_count, run.released_count) == ("open", 2, 1)
    again = await release_run(ctx, run.id, notice_ids=[first.notice_id, second.notice_id])
    assert (again.proposed_count, again.released_count) == (1, 2)
    ended = await cancel_run(ctx, run.id)
    assert (ended.state, ended.proposed_count) == ("cancelled", 1)
    assert (await open_run(ctx)).proposed_count == 1


async def test_a_run_of_one_plan_leaves_those_of_others(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=STEPS, release="manual")
    await a_receivable(ctx, await a_debtor(ctx))
    await drain(react, ctx)
    await a_plan(ctx, name="Other", steps=STEPS, release="manual")
    await a_receivable(ctx, await a_debtor(ctx), number="INV-2")
    ctx = await run_at(ctx, FIRST)
    assert len(await notices(ctx)) == 2
    run = await open_run(ctx, plan_id=plan.id)
    assert (run.plan_id, run.proposed_count) == (plan.id, 1)


async def test_one_run_is_open_at_a_time(ctx: Context) -> None:
    with pytest.raises(Conflict) as nothing:
        await open_run(ctx)
    assert nothing.value.code == "nothing_proposed"
    ctx, _ = await proposals(ctx, 1)
    run = await open_run(ctx)
    with pytest.raises(Conflict) as twice:
        await open_run(ctx)
    assert twice.value.code == "run_is_open"
    await release_run(ctx, run.id)
    for ended in (release_run, cancel_run):
        with pytest.raises(Conflict) as over:
            await ended(ctx, run.id)
        assert over.value.code == "run_ended"
    assert [one.id for one in (await list_runs(ctx, PageRequest())).items] == [run.id]


async def test_wrong_words_change_nothing(ctx: Context) -> None:
    ctx, _ = await proposals(ctx, 1)
    run = await open_run(ctx)
    (item,) = await items(ctx, run.id)
    with pytest.raises(InvalidInput) as unknown:
        await exclude_run_items(ctx, run.id, notice_ids=[item.notice_id, "ntc_x"])
    assert [(e.pointer, e.code) for e in unknown.value.errors] == [("/notice_ids/1", "not_in_run")]
    with pytest.raises(InvalidInput):
        await release_run(ctx, run.id, notice_ids=[])
    with pytest.raises(InvalidInput):
        await exclude_run_items(ctx, run.id, notice_ids=[item.notice_id], reason="")
    with pytest.raises(PreconditionFailed):
        await release_run(ctx, run.id, expected_version=9)
    with pytest.raises(NotFound):
        await open_run(ctx, plan_id="pln_x")
    assert await get_run(ctx, run.id) == run


async def test_a_released_notice_of_a_plan_that_was_paused_since_is_not_sent(ctx: Context) -> None:
    plan = await a_plan(ctx, steps=STEPS, release="manual")
    await a_receivable(ctx, await a_debtor(ctx))
    ctx = await run_at(ctx, FIRST)
    await pause_plan(ctx, plan.id)
    run = await open_run(await at(ctx, FIRST))
    await release_run(ctx, run.id)
    assert await sent(ctx) == []
    assert (await run_report(ctx, run.id)).skipped == [CodeCount(code="plan_paused", count=1)]


async def test_a_combined_notice_that_is_excluded_is_left_out_of_every_case(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS, release="manual", options={"combine": True})
    customer = await a_debtor(ctx)
    two = [await a_receivable(ctx, customer, number=f"INV-{n}") for n in range(2)]
    ctx = await run_at(ctx, FIRST)
    run = await open_run(ctx)
    (item,) = await items(ctx, run.id)
    await exclude_run_items(ctx, run.id, notice_ids=[item.notice_id])
    ctx = await run_at(ctx, FIRST)
    for receivable in two:
        past = (await case_timeline(ctx, (await case_of(ctx, receivable)).id)).past
        assert [(o.outcome, o.reasons) for o in past] == [("done", []), ("skipped", ["excluded_in_triage"])]
    assert len(await notices(ctx)) == 1


async def test_the_next_rung_takes_the_place_of_what_nobody_released(ctx: Context) -> None:
    ctx, (receivable,) = await proposals(ctx, 1)
    run = await open_run(ctx)
    ctx = await run_at(ctx, SECOND)
    ctx = await run_at(ctx, SECOND)
    assert [(n.step_key, n.state, n.reason) for n in await notices(ctx)] == [
        ("first", "cancelled", "superseded"),
        ("second", "proposed", None),
    ]
    past = (await case_timeline(ctx, (await case_of(ctx, receivable)).id)).past
    assert sorted((o.step_key, o.number, o.outcome) for o in past) == [
        ("first", 1, "done"),
        ("first", 2, "skipped"),
        ("second", 1, "done"),
    ]
    assert (await run_report(ctx, run.id)).withdrawn == [CodeCount(code="superseded", count=1)]


async def test_of_combined_cases_the_earlier_notice_gives_way_once_all_have_another(ctx: Context) -> None:
    await a_plan(ctx, steps=STEPS, release="manual", options={"combine": True})
    customer = await a_debtor(ctx)
    for n in range(2):
        await a_receivable(ctx, customer, number=f"INV-{n}")
    ctx = await run_at(ctx, FIRST)
    ctx = await run_at(ctx, SECOND)
    ctx = await run_at(ctx, SECOND)
    assert [(n.step_key, n.state) for n in await notices(ctx)] == [("first", "cancelled"), ("second", "proposed")]
