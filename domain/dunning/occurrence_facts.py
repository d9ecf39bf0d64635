"""What became of the steps of cases so far, for a whole batch in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from domain.dunning.model import Case
from domain.dunning.rules.account import Past
from domain.dunning.rules.facts import LastOccurrence
from domain.kernel.context import Context
from domain.storage.transaction import sql


async def occurrences_of(ctx: Context, cases: Sequence[Case]) -> dict[str, list[Past]]:
    """By case, in the order of step and number.

    A notice that was cancelled before it left, or bounced, has not reminded anybody. A bounced one is written again, elsewhere, unless
    a later step has written meanwhile: the ladder never goes back.
    """
    rows = await sql(ctx).fetch(
        """
        select o.case_id, o.step_key, o.number, o.due_at, o.outcome, o.reasons, o.action, o.decided_at, o.branch,
          o.anchor_receivable_id, n.state as notice_state, n.channel as notice_channel
        from unnest($2::text[]) as wanted(id)
        cross join lateral (
          select * from occurrences where tenant_id = $1 and case_id = wanted.id order by step_key, number) o
        left join lateral (select state, channel from notices where tenant_id = $1 and id = o.result_id limit 1) n on true
        """,
        ctx.tenant_id,
        [case.id for case in cases],
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(row)
    return {case_id: _told(of_case) for case_id, of_case in found.items()}


def _told(rows: Sequence[Any]) -> list[Past]:
    last = max((row["decided_at"] for row in rows if _reminded(row)), default=None)
    latest = {row["step_key"]: row["number"] for row in rows}
    return [
        _past(
            row,
            withdrawn=row["notice_state"] == "cancelled"
            or (
                row["notice_state"] == "bounced"
                and latest[row["step_key"]] == row["number"]
                and (last is None or last < row["decided_at"])
            ),
        )
        for row in rows
    ]


def _reminded(row: Any) -> bool:
    """Whether it made a notice that reached, or may still reach, the customer."""
    return row["notice_state"] is not None and row["notice_state"] not in ("cancelled", "failed", "bounced")


def _past(row: Any, *, withdrawn: bool) -> Past:
    last = LastOccurrence(
        number=row["number"],
        outcome=row["outcome"],
        reasons=() if row["reasons"] == "[]" else tuple(msgspec.json.decode(row["reasons"])),
        is_escalation=row["action"] == "escalation",
        withdrawn=withdrawn,
        reminded_at=row["decided_at"] if _reminded(row) else None,
        due_at=row["due_at"],
        decided_at=row["decided_at"],
        branch=row["branch"],
        notice_state=row["notice_state"],
        notice_channel=row["notice_channel"],
    )
    return Past(step_key=row["step_key"], about=row["anchor_receivable_id"], decided_at=row["decided_at"], last=last)
