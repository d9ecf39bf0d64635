"""What dunning makes of what became of notices: a lost one has the case look again, a reply is kept, a doubt that is over is closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.collections.activities import note_activities
from domain.collections.model import ActivityDraft
from domain.collections.tasks import complete_tasks_of_notices
from domain.kernel.context import Context
from domain.messaging.listing import with_receivables
from domain.messaging.model import Notice
from domain.messaging.receipts import blame_addresses
from domain.messaging.store import notices_by_ids

NOTICE_BOUNCED = "notice.bounced"
NOTICE_FAILED = "notice.failed"
NOTICE_REPLIED = "notice.replied"
KINDS = (NOTICE_BOUNCED, NOTICE_FAILED, NOTICE_REPLIED)
RESOLVING = (
    "notice.sent",
    "notice.delivered",
    "notice.read",
    "notice.clicked",
    "notice.replied",
    "notice.bounced",
    "notice.failed",
)
"""Events that end a doubt where the notice's state was unknown before."""

_NO_DOUBT = "A receipt has told what became of the reminder: {state}."


async def react_to_deliveries(ctx: Context, events: Sequence[Any]) -> list[str]:
    """Does what the events ask for; answers the cases to be decided again, those whose notice did not arrive."""
    told = [(event["type"], msgspec.json.decode(event["data"])) for event in events]
    lost = [data["notice"]["id"] for kind, data in told if kind in (NOTICE_BOUNCED, NOTICE_FAILED)]
    named: list[Notice] = []
    if lost:
        # Receipts blame the address at once; a refusal while sending is blamed here, after the sender's locks are gone.
        notices = await notices_by_ids(ctx, lost)
        await blame_addresses(ctx, notices)
        named = await with_receivables(ctx, notices)
    replies = [data for kind, data in told if kind == NOTICE_REPLIED]
    if replies:
        await note_activities(ctx, [_activity(data["notice"], data["receipt"]) for data in replies])
    resolved = {data["notice"]["id"]: data["notice"]["state"] for _, data in told if _ends_doubt(data)}
    if resolved:
        await complete_tasks_of_notices(ctx, {key: _NO_DOUBT.format(state=state) for key, state in resolved.items()})
    return [
        case_id
        for notice in named
        for case_id in (notice.case_id, *(one.case_id for one in notice.receivables))
        if case_id
    ]


def cases_of(notice: dict[str, Any]) -> Iterator[str]:
    """The cases that a notice was for: of one that names several receivables, each of them has its own."""
    for one in (notice, *notice.get("receivables", ())):
        if one["case_id"]:
            yield one["case_id"]


def _ends_doubt(data: dict[str, Any]) -> bool:
    return data.get("previous_state") == "unknown"


def _activity(notice: dict[str, Any], receipt: dict[str, Any]) -> ActivityDraft:
    text = receipt["detail"].strip()
    said = f"Answered the reminder {notice['id']} through {notice['channel']}"
    return ActivityDraft(
        customer_id=notice["customer_id"],
        receivable_id=notice["receivable_id"],
        kind="message",
        outcome="reached",
        summary=f"{said}:\n{text}" if text else f"{said}.",
        occurred_at=datetime.fromisoformat(receipt["occurred_at"]),
    )
