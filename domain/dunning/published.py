"""Whether a plan that somebody names can be followed."""

from __future__ import annotations

from domain.dunning import plan_store
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput, NotFound


async def check_plan(ctx: Context, plan_id: str, *, may_be_draft: bool = False) -> None:
    """Raises InvalidInput at /plan_id (`unknown_plan`, `plan_not_published`)."""
    try:
        plan = await plan_store.get(ctx, plan_id)
    except NotFound as missing:
        raise InvalidInput.at("/plan_id", "unknown_plan", f"There is no reminder plan {plan_id!r}.") from missing
    if plan.published_version is None and not may_be_draft:
        raise InvalidInput.at("/plan_id", "plan_not_published", "Only a published plan can be followed.")
