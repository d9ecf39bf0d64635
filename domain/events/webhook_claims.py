"""Claiming due deliveries: who takes one has it for a minute; dying meanwhile only delays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.events.rules.signature import sign
from domain.events.sealed_pii import addresses_of
from domain.events.webhook_model import WebhookRequest
from domain.events.webhook_secrets import open_secret
from domain.kernel.context import Context
from domain.kernel.pii import put_back
from domain.storage.transaction import sql

LEASE = timedelta(seconds=25)
# A lane is an endpoint with the room it has; each lane is searched by its own range of the index of what is due.
_CLAIM = """
with lanes as (
  select e.id, e.url, e.sealed_secret, e.include_pii, $6 - coalesce(busy.requests, 0) as room
  from webhook_endpoints e left join unnest($7::text[], $8::integer[]) as busy (id, requests) on busy.id = e.id
  where e.tenant_id = $1 and e.state = 'enabled' and (e.failing_since is not null) = $4
), due as (
  select d.id, d.endpoint_id from lanes cross join lateral (
    select id, endpoint_id, next_attempt_at, event_sequence from webhook_deliveries
    where tenant_id = $1 and endpoint_id = lanes.id and next_attempt_at <= $2
    order by next_attempt_at, event_sequence limit greatest(lanes.room, 0) for update skip locked
  ) d
  order by d.next_attempt_at, d.event_sequence limit $5
), claimed as (
  update webhook_deliveries d set attempt_count = d.attempt_count + 1, next_attempt_at = $3
  from due where d.tenant_id = $1 and d.id = due.id
  returning d.id, d.endpoint_id, d.attempt_count, d.event_sequence
)
select c.id as delivery_id, c.endpoint_id, c.attempt_count, l.url, l.sealed_secret,
  case when l.include_pii then v.sealed_pii end as sealed_pii, v.id, v.type, v.sequence, v.occurred_at, v.data
from claimed c join lanes l on l.id = c.endpoint_id
  join events v on v.tenant_id = $1 and v.sequence = c.event_sequence
order by v.sequence
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One attempt that is ours to make; `failing` tells that its endpoint has accepted nothing lately."""

    delivery_id: str
    endpoint_id: str
    failing: bool
    attempt: int
    event_id: str
    url: str
    secret: str
    body: bytes
    addresses: tuple[str, ...]
    """What the body holds of addresses, which must not come back in what the receiver says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payload:
    type: str
    timestamp: datetime
    id: str
    sequence: int
    tenant_id: str
    data: msgspec.Raw


async def claim(
    ctx: Context, now: datetime, *, failing: bool, most: int, most_per_endpoint: int, busy: Mapping[str, int]
) -> list[Claim]:
    """Takes due deliveries to failing (or to healthy) endpoints: for each, what fell due first, in the events' order.

    `busy` counts the requests now under way for each endpoint, which leave that much less room.
    """
    if most <= 0:
        return []
    rows = await sql(ctx).fetch(
        _CLAIM,
        ctx.tenant_id,
        now,
        now + LEASE,
        failing,
        most,
        most_per_endpoint,
        list(busy.keys()),
        list(busy.values()),
    )
    return [_claim_of(ctx, row, failing) for row in rows]


def signed_request(taken: Claim, at: datetime) -> WebhookRequest:
    """The request of an attempt made at `at`: its time and signature are its own, the body is that of all attempts."""
    timestamp = int(at.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": taken.event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign([taken.secret], taken.event_id, timestamp, taken.body),
    }
    return WebhookRequest(taken.url, headers, taken.body)


def _claim_of(ctx: Context, row: Any, failing: bool) -> Claim:
    addresses = addresses_of(ctx, row["id"], row["sealed_pii"]) if row["sealed_pii"] is not None else {}
    data = row["data"]
    if addresses:
        data = msgspec.json.encode(put_back(msgspec.json.decode(data), addresses)).decode()
    payload = _Payload(
        type=row["type"],
        timestamp=row["occurred_at"],
        id=row["id"],
        sequence=row["sequence"],
        tenant_id=ctx.tenant_id,
        data=msgspec.Raw(msgspec.json.format(data, indent=-1)),
    )
    return Claim(
        delivery_id=row["delivery_id"],
        endpoint_id=row["endpoint_id"],
        failing=failing,
        attempt=row["attempt_count"],
        event_id=row["id"],
        url=row["url"],
        secret=open_secret(ctx, row["endpoint_id"], row["sealed_secret"]),
        body=msgspec.json.encode(payload),
        addresses=tuple(addresses.values()),
    )
