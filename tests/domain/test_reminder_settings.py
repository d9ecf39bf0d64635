"""How one receivable is reminded where it differs, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.dunning.cases import case_timeline, get_case
from domain.dunning.model import Case, ReminderPlan
from domain.dunning.plans import create_plan
from domain.dunning.reactions import react
from domain.dunning.reminder_settings import (
    delete_reminder_settings,
    get_reminder_settings,
    put_reminder_settings,
)
from domain.kernel.context import Context
from domain.kernel.errors import DunwellError, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.money import Money
from domain.ledger.payments import record_payment
from domain.ledger.receivables import get_receivable
from domain.storage.transaction import reading, transaction
from tests.factories import a_customer
from tests.factories_access import a_collector, limited_to
from tests.factories_dunning import (
    LADDER,
    a_case,
    a_debtor,
    a_plan,
    a_receivable,
    at,
    case_of,
    drain,
    email_step,
    events_of,
    receivable_of,
    run_at,
)

GENTLE = [email_step("only", 20)]


def january(day: int) -> datetime:
    return datetime(2026, 1, day, 1, 0, tzinfo=UTC)


async def gentle(ctx: Context) -> ReminderPlan:
    return await a_plan(ctx, name="Gentle", steps=GENTLE, is_default=False)


async def test_settings_are_put_read_changed_and_removed(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    plan = await gentle(ctx)
    with pytest.raises(NotFound) as missing:
        await get_reminder_settings(ctx, receivable.id)
    assert missing.value.code == "reminder_settings_not_found"
    made = await put_reminder_settings(ctx, receivable.id, plan_id=plan.id, grace_days=5, expected_version=0)
    assert (made.plan_id, made.grace_days, made.minimum_days_between, made.version) == (plan.id, 5, None, 1)
    assert await put_reminder_settings(ctx, receivable.id, plan_id=plan.id, grace_days=5) == made
    changed = await put_reminder_settings(ctx, receivable.id, minimum_days_between=7, expected_version=1)
    assert await get_reminder_settings(ctx, receivable.id) == changed
    assert (changed.plan_id, changed.grace_days, changed.minimum_days_between, changed.version) == (None, None, 7, 2)
    for attempt in (put_reminder_settings, delete_reminder_settings):
        with pytest.raises(PreconditionFailed):
            await attempt(ctx, receivable.id, expected_version=1)
    await delete_reminder_settings(ctx, receivable.id, expected_version=2)
    with pytest.raises(NotFound):
        await delete_reminder_settings(ctx, receivable.id)
    told = await events_of(ctx, "reminder_settings.updated", "reminder_settings.deleted")
    assert [(e.type.rpartition(".")[2], e.object_id, e.data["reminder_settings"]["version"]) for e in told] == [
        ("updated", receivable.id, 1),
        ("updated", receivable.id, 2),
        ("deleted", receivable.id, 2),
    ]


async def test_why_the_customer_pays_late_stays_until_somebody_says_otherwise(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    made = await put_reminder_settings(ctx, receivable.id, delay_reason="cash_shortage")
    kept = await put_reminder_settings(ctx, receivable.id, grace_days=5)
    assert (made.delay_reason, kept.delay_reason, kept.grace_days) == ("cash_shortage", "cash_shortage", 5)
    assert (await put_reminder_settings(ctx, receivable.id, delay_reason=None)).delay_reason is None


@pytest.mark.parametrize(
    ("told", "pointer", "code"),
    [
        ({"plan_id": "pln_nobody"}, "/plan_id", "unknown_plan"),
        ({"grace_days": 366}, "/grace_days", "grace_days_out_of_range"),
        ({"minimum_days_between": 0}, "/minimum_days_between", "minimum_days_out_of_range"),
    ],
)
async def test_what_cannot_be_is_refused(ctx: Context, told: dict[str, Any], pointer: str, code: str) -> None:
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    with pytest.raises(InvalidInput) as refused:
        await put_reminder_settings(ctx, receivable.id, **told)
    assert (refused.value.errors[0].pointer, refused.value.errors[0].code) == (pointer, code)
    with pytest.raises(NotFound) as missing:
        await put_reminder_settings(ctx, "rcv_nobody", grace_days=1)
    assert missing.value.code == "receivable_not_found"


async def test_a_draft_is_no_plan_to_follow(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    draft = await create_plan(ctx, name="Draft", steps=GENTLE)
    with pytest.raises(InvalidInput) as refused:
        await put_reminder_settings(ctx, receivable.id, plan_id=draft.id)
    assert refused.value.errors[0].code == "plan_not_published"


async def test_a_case_is_opened_with_the_receivables_own_plan_and_grace(ctx: Context) -> None:
    customer = await a_debtor(ctx)
    own, other = await a_receivable(ctx, customer), await a_receivable(ctx, customer, number="INV-2")
    plan = await gentle(ctx)
    async with transaction(ctx) as tx:  # as if set before, without the case that setting it opens
        await tx.execute(
            "insert into reminder_settings values ($1, $2, $3, 5, null, 1, $4, $4)",
            ctx.tenant_id,
            own.id,
            plan.id,
            ctx.now(),
        )
    default = await a_plan(ctx)
    await drain(react, ctx)
    opened = await case_of(ctx, own)
    assert (opened.plan_id, opened.next_action_at) == (plan.id, datetime(2026, 2, 4, 1, tzinfo=UTC))
    assert (await case_of(ctx, other)).plan_id == default.id


async def test_a_plan_of_its_own_needs_no_default(ctx: Context) -> None:
    receivable = await a_receivable(ctx, await a_debtor(ctx))
    await put_reminder_settings(ctx, receivable.id, grace_days=1)
    assert await events_of(ctx, "case.opened") == []
    plan = await gentle(ctx)
    await put_reminder_settings(ctx, receivable.id, plan_id=plan.id)
    case = await case_of(ctx, receivable)
    assert (case.plan_id, case.next_action_at) == (plan.id, january(30))
    await drain(react, ctx)
    await delete_reminder_settings(ctx, receivable.id)
    assert await case_of(ctx, receivable) == case


async def test_a_case_that_has_not_acted_changes_its_plan_and_goes_back(ctx: Context) -> None:
    default = await a_plan(ctx)
    case, plan = await a_case(ctx), await gentle(ctx)
    await put_reminder_settings(ctx, receivable_of(case), plan_id=plan.id)
    moved = await get_case(ctx, case.id)
    assert (moved.plan_id, moved.plan_version_id) == (plan.id, plan.published_version and plan.published_version.id)
    assert (moved.next_action_at, moved.version) == (january(30), case.version + 2)
    assert [s.step_key for s in (await case_timeline(ctx, case.id)).future] == ["only"]
    await delete_reminder_settings(ctx, receivable_of(case))
    back = await get_case(ctx, case.id)
    assert (back.plan_id, back.next_action_at) == (default.id, january(7))
    told = await events_of(ctx, "case.reassigned")
    assert [event.data["case"]["plan_id"] for event in told] == [plan.id, default.id]


async def test_a_case_that_has_acted_keeps_its_plan(ctx: Context) -> None:
    default = await a_plan(ctx)
    case, plan = await a_case(ctx), await gentle(ctx)
    ctx = await run_at(ctx, january(7))
    await put_reminder_settings(ctx, receivable_of(case), plan_id=plan.id, grace_days=4)
    kept = await get_case(ctx, case.id)
    assert (kept.plan_id, kept.next_action_at) == (default.id, january(17))


async def test_only_another_plan_changes_the_plan(ctx: Context) -> None:
    case = await _opened_under_an_older_default(ctx)
    await put_reminder_settings(ctx, receivable_of(case), grace_days=3)
    await delete_reminder_settings(ctx, receivable_of(case))
    assert (await get_case(ctx, case.id)).plan_id == case.plan_id


async def _opened_under_an_older_default(ctx: Context) -> Case:
    await a_plan(ctx, steps=LADDER[1:])
    case = await a_case(ctx)
    await a_plan(ctx, name="Newer")
    return case


async def test_the_gap_moves_the_next_notice_and_says_so(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(7))
    await put_reminder_settings(ctx, receivable_of(case), minimum_days_between=10)
    waiting = await get_case(ctx, case.id)
    assert (waiting.next_action_at, waiting.deferred_reasons) == (january(17), ["minimum_gap"])
    future = {s.step_key: s.due_at for s in (await case_timeline(ctx, case.id)).future}
    assert (future["first"], future["call"], future["firm"]) == (january(17), january(20), january(27))
    ctx = await run_at(ctx, january(16))
    assert len((await case_timeline(ctx, case.id)).past) == 1
    ctx = await run_at(ctx, january(17))
    assert [o.step_key for o in (await case_timeline(ctx, case.id)).past] == ["friendly", "first"]
    await delete_reminder_settings(ctx, receivable_of(case))
    freed = await get_case(ctx, case.id)
    assert (freed.next_action_at, freed.deferred_reasons) == (january(20), [])


async def test_a_notice_that_could_not_be_sent_keeps_the_next_one_from_nothing(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await run_at(ctx, january(7))
    async with transaction(ctx) as tx:
        await tx.execute(
            "update notices set state = 'failed', next_attempt_at = null where tenant_id = $1", ctx.tenant_id
        )
    await put_reminder_settings(ctx, receivable_of(case), minimum_days_between=10)
    assert (await get_case(ctx, case.id)).next_action_at == january(13)


async def test_what_becomes_due_by_a_change_is_left_to_the_engine_at_once(ctx: Context) -> None:
    await a_plan(ctx, steps=[email_step("first", 3)])
    case = await a_case(ctx)
    await put_reminder_settings(ctx, receivable_of(case), grace_days=30)
    ctx = await run_at(ctx, january(20))
    assert (await case_timeline(ctx, case.id)).past == []
    await delete_reminder_settings(ctx, receivable_of(case))
    assert (await get_case(ctx, case.id)).next_action_at == ctx.now()
    await run_at(ctx, january(20))
    assert [o.outcome for o in (await case_timeline(ctx, case.id)).past] == ["done"]


async def test_a_closed_case_stays_closed(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    await record_payment(ctx, customer_id=case.customer_id, amount=(await _amount(ctx, case)), received_on=ctx.today())
    await run_at(ctx, january(6))
    closed = await get_case(ctx, case.id)
    assert closed.state == "closed"
    await put_reminder_settings(ctx, receivable_of(case), grace_days=3)
    assert await get_case(ctx, case.id) == closed


async def _amount(ctx: Context, case: Case) -> Money:
    return (await get_receivable(ctx, receivable_of(case))).amount


async def test_two_changes_at_once_come_one_after_the_other(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    changes = [put_reminder_settings(ctx, receivable_of(case), grace_days=days) for days in range(1, 7)]
    made = await asyncio.gather(*changes)
    assert sorted(settings.version for settings in made) == [1, 2, 3, 4, 5, 6]
    (last,) = [settings for settings in made if settings.version == 6]
    assert await get_reminder_settings(ctx, receivable_of(case)) == last


async def test_a_limited_collector_sets_only_for_own_customers(ctx: Context) -> None:
    await a_plan(ctx)
    mine = limited_to(ctx, await a_collector(ctx))
    own = await a_receivable(ctx, await a_customer(ctx, owner_id=mine.customers_of))
    other = await a_receivable(ctx, await a_customer(ctx), number="INV-2")
    await drain(react, ctx)
    await put_reminder_settings(ctx, other.id, grace_days=9)
    await put_reminder_settings(mine, own.id, grace_days=4)
    for attempt in (get_reminder_settings, put_reminder_settings, delete_reminder_settings):
        with pytest.raises(NotFound) as refused:
            await attempt(mine, other.id)
        assert isinstance(refused.value, DunwellError)
    async with reading(mine) as tx:
        assert [r[0] for r in await tx.fetch("select receivable_id from reminder_settings")] == [own.id]
    async with transaction(mine) as tx:
        assert await tx.execute("update reminder_settings set grace_days = 1") == "UPDATE 1"
        assert await tx.execute("delete from reminder_settings") == "DELETE 1"
    assert (await get_reminder_settings(ctx, other.id)).grace_days == 9


async def test_the_engine_and_a_change_at_once_leave_one_notice(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    ctx = await at(ctx, january(7))
    await asyncio.gather(run_at(ctx, january(7)), put_reminder_settings(ctx, receivable_of(case), grace_days=3))
    await run_at(ctx, january(7))
    assert len(await events_of(ctx, "notice.queued")) == 1
    assert (await get_case(ctx, case.id)).next_action_at == january(16)
