"""Calls of segments, and of what says which reminder plan applies."""

from __future__ import annotations

from domain.dunning.customer_settings import put_customer_reminder_settings
from domain.dunning.plan_assignments import create_plan_assignment
from domain.segments.segments import create_segment
from domain.storage.transaction import reading
from tests.factories_dunning import a_plan
from tests.factories_ledger import a_receivable
from tests.matrix.registry import Call, Victim, case, one, plain, secret_customer, secret_customer_id

IS_C = {"field": "grade", "op": "eq", "value": "C"}


async def _segment(v: Victim) -> str:
    return (await create_segment(v.ctx, name="Hushed segment", predicate=IS_C)).id


plain("create_segment", body={"name": "New", "predicate": IS_C})
plain("list_segments")
one(_segment, "segment_id", "get_segment", "delete_segment", "count_segment")
one(_segment, "segment_id", "update_segment", body={"name": "Changed"})


async def _plan(v: Victim) -> str:
    return (await a_plan(v.ctx, name="Hushed plan", is_default=False)).id


async def _free_priority(v: Victim) -> int:
    async with reading(v.ctx) as tx:
        taken: int = await tx.fetchval(
            "select coalesce(max(priority), 0) from plan_assignments where tenant_id = $1", v.ctx.tenant_id
        )
    return taken + 1


async def _assignment(v: Victim) -> str:
    segment_id, plan_id = await _segment(v), await _plan(v)
    made = await create_plan_assignment(v.ctx, segment_id=segment_id, plan_id=plan_id, priority=await _free_priority(v))
    return made.id


@case("create_plan_assignment")
async def _create_plan_assignment(v: Victim) -> Call:
    body = {"segment_id": await _segment(v), "plan_id": await _plan(v), "priority": await _free_priority(v)}
    return Call(body=body)


plain("list_plan_assignments")
plain("apply_plan_assignments")
one(_assignment, "assignment_id", "get_plan_assignment", "delete_plan_assignment")


@case("update_plan_assignment")
async def _update_plan_assignment(v: Victim) -> Call:
    return Call(path={"assignment_id": await _assignment(v)}, body={"priority": await _free_priority(v)})


async def _with_plan(v: Victim) -> str:
    customer_id = await secret_customer_id(v)
    await put_customer_reminder_settings(v.ctx, customer_id, plan_id=await _plan(v))
    return customer_id


one(_with_plan, "customer_id", "get_customer_reminder_settings", "delete_customer_reminder_settings")


@case("put_customer_reminder_settings")
async def _put_customer_reminder_settings(v: Victim) -> Call:
    return Call(path={"customer_id": await secret_customer_id(v)}, body={"plan_id": await _plan(v)})


async def _receivable(v: Victim) -> str:
    return (await a_receivable(v.ctx, await secret_customer(v))).id


one(_receivable, "receivable_id", "get_receivable_plan", "explain_receivable")
one(_with_plan, "customer_id", "get_customer_plan")
one(
    _plan,
    "plan_id",
    "simulate_plan",
    body={"debt": {"amount": {"amount": "100.00", "currency": "CNY"}, "due_on": "2026-03-01"}},
)
