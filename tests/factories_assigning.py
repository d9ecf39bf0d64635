"""Plans beside the default one and rules that choose them, for tests, made through the use cases."""

from __future__ import annotations

from typing import Any

from domain.dunning.model import ReminderPlan
from domain.dunning.plan_assignments import create_plan_assignment
from domain.kernel.context import Context
from domain.segments.segments import create_segment
from tests.factories_dunning import a_plan, email_step

IS_C = {"field": "grade", "op": "eq", "value": "C"}
IS_PARTNER = {"field": "tags", "op": "contains", "value": "partner"}
OTHER = [email_step("only", 20)]


async def another_plan(ctx: Context, name: str = "Other", **more: Any) -> ReminderPlan:
    """A published plan that is not the default one and begins 20 days after the due date."""
    return await a_plan(ctx, **{"name": name, "steps": OTHER, "is_default": False, **more})


async def a_plan_that_does_nothing(ctx: Context) -> ReminderPlan:
    """Published, without steps."""
    return await a_plan(ctx, name="Nothing", steps=[], is_default=False, does_nothing=True)


async def a_rule(ctx: Context, predicate: Any, plan: ReminderPlan, priority: int = 1) -> str:
    """The id of an assignment: customers of whom the predicate is true get the plan."""
    segment = await create_segment(ctx, name=f"Segment {priority}", predicate=predicate)
    made = await create_plan_assignment(ctx, segment_id=segment.id, plan_id=plan.id, priority=priority)
    return made.id
