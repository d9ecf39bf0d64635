"""Notices that wait for somebody to release them: released, or cancelled because they are not wanted any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domain.events.log import emit
from domain.kernel.context import Context
from domain.messaging import store
from domain.messaging.intent_store import integrator_accounts
from domain.messaging.listing import with_receivables
from domain.messaging.lock_facts import lock_proposed
from domain.messaging.model import Notice
from domain.messaging.notices import notice_event
from domain.messaging.rules.sending import objection
from domain.storage.transaction import sql

EXCLUDED = "excluded_in_triage"
_CHUNK = 500


async def release_proposed(ctx: Context, ids: Sequence[str]) -> set[str]:
    """Queues those of these notices that still wait, in the open transaction: due at once, and looked at again as ever when sent."""
    rows = await sql(ctx).fetch(
        """
        update notices set state = 'queued', version = version + 1,
          next_attempt_at = case when channel = any($4) then null else $3::timestamptz end,
          offered_at = case when channel = any($4) then $3::timestamptz end
        where tenant_id = $1 and id = any($2) and state = 'proposed' returning id
        """,
        ctx.tenant_id,
        list(ids),
        ctx.now(),
        list(await integrator_accounts(ctx)),
    )
    released = [row["id"] for row in rows]
    await _tell(ctx, released)
    return set(released)


async def cancel_proposed(ctx: Context, ids: Sequence[str], reason: str) -> set[str]:
    """Cancels those of these notices that still wait, in the open transaction."""
    rows = await sql(ctx).fetch(
        "update notices set state = 'cancelled', reason = $3, version = version + 1"
        " where tenant_id = $1 and id = any($2) and state = 'proposed' returning id",
        ctx.tenant_id,
        list(ids),
        reason,
    )
    cancelled = [row["id"] for row in rows]
    await _tell(ctx, cancelled)
    return set(cancelled)


async def withdraw_unwanted(ctx: Context, receivable_ids: Sequence[str], customer_ids: Sequence[str]) -> None:
    """Cancels what waits for its release and is not wanted any more, since something has changed about these receivables or customers.

    The step of such a notice is decided again, as that of any notice which is cancelled before it is sent.
    """
    if not receivable_ids and not customer_ids:
        return
    rows = await sql(ctx).fetch(
        """
        select id from notices where tenant_id = $1 and state = 'proposed' and (customer_id = any($3)
          or customer_id in (select customer_id from receivables where tenant_id = $1 and id = any($2)))
        """,
        ctx.tenant_id,
        list(receivable_ids),
        list(customer_ids),
    )
    ids = [row["id"] for row in rows]
    unwanted: dict[str, list[str]] = defaultdict(list)
    for first in range(0, len(ids), _CHUNK):
        for notice, facts in await lock_proposed(ctx, ids[first : first + _CHUNK]):
            if (reason := objection(notice, facts)) is not None:
                unwanted[reason].append(notice.id)
    for reason, notice_ids in unwanted.items():
        await cancel_proposed(ctx, notice_ids, reason)


async def _tell(ctx: Context, ids: Sequence[str]) -> None:
    for first in range(0, len(ids), _CHUNK):
        notices: list[Notice] = await store.notices_by_ids(ctx, list(ids[first : first + _CHUNK]))
        emit(ctx, *map(notice_event, await with_receivables(ctx, notices)))
