"""Steps whose notice somebody took out before it was released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.dunning import case_store
from domain.dunning.model import Occurrence
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.messaging.proposing import EXCLUDED, cancel_proposed
from domain.storage.transaction import sql

_CASES = """
  select k.case_id from (
    select case_id from notices where tenant_id = $1 and id = any($2)
    union select case_id from notice_receivables where tenant_id = $1 and notice_id = any($2)) k
  where k.case_id is not null order by k.case_id
"""
_OCCURRENCES = """
  select distinct on (o.case_id, o.step_key) o.*,
    (select max(number) from occurrences l where l.tenant_id = $1 and l.case_id = o.case_id and l.step_key = o.step_key) as last
  from occurrences o where o.tenant_id = $1 and o.case_id = any($2) and o.result_id = any($3)
  order by o.case_id, o.step_key, o.number desc
"""


async def leave_out(ctx: Context, notice_ids: Sequence[str]) -> set[str]:
    """Cancels those of these notices that still wait for their release, and records that their steps are left out; the open transaction's.

    The occurrence that made the notice stays; another one says that the step is not decided again. Cases are locked first, as the
    engine does.
    """
    rows = await sql(ctx).fetch(_CASES, ctx.tenant_id, list(notice_ids))
    case_ids = [row["case_id"] for row in rows]
    cases = {case.id: case for case in await case_store.lock_all(ctx, case_ids)}
    cancelled = await cancel_proposed(ctx, notice_ids, EXCLUDED)
    made = await sql(ctx).fetch(_OCCURRENCES, ctx.tenant_id, case_ids, list(cancelled))
    occurrences = [_left_out(ctx, row) for row in made]
    await case_store.add_occurrences(ctx, occurrences)
    emit(
        ctx,
        *(NewEvent("case.step_skipped", o.case_id, {"case": cases[o.case_id], "occurrence": o}) for o in occurrences),
    )
    return cancelled


def _left_out(ctx: Context, row: Any) -> Occurrence:
    values = {name: row[name] for name in case_store.OCCURRENCE_COLUMNS}
    return replace(
        case_store.occurrence_of(values),
        id=new_id("occ"),
        number=row["last"] + 1,
        decided_at=ctx.now(),
        outcome="skipped",
        reasons=[EXCLUDED],
        notice_id=None,
    )
