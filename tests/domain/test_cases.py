"""Looking at cases, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.dunning.cases import case_timeline, get_case, list_cases
from domain.dunning.reactions import react
from domain.kernel.context import Context
from domain.kernel.errors import Forbidden, NotFound
from domain.kernel.paging import PageRequest
from tests.factories import tenant_context
from tests.factories_dunning import a_case, a_debtor, a_plan, a_receivable, drain, run_at


async def test_cases_are_listed_by_customer_receivable_and_state(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    other = await a_debtor(ctx)
    await a_receivable(ctx, other, number="INV-2")
    await a_receivable(ctx, other, number="INV-3")
    await drain(react, ctx)
    assert (await list_cases(ctx, PageRequest(), receivable_id=case.receivable_id)).items == [case]
    assert len((await list_cases(ctx, PageRequest(), customer_id=other.id)).items) == 2
    assert len((await list_cases(ctx, PageRequest(), state="active")).items) == 3
    assert (await list_cases(ctx, PageRequest(), state="closed")).items == []
    first = await list_cases(ctx, PageRequest(limit=2))
    rest = await list_cases(ctx, PageRequest(limit=2, after=first.next_key))
    assert len({c.id for c in [*first.items, *rest.items]}) == 3


async def test_the_future_of_a_new_case_is_its_whole_plan(ctx: Context) -> None:
    await a_plan(ctx)
    timeline = await case_timeline(ctx, (await a_case(ctx)).id)
    assert timeline.past == []
    assert [(s.step_key, s.action) for s in timeline.future] == [
        ("friendly", "email"),
        ("first", "email"),
        ("call", "task"),
        ("firm", "email"),
        ("legal", "escalation"),
    ]


async def test_what_the_timeline_foretells_is_what_happens(ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    foretold = (await case_timeline(ctx, case.id)).future
    for step in foretold:
        await run_at(ctx, step.due_at)
    past = (await case_timeline(ctx, case.id)).past
    assert [(o.step_key, o.due_at, o.action) for o in past] == [(s.step_key, s.due_at, s.action) for s in foretold]
    assert [o.decided_at for o in past] == [s.due_at for s in foretold]


async def test_the_timeline_of_a_finished_ladder_has_an_empty_future(ctx: Context) -> None:
    await a_plan(ctx, steps=[{**step} for step in _two_emails()])
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 2, 1, tzinfo=UTC))
    timeline = await case_timeline(ctx, case.id)
    assert (timeline.case.state, timeline.case.next_action_at, timeline.future) == ("active", None, [])
    assert [(o.outcome, o.reasons) for o in timeline.past] == [("skipped", ["superseded"]), ("done", [])]


async def test_unknown_cases_and_missing_scopes_are_refused(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_case(ctx, "cas_00000000000000000000000000")
    assert missing.value.code == "case_not_found"
    with pytest.raises(NotFound):
        await case_timeline(ctx, "cas_00000000000000000000000000")
    with pytest.raises(Forbidden):
        await list_cases(await tenant_context(ctx.tenant_id, frozenset()), PageRequest())


def _two_emails() -> list[dict[str, object]]:
    action = {"type": "email", "template": "overdue_notice"}
    return [{"key": f"s{n}", "offset_days": n, "time_of_day": "09:00", "action": action} for n in (1, 5)]
