"""Recording what came of attempts: the attempts log, the deliveries' next state, and the health of their endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.events import webhook_store as store
from domain.events.log import emit
from domain.events.rules.outcome import Answer, answer_of, is_beyond_hope, next_attempt_at
from domain.events.webhook_claims import Claim
from domain.events.webhook_endpoints import endpoint_event
from domain.events.webhook_model import DeliveryState, DisabledReason, WebhookResponse
from domain.kernel.context import Context
from domain.kernel.pii import mask_text
from domain.storage.bulk import insert_rows, update_rows
from domain.storage.transaction import sql

_ATTEMPT = {
    "tenant_id": "text",
    "delivery_id": "text",
    "number": "integer",
    "started_at": "timestamptz",
    "duration_ms": "integer",
    "response_status": "integer",
    "error": "text",
    "response_excerpt": "text",
}
# The attempt's number is part of the key: who was so slow that another took over does not decide the state.
_KEY = {"tenant_id": "text", "id": "text", "attempt_count": "integer"}
_STATE = {"state": "text", "next_attempt_at": "timestamptz", "delivered_at": "timestamptz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """An attempt that was made, and its answer."""

    claim: Claim
    response: WebhookResponse
    started_at: datetime
    ended_at: datetime
    duration_ms: int

    @property
    def answer(self) -> Answer:
        """What the response means."""
        return answer_of(self.response.status, self.response.error, self.response.retry_after, self.ended_at)


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: DeliveryState
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None


async def record(ctx: Context, finished: Sequence[Finished]) -> None:
    """Stores attempts and their consequences in the open transaction, in a few statements for all of them."""
    if not finished:
        return
    tx = sql(ctx)
    endpoint_ids = sorted({one.claim.endpoint_id for one in finished})
    endpoints = {row["id"]: row for row in await store.lock_with_health(ctx, endpoint_ids)}
    verdicts = [_verdict(one, endpoints[one.claim.endpoint_id]["state"] == "enabled") for one in finished]

    await insert_rows(tx, "webhook_attempts", _ATTEMPT, [_attempt_row(ctx, one) for one in finished])
    await update_rows(
        tx,
        "webhook_deliveries",
        _KEY,
        _STATE,
        [
            (ctx.tenant_id, f.claim.delivery_id, f.claim.attempt, v.state, v.next_attempt_at, v.delivered_at)
            for f, v in zip(finished, verdicts, strict=True)
        ],
    )
    for endpoint in endpoints.values():
        mine = [(f, v) for f, v in zip(finished, verdicts, strict=True) if f.claim.endpoint_id == endpoint["id"]]
        await _judge(ctx, endpoint, mine)


def _verdict(one: Finished, endpoint_enabled: bool) -> _Verdict:
    answer = one.answer
    if answer.kind == "delivered":
        return _Verdict("delivered", delivered_at=one.ended_at)
    if not endpoint_enabled:
        return _Verdict("cancelled")
    if answer.kind == "gone":
        return _Verdict("failed")
    again = next_attempt_at(answer, one.claim.attempt, one.claim.delivery_id, one.ended_at)
    return _Verdict("pending", again) if again else _Verdict("failed")


async def _judge(ctx: Context, endpoint: Any, outcomes: Sequence[tuple[Finished, _Verdict]]) -> None:
    """Notes that an endpoint began or ceased to fail, and switches it off when it is gone or beyond hope."""
    if endpoint["state"] != "enabled":
        return
    failing_since, last = endpoint["failing_since"], outcomes[-1][0].ended_at
    if any(finished.answer.kind == "gone" for finished, _ in outcomes):
        await _disable(ctx, endpoint, "gone")
    elif any(verdict.state == "delivered" for _, verdict in outcomes):
        if failing_since is not None:
            await _set_failing_since(ctx, endpoint["id"], None)
    elif is_beyond_hope(failing_since, last) and any(verdict.state == "failed" for _, verdict in outcomes):
        await _disable(ctx, endpoint, "failing")
    elif failing_since is None:
        await _set_failing_since(ctx, endpoint["id"], last)


async def _set_failing_since(ctx: Context, endpoint_id: str, since: datetime | None) -> None:
    await sql(ctx).execute(
        "update webhook_endpoints set failing_since = $3 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        endpoint_id,
        since,
    )


async def _disable(ctx: Context, row: Any, reason: DisabledReason) -> None:
    endpoint = store.endpoint_of(row)
    endpoint = replace(
        endpoint, state="disabled", disabled_reason=reason, version=endpoint.version + 1, updated_at=ctx.now()
    )
    await store.save(ctx, endpoint)
    await store.cancel_pending(ctx, [endpoint.id])
    emit(ctx, endpoint_event("disabled", endpoint))


def _attempt_row(ctx: Context, one: Finished) -> tuple[Any, ...]:
    response = one.response
    return (
        ctx.tenant_id,
        one.claim.delivery_id,
        one.claim.attempt,
        one.started_at,
        one.duration_ms,
        response.status,
        one.answer.error,
        _without_addresses(one),
    )


def _without_addresses(one: Finished) -> str:
    """What the receiver answered; it may repeat what it was sent."""
    excerpt = mask_text(one.response.excerpt)
    for address in one.claim.addresses:
        excerpt = excerpt.replace(address, "***")
    return excerpt
