"""Notice intents in PostgreSQL: who serves a channel, and who holds a notice until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.messaging import store
from domain.messaging.model import Notice, OutcomeKind
from domain.messaging.providers import INTEGRATOR
from domain.storage.bulk import update_rows
from domain.storage.transaction import sql

_KEYS = {"tenant_id": "text", "id": "text"}
_HELD = {
    "state": "text",
    "reason": "text",
    "attempt_count": "integer",
    "offered_at": "timestamptz",
    "claimed_until": "timestamptz",
    "sent_at": "timestamptz",
    "provider_message_id": "text",
    "version": "integer",
}


async def integrator_accounts(ctx: Context) -> dict[str, str]:
    """The channels that an integrator serves by itself, each with the account that says so."""
    rows = await sql(ctx).fetch(
        "select channel, id from channel_accounts where tenant_id = $1 and state = 'active' and provider = $2",
        ctx.tenant_id,
        INTEGRATOR,
    )
    return {row["channel"]: row["id"] for row in rows}


async def lock_offered(ctx: Context, channel: str | None, limit: int) -> list[str]:
    """Notices that nobody holds, the longest waiting first, locked until the transaction ends; those locked by others are passed."""
    rows = await sql(ctx).fetch(
        """
        select id from notices
        where tenant_id = $1 and offered_at <= $2 and (claimed_until is null or claimed_until <= $3)
          and ($4::text is null or channel = $4)
        order by offered_at, id limit $5 for update skip locked
        """,
        *(ctx.tenant_id, ctx.now(), SystemClock().now(), channel, limit),
    )
    return [row["id"] for row in rows]


async def lock_held(ctx: Context, notice_id: str) -> tuple[Notice, str | None, OutcomeKind | None]:
    """A notice, locked, with the token of its last lease and the outcome recorded under it; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {store.NOTICE}, n.claim_token from notices n where n.tenant_id = $1 and n.id = $2 for update",
        ctx.tenant_id,
        notice_id,
    )
    if row is None:
        raise NotFound.of("notice", notice_id)
    known: OutcomeKind | None = await sql(ctx).fetchval(
        "select outcome from deliveries where tenant_id = $1 and notice_id = $2 and number = $3",
        *(ctx.tenant_id, notice_id, row["attempt_count"]),
    )
    return store.notice_of(ctx)(row), row["claim_token"], known


async def save(ctx: Context, notices: Sequence[Notice]) -> None:
    """Stores what became of notices; the token of the last lease stays, so that its holder is known again."""
    rows = [(ctx.tenant_id, notice.id, *(getattr(notice, name) for name in _HELD)) for notice in notices]
    await update_rows(sql(ctx), "notices", _KEYS, _HELD, rows)


async def set_tokens(ctx: Context, tokens: Mapping[str, str | None]) -> None:
    """Gives notices the token of their new lease, or none."""
    rows = [(ctx.tenant_id, notice_id, token) for notice_id, token in tokens.items()]
    await update_rows(sql(ctx), "notices", _KEYS, {"claim_token": "text"}, rows)


async def offer_queued(ctx: Context, channel: str, account_id: str) -> None:
    """Hands what waits on a channel to the integrator who serves it from now on."""
    await sql(ctx).execute(
        "update notices set offered_at = $4, next_attempt_at = null, channel_account_id = $3, version = version + 1"
        " where tenant_id = $1 and channel = $2 and next_attempt_at is not null",
        *(ctx.tenant_id, channel, account_id, ctx.now()),
    )


async def withdraw_offered(ctx: Context, channel: str) -> None:
    """Has our own sender take what waits on a channel for an integrator who never had it in hand.

    What it had in hand and said nothing of stays with it, since it may have been sent: a word about it still counts.
    """
    await sql(ctx).execute(
        "update notices set next_attempt_at = $3, offered_at = null, channel_account_id = null, version = version + 1"
        " where tenant_id = $1 and channel = $2 and offered_at is not null and claimed_until is null",
        *(ctx.tenant_id, channel, ctx.now()),
    )


def is_held(notice: Notice) -> bool:
    """Whether a lease of this notice runs, in real time."""
    return notice.claimed_until is not None and notice.claimed_until > SystemClock().now()


def lease_end(seconds: int) -> datetime:
    """When a lease that begins now ends, in real time: the integrator is real whatever the tenant's clock says."""
    return SystemClock().now() + timedelta(seconds=seconds)
