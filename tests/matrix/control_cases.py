"""Calls of the use cases that run plans under control."""

from __future__ import annotations

from domain.dunning.plan_control import pause_plan
from tests.factories_dunning import a_plan
from tests.matrix.registry import Victim, one


async def _running(v: Victim) -> str:
    return (await a_plan(v.ctx)).id


async def _paused(v: Victim) -> str:
    return (await pause_plan(v.ctx, await _running(v))).id


one(_running, "plan_id", "pause_plan")
one(_paused, "plan_id", "resume_plan")
