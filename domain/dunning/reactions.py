"""What dunning makes of events: new debts get a case, changed ones are looked at again, lost notices become a task.

Each tenant's events are read in their order from where the last reaction ended; that position moves in the transaction
of what the events caused, so each is reacted to exactly once. Reactions of one tenant wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.collections.model import TaskDraft
from domain.collections.tasks import open_tasks
from domain.dunning import case_members, opening
from domain.dunning.delivery_reactions import KINDS, RESOLVING, cases_of, react_to_deliveries
from domain.dunning.plan_control import wake_idle, wake_paused
from domain.dunning.rescheduling import follow_plans_of_all
from domain.kernel.context import Context
from domain.messaging.proposing import withdraw_unwanted
from domain.storage.doors import tenants_through
from domain.storage.transaction import sql, transaction

OPENS = "receivable.created"
OPENS_ALL = "reminder_plan.published"
MOVES_ALL = "plan_assignments.apply_requested"
PLAN_RESUMED = "reminder_plan.resumed"
PLAN_WENT_LIVE = "reminder_plan.went_live"
_OF_ALL = (OPENS_ALL, MOVES_ALL, PLAN_RESUMED, PLAN_WENT_LIVE)
WAKES_RECEIVABLE = (
    "receivable.updated",
    "receivable.paid",
    "receivable.partly_paid",
    "receivable.reopened",
    "receivable.written_off",
    "receivable.cancelled",
)
WAKES_CUSTOMER = "customer.updated"
NOTICE_CANCELLED = "notice.cancelled"
NOTICE_UNKNOWN = "notice.unknown"
HOLDS = ("hold.placed", "hold.updated", "hold.released", "hold.expired")
POLICY_UPDATED = "contact_policy.updated"
ACCOUNTS = ("channel_account.created", "channel_account.enabled")
_KINDS = [
    OPENS,
    *_OF_ALL,
    *WAKES_RECEIVABLE,
    WAKES_CUSTOMER,
    NOTICE_CANCELLED,
    NOTICE_UNKNOWN,
    *KINDS,
    *HOLDS,
    POLICY_UPDATED,
    *ACCOUNTS,
]


@dataclass(frozen=True, slots=True)
class _Read:
    """Events to react to now, and the position in the log once that is done."""

    events: Sequence[Any]
    position: int


async def react(ctx: Context, limit: int = 2000) -> int:
    """Reacts to up to `limit` events of the tenant; how many, 0 when nothing is left that matters here."""
    async with transaction(ctx):
        read = await _read(ctx, limit)
        if not (read.events and read.events[0]["type"] in _OF_ALL):
            await _react_to(ctx, read.events)
            await _advance(ctx, read.position)
            return len(read.events)
    # A plan may apply to more receivables than one transaction should hold; until all are done the position stays.
    await _react_to_all(ctx, read.events[0]["type"], read.events[0]["object_id"])
    async with transaction(ctx):
        await _advance(ctx, read.position)
    return 1


async def tenants_to_react(most: int = 1000) -> list[str]:
    """Tenants with events that have not been reacted to."""
    return await tenants_through("door_tenants_to_react", most)


async def _read(ctx: Context, limit: int) -> _Read:
    """The next events of interest: either one that concerns everything, alone, or those before the next such one."""
    tx = sql(ctx)
    await opening.wait_for_turn(ctx)
    stream = await tx.fetchrow(
        "select reacted_sequence, last_sequence from event_streams where tenant_id = $1", ctx.tenant_id
    )
    assert stream is not None
    events = await tx.fetch(
        "select sequence, type, object_id, case when type like 'notice.%' or type like 'hold.%' then data end as data from events"
        " where tenant_id = $1 and sequence > $2 and sequence <= $3"
        " and (type = any($4) or (type = any($6) and data::jsonb ->> 'previous_state' = 'unknown')) order by sequence limit $5",
        ctx.tenant_id,
        stream["reacted_sequence"],
        stream["last_sequence"],
        _KINDS,
        limit,
        list(RESOLVING),
    )
    all_at = next((n for n, event in enumerate(events) if event["type"] in _OF_ALL), None)
    if all_at is not None:
        events = events[: max(all_at, 1)]
        return _Read(events, events[-1]["sequence"])
    return _Read(events, events[-1]["sequence"] if len(events) == limit else stream["last_sequence"])


async def _react_to_all(ctx: Context, kind: str, object_id: str) -> None:
    if kind == OPENS_ALL:
        await opening.open_for_all(ctx, object_id)
    elif kind == PLAN_RESUMED:
        await wake_paused(ctx, object_id)
    elif kind == PLAN_WENT_LIVE:
        await wake_idle(ctx, object_id)
    else:
        await follow_plans_of_all(ctx)


async def _react_to(ctx: Context, events: Sequence[Any]) -> None:
    await opening.open_cases(ctx, _objects(events, OPENS))
    changed = _objects(events, *WAKES_RECEIVABLE)
    await opening.reopen_cases(ctx, changed)
    await _wake(ctx, "receivable_id", changed)
    await case_members.wake(ctx, changed)
    customers, holds = _objects(events, WAKES_CUSTOMER), [_held(event) for event in events if event["type"] in HOLDS]
    await _wake(ctx, "customer_id", customers)
    await _wake_held(ctx, holds)
    await withdraw_unwanted(ctx, changed, [*customers, *(hold["customer_id"] for hold in holds)])
    if any(event["type"] == POLICY_UPDATED for event in events):
        await _wake_deferred(ctx)
    if any(event["type"] in ACCOUNTS for event in events):
        await _wake_without_account(ctx)
    cancelled = [_notice(event) for event in events if event["type"] == NOTICE_CANCELLED]
    await _wake(ctx, "id", {case_id for notice in cancelled for case_id in cases_of(notice)})
    if deliveries := [event for event in events if event["type"] in RESOLVING]:
        await _wake(ctx, "id", await react_to_deliveries(ctx, deliveries))
    lost = [_notice(event) for event in events if event["type"] == NOTICE_UNKNOWN]
    if lost:
        await open_tasks(ctx, [_task_for(notice) for notice in lost])


async def _wake(ctx: Context, column: str, ids: Iterable[str]) -> None:
    """Has the engine look at these cases again; it decides from the facts as they are then."""
    wanted = list(ids)
    if wanted:
        await sql(ctx).execute(
            f"update cases set next_action_at = $3 where tenant_id = $1 and {column} = any($2) and state <> 'closed'",
            ctx.tenant_id,
            wanted,
            ctx.now(),
        )


async def _wake_held(ctx: Context, holds: Sequence[dict[str, Any]]) -> None:
    receivables = {hold["receivable_id"] for hold in holds if hold["receivable_id"]}
    await _wake(ctx, "receivable_id", receivables)
    await case_members.wake(ctx, receivables)
    await _wake(ctx, "customer_id", {hold["customer_id"] for hold in holds if not hold["receivable_id"]})


async def _wake_deferred(ctx: Context) -> None:
    """By new rules of contact what waited may be allowed earlier, or later."""
    await sql(ctx).execute(
        "update cases set next_action_at = $2 where tenant_id = $1 and next_action_at > $2 and deferred_until is not null",
        ctx.tenant_id,
        ctx.now(),
    )


async def _wake_without_account(ctx: Context) -> None:
    """What was held because nothing could leave through its channel may leave now."""
    await sql(ctx).execute(
        """
        update cases set next_action_at = $2 where tenant_id = $1 and state = 'active' and id in (
          select case_id from occurrences where tenant_id = $1 and outcome = 'held'
            and reasons ?| array['channel_not_configured', 'no_channel_account'])
        """,
        ctx.tenant_id,
        ctx.now(),
    )


async def _advance(ctx: Context, position: int) -> None:
    """The last statement, since the row is the one that every writer of events takes last."""
    await sql(ctx).execute(
        "update event_streams set reacted_sequence = $2 where tenant_id = $1 and reacted_sequence < $2",
        ctx.tenant_id,
        position,
    )


def _objects(events: Sequence[Any], *kinds: str) -> list[str]:
    return list(dict.fromkeys(event["object_id"] for event in events if event["type"] in kinds))


def _notice(event: Any) -> dict[str, Any]:
    notice: dict[str, Any] = msgspec.json.decode(event["data"])["notice"]
    return notice


def _held(event: Any) -> dict[str, Any]:
    hold: dict[str, Any] = msgspec.json.decode(event["data"])["hold"]
    return hold


def _task_for(notice: dict[str, Any]) -> TaskDraft:
    return TaskDraft(
        title=f"Check with the mail provider whether the reminder {notice['id']} was sent",
        description=(
            "The connection ended before the answer came, so the outcome is unknown; it is not sent again."
            f" The provider knows it by its Message-ID {notice['message_id']}."
        ),
        customer_id=notice["customer_id"],
        receivable_id=notice["receivable_id"],
        case_id=notice["case_id"],
        step_key=notice["step_key"],
        notice_id=notice["id"],
    )
