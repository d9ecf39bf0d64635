"""One receivable's reminders explained: which plan and why, what happened and why not, and what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.demo.client import Client

Json = dict[str, Any]


async def explanation_lines(client: Client, receivable_id: str, notices: Sequence[Json]) -> list[str]:
    """As the API tells it."""
    plan = await client.get(f"/v1/receivables/{receivable_id}/effective-plan")
    (case,) = [one async for one in client.list("/v1/cases", receivable_id=receivable_id)]
    timeline = await client.get(f"/v1/cases/{case['id']}/timeline")
    return explained(plan, timeline, {notice["id"]: notice for notice in notices})


async def explanation_now(client: Client, receivable_id: str) -> Json:
    """Why the receivable is, or is not, being reminded of at this moment."""
    found: Json = await client.get(f"/v1/receivables/{receivable_id}/explain")
    return found


def in_the_way(explanation: Json) -> str:
    """PURE: what keeps the next step back, in the API's own words."""
    step, told = explanation["next_step"], [f"{one['code']}: {one['message']}" for one in explanation["blockers"]]
    following = "nothing to come" if step is None else f"next is {step['step_key']} at {explanation['eligible_from']}"
    return "; ".join([following, *(told or ["nothing is in the way"])])


def explained(plan: Json, timeline: Json, notices: dict[str, Json]) -> list[str]:
    """PURE: the lines."""
    winner, case = plan["winner"], timeline["case"]
    lines = [f"  plan        {winner['plan_name']!r} by {winner['source']}, version {winner['version']}"]
    for step in timeline["past"]:
        notice = notices.get(step["notice_id"] or "")
        told = f" by {notice['channel']}" if notice else ""
        waited = f", after waiting for {', '.join(step['reasons'])}" if step["reasons"] else ""
        lines.append(f"  {step['decided_at'][:10]}  {step['step_key']:<11} {step['outcome']}{told}{waited}")
    lines += [f"  {step['due_at'][:10]}  {step['step_key']:<11} to come" for step in timeline["future"]]
    return [*lines, f"  now         the case is {case['state']}, {len(timeline['future'])} steps to come"]
