"""What became of the steps of cases so far, for a whole batch in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from domain.dunning.model import Case
from domain.dunning.rules.account import Past
from domain.dunning.rules.facts import LastOccurrence
from domain.kernel.context import Context
from domain.storage.transaction import sql


async def occurrences_of(ctx: Context, cases: Sequence[Case]) -> dict[str, list[Past]]:
    """By case, in the order of step and number.

    A notice that was cancelled before it left, failed or bounced, has not reminded anybody. What an alert told the tenant's own people
    is nothing that the customer heard.
    """
    rows = await sql(ctx).fetch(
        """
        select o.case_id, o.step_key, o.number, o.due_at, o.outcome, o.reasons, o.action, o.decided_at, o.branch, o.shadow,
          o.anchor_receivable_id, n.state as notice_state, n.channel as notice_channel, n.new_due_on, n.sent_at
        from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select * from occurrences where tenant_id = $1 and case_id = wanted.id order by step_key, number) o
        left join lateral (
          select state, channel, new_due_on, sent_at from notices
          where tenant_id = $1 and id = o.result_id and audience = 'customer' limit 1) n on true
        """,
        ctx.tenant_id,
        [case.id for case in cases],
    )
    found: dict[str, list[Past]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(_past(row))
    return found


def _reminded(row: Any) -> bool:
    """Whether it made a notice that reached, or may still reach, the customer."""
    return row["notice_state"] is not None and row["notice_state"] not in ("cancelled", "failed", "bounced")


def _past(row: Any) -> Past:
    last = LastOccurrence(
        number=row["number"],
        outcome=row["outcome"],
        reasons=() if row["reasons"] == "[]" else tuple(msgspec.json.decode(row["reasons"])),
        is_escalation=row["action"] == "escalation",
        withdrawn=row["notice_state"] == "cancelled",
        reminded_at=row["decided_at"] if _reminded(row) else None,
        due_at=row["due_at"],
        decided_at=row["decided_at"],
        branch=row["branch"],
        notice_state=row["notice_state"],
        notice_channel=row["notice_channel"],
        left_at=row["sent_at"],
        new_due_on=row["new_due_on"] if _reminded(row) else None,
    )
    if row["shadow"] is not None:
        last = _as_told(last, row["shadow"])
    return Past(step_key=row["step_key"], about=row["anchor_receivable_id"], decided_at=row["decided_at"], last=last)


def _as_told(last: LastOccurrence, shadow: str) -> LastOccurrence:
    told = msgspec.json.decode(shadow)
    return replace(last, would_be=told["outcome"], would_use=told["channel"])
