"""What a timeline tells beforehand is what happens when the clock moves and nothing else does: days, outcomes, reasons and texts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.dunning.cases import case_timeline
from domain.dunning.timeline_model import CaseTimeline, FutureStep, PastStep
from domain.kernel.context import Context
from domain.messaging.contact_policy_model import WEEKDAYS, BlackoutDates, ContactHours
from domain.messaging.notices import get_notice
from domain.messaging.rules.contact_policy_fields import a_cap
from domain.storage.transaction import reading
from tests.factories_dunning import a_debtor, a_plan, a_receivable, case_of
from tests.factories_policy import set_policy
from tests.scenarios.life import Life

OFFICE = ContactHours(weekdays=list(WEEKDAYS[:5]), from_time="10:00", to_time="16:00")
EVENING = ContactHours(weekdays=list(WEEKDAYS), from_time="18:00", to_time="20:00")
HOURS: list[dict[str, Any]] = [
    {"time_of_day": "09:00"},
    {"time_of_day": "19:30"},
    {"window": {"from": "08:00", "to": "18:30"}},
]
LETTERS = [{"type": "email", "template": name} for name in ("friendly_reminder", "overdue_notice", "firm_notice")]
ACTIONS: list[dict[str, Any]] = [
    *LETTERS,
    {"type": "notice", "channels": ["sms", "email"], "template": "overdue_notice", "tone": "firm"},
    {"type": "notice", "channels": ["email"], "template": "overdue_notice", "new_due_days": 10},
    {"type": "task", "title": "Call"},
    {"type": "webhook"},
    {"type": "escalation", "level": "legal"},
]
CONDITIONS = st.sampled_from(
    [
        {"field": "days_overdue", "op": "gte", "value": 5},
        {"field": "notices_sent", "op": "lt", "value": 2},
        {"field": "grade", "op": "eq", "value": "C"},
    ]
)
SILENT = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five steps that lead forward."""
    count, steps = draw(st.integers(1, 5)), []
    for position in range(count):
        step = {
            "key": f"s{position}",
            "offset_days": draw(st.integers(-3, 25)),
            "action": draw(st.sampled_from(ACTIONS)),
            "catch_up": draw(st.sampled_from(["latest", "latest", "all"])),
            **draw(st.sampled_from(HOURS)),
        }
        if draw(st.integers(0, 3)) == 0:
            step["condition"] = draw(CONDITIONS)
        if position < count - 1 and draw(st.integers(0, 3)) == 0:
            step["branches"] = [{"when": draw(CONDITIONS), "go_to": f"s{count - 1}"}]
        if draw(st.integers(0, 3)) == 0 and position:
            step |= {"relative_to": "previous_step", "offset_days": draw(st.integers(0, 9))}
        steps.append(step)
    return steps


OPTIONS = st.sampled_from([{}, {}, {"combine": True}, {"maximum_notices": 1}, {"combine": True, "maximum_notices": 2}])


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """What the tenant allows."""
    return {
        "contact_hours": draw(st.sampled_from([[], [OFFICE], [EVENING]])),
        "business_days_only": draw(st.booleans()),
        "caps": draw(st.sampled_from([[], [a_cap(per="customer", most=1, days=5)]])),
        "minimum_gap_hours": draw(st.sampled_from([None, None, 30])),
    }


@SILENT
@given(
    steps=plans(),
    options=OPTIONS,
    policy=policies(),
    dues=st.lists(st.integers(4, 12), min_size=1, max_size=3),
    closed=st.booleans(),
)
async def test_what_is_told_beforehand_happens(
    ctx: Context,
    steps: list[dict[str, Any]],
    options: dict[str, Any],
    policy: dict[str, Any],
    dues: list[int],
    closed: bool,
) -> None:
    life = Life(ctx)
    today = await _fresh_day(life)
    if closed:
        policy["blackout_dates"] = [BlackoutDates(from_on=today + timedelta(days=9), to_on=today + timedelta(days=15))]
    await set_policy(life.ctx, **policy)
    await a_plan(life.ctx, steps=steps, options=options)
    customer = await a_debtor(life.ctx)
    owed = [
        await a_receivable(life.ctx, customer, number=f"INV-{n}", due_on=today + timedelta(days=days))
        for n, days in enumerate(dues)
    ]
    await life.work()
    cases = [(await case_of(life.ctx, receivable)).id for receivable in owed]
    told = [await case_timeline(life.ctx, case_id, texts=True) for case_id in cases]
    await life.until(today + timedelta(days=90))
    for before, case_id in zip(told, cases, strict=True):
        await _compare(life.ctx, before, await case_timeline(life.ctx, case_id))


async def _fresh_day(life: Life) -> Any:
    """Examples share a tenant, whose clock only goes on: each begins where the one before it ended."""
    async with reading(life.ctx) as tx:
        stands_at = await tx.fetchval("select clock_at from tenants where id = $1", life.ctx.tenant_id)
    if stands_at is not None and stands_at > life.ctx.now():
        await life.jump(stands_at + timedelta(hours=1))
    return life.ctx.today()


async def _compare(ctx: Context, before: CaseTimeline, now: CaseTimeline) -> None:
    happened = [_moment(one, one.decided_at) for one in now.past]
    assert [_moment(one, one.expected_at) for one in before.future] == happened[len(before.past) :]
    for expected, one in zip(before.future, now.past[len(before.past) :], strict=True):
        assert expected.channel == one.channel
        if one.notice_id is not None:
            notice = await get_notice(ctx, one.notice_id)
            assert (expected.subject, expected.body) == (notice.subject, notice.body)
            assert expected.new_due_on == notice.new_due_on


def _moment(one: FutureStep | PastStep, at: datetime) -> tuple[str, str, list[str], datetime]:
    return one.step_key, one.outcome, one.reasons, at
