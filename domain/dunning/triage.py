"""Steps whose notice is taken out before it was released: by somebody, or because the next rung has been proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.dunning import case_store, occurrence_store
from domain.dunning.decided import Decided
from domain.dunning.model import Occurrence
from domain.dunning.rules.walk import SUPERSEDED
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
_EARLIER = """
  select n.id from notices n
  where n.tenant_id = $1 and n.customer_id = any($2) and n.state = 'proposed' and n.audience = 'customer' and n.id <> all($3)
    and n.case_id = any($4) and not exists (
      select 1 from notice_receivables r where r.tenant_id = $1 and r.notice_id = n.id and r.case_id <> all($4))
"""
_OCCURRENCES = """
  select distinct on (o.case_id, o.step_key) o.*,
    (select max(number) from occurrences l where l.tenant_id = $1 and l.case_id = o.case_id and l.step_key = o.step_key) as last
  from occurrences o where o.tenant_id = $1 and o.case_id = any($2) and o.result_id = any($3)
  order by o.case_id, o.step_key, o.number desc
"""


async def leave_out(ctx: Context, notice_ids: Sequence[str], reason: str = EXCLUDED) -> set[str]:
    """Cancels those of these notices that still wait for their release, and records that their steps are left out; the open transaction's.

    The occurrence that made the notice stays; another one says that the step is not decided again. Cases are locked first, as the
    engine does.
    """
    rows = await sql(ctx).fetch(_CASES, ctx.tenant_id, list(notice_ids))
    case_ids = [row["case_id"] for row in rows]
    cases = {case.id: case for case in await case_store.lock_all(ctx, case_ids)}
    cancelled = await cancel_proposed(ctx, notice_ids, reason)
    made = await sql(ctx).fetch(_OCCURRENCES, ctx.tenant_id, case_ids, list(cancelled))
    occurrences = [_left_out(ctx, row, reason) for row in made]
    await occurrence_store.add(ctx, occurrences)
    emit(
        ctx,
        *(NewEvent("case.step_skipped", o.case_id, {"case": cases[o.case_id], "occurrence": o}) for o in occurrences),
    )
    return cancelled


async def supersede_proposals(ctx: Context, decided: Sequence[Decided], occurrences: Sequence[Occurrence]) -> None:
    """Of what a case proposes only the latest is left: an earlier notice that nobody has released gives way, as after an outage.

    One that is about cases besides, of which nothing has been written now, stays. Plans without manual release cost no statement.
    """
    manual = {one.case.id for one in decided if one.control.release == "manual"}
    made = {o.case_id: o.notice_id for o in occurrences if o.case_id in manual and o.notice_id is not None}
    if not made:
        return
    rows = await sql(ctx).fetch(
        _EARLIER,
        ctx.tenant_id,
        list({one.case.customer_id for one in decided if one.case.id in made}),
        list(made.values()),
        list(made),
    )
    if rows:
        await leave_out(ctx, [row["id"] for row in rows], SUPERSEDED)


def _left_out(ctx: Context, row: Any, reason: str) -> Occurrence:
    values = {name: row[name] for name in occurrence_store.OCCURRENCE_COLUMNS}
    return replace(
        occurrence_store.occurrence_of(values),
        id=new_id("occ"),
        number=row["last"] + 1,
        decided_at=ctx.now(),
        outcome="skipped",
        reasons=[reason],
        notice_id=None,
    )
