"""Keeps to what a provider takes in a minute, over all workers: what is too much is queued again for a moment later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.messaging import outbox
from domain.messaging.account_model import AccountRef
from domain.messaging.outbox import Claimed, Lease
from domain.messaging.providers import find_provider
from domain.messaging.rules.pacing import grant
from domain.storage.transaction import sql


async def within_pace(ctx: Context, claimed: Sequence[Claimed], lease: Lease) -> list[Claimed]:
    """Those of the claimed notices that may leave now, in the claim's transaction.

    A tenant on a test clock is not held to it: its time stands still, so that waiting would never end.
    """
    if ctx.on_test_clock:
        return list(claimed)
    by_account: dict[AccountRef, list[Claimed]] = defaultdict(list)
    for one in claimed:
        if one.account is not None and _pace_of(one.account):
            by_account[one.account].append(one)
    held: set[str] = set()
    for account, notices in sorted(by_account.items(), key=lambda pair: pair[0].id):
        held |= await _hold_back(ctx, account, notices, lease)
    return [one for one in claimed if one.id not in held]


async def _hold_back(ctx: Context, account: AccountRef, notices: list[Claimed], lease: Lease) -> set[str]:
    now, pace = SystemClock().now(), _pace_of(account)
    assert pace is not None
    paced_until = await sql(ctx).fetchval(
        "select paced_until from channel_accounts where tenant_id = $1 and id = $2 for no key update",
        ctx.tenant_id,
        account.id,
    )
    let = grant(paced_until, now, pace, len(notices))
    await sql(ctx).execute(
        "update channel_accounts set paced_until = $3 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        account.id,
        let.paced_until,
    )
    too_many = [notice.id for notice in notices[let.count :]]
    if too_many:
        await outbox.give_back(ctx, too_many, lease, at=let.again_at)
    return set(too_many)


def _pace_of(account: AccountRef) -> int | None:
    if account.messages_per_minute is not None:
        return account.messages_per_minute
    provider = find_provider(account.provider)
    return provider.messages_per_minute if provider is not None else None
