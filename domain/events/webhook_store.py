"""Webhook endpoints and deliveries in PostgreSQL.

Whoever changes deliveries of an endpoint locks the endpoint first (in the order of ids), and the event counter last.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from domain.events.tables import WebhookEndpointRow
from domain.events.webhook_model import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.paging import PageRequest
from domain.storage.transaction import sql

_ENDPOINT = ", ".join(field.name for field in fields(WebhookEndpoint))
_DELIVERY = ", ".join(field.name for field in fields(WebhookDelivery))
_ATTEMPT = ", ".join(field.name for field in fields(WebhookAttempt))


async def add(ctx: Context, endpoint: WebhookEndpoint, sealed_secret: bytes) -> None:
    """Stores a new endpoint; `anchor` completes it before the commit."""
    await WebhookEndpointRow.insert(
        WebhookEndpointRow(tenant_id=ctx.tenant_id, sealed_secret=sealed_secret, since_sequence=0, **_values(endpoint))
    )


async def save(ctx: Context, endpoint: WebhookEndpoint) -> None:
    """Replaces an endpoint's public fields; being switched off ends its history of failure."""
    values = _values(endpoint)
    if endpoint.state == "disabled":
        values["failing_since"] = None
    await WebhookEndpointRow.update(values).where(
        (WebhookEndpointRow.tenant_id == ctx.tenant_id) & (WebhookEndpointRow.id == endpoint.id)
    )


async def get(ctx: Context, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
    """One endpoint; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_ENDPOINT} from webhook_endpoints where tenant_id = $1 and id = $2 and deleted_at is null"
        f"{' for no key update' if lock else ''}",
        ctx.tenant_id,
        endpoint_id,
    )
    if row is None:
        raise NotFound.of("webhook_endpoint", endpoint_id)
    return endpoint_of(row)


async def lock_with_health(ctx: Context, ids: list[str]) -> list[Any]:
    """Rows of endpoints, deleted ones too, with `failing_since`, locked until the transaction ends."""
    return await sql(ctx).fetch(
        f"select {_ENDPOINT}, failing_since from webhook_endpoints where tenant_id = $1 and id = any($2)"
        " order by id for no key update",
        ctx.tenant_id,
        ids,
    )


async def count(ctx: Context) -> int:
    """How many endpoints the tenant has."""
    number: int = await sql(ctx).fetchval(
        "select count(*) from webhook_endpoints where tenant_id = $1 and deleted_at is null", ctx.tenant_id
    )
    return number


async def erase(ctx: Context, endpoint: WebhookEndpoint) -> None:
    """Removes an endpoint and its secret; its deliveries stay readable."""
    await sql(ctx).execute(
        "update webhook_endpoints set state = 'disabled', disabled_reason = 'requested', sealed_secret = '',"
        " deleted_at = $3 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        endpoint.id,
        ctx.now(),
    )


async def anchor(ctx: Context, ids: list[str]) -> None:
    """Fixes the first event that endpoints are to get: the next to be numbered.

    Deferred to the end of the transaction, because it locks the counter: no event commits between this and our commit.
    """
    tx = sql(ctx)
    last = await tx.fetchval("select last_sequence from event_streams where tenant_id = $1 for update", ctx.tenant_id)
    await tx.execute(
        "update webhook_endpoints set since_sequence = $3 where tenant_id = $1 and id = any($2)",
        ctx.tenant_id,
        ids,
        last,
    )


async def cancel_pending(ctx: Context, endpoint_ids: list[str]) -> None:
    """Nothing more is sent to these endpoints, which the caller has locked."""
    await sql(ctx).execute(
        "update webhook_deliveries set state = 'cancelled', next_attempt_at = null"
        " where tenant_id = $1 and endpoint_id = any($2) and next_attempt_at is not null",
        ctx.tenant_id,
        endpoint_ids,
    )


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page of endpoints in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ENDPOINT} from webhook_endpoints"
        " where tenant_id = $1 and deleted_at is null and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def get_delivery(ctx: Context, delivery_id: str) -> WebhookDelivery:
    """One delivery; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_DELIVERY} from webhook_deliveries where tenant_id = $1 and id = $2", ctx.tenant_id, delivery_id
    )
    if row is None:
        raise NotFound.of("webhook_delivery", delivery_id)
    return delivery_of(row)


async def page_of_deliveries(
    ctx: Context, request: PageRequest, endpoint_id: str | None, event_id: str | None, state: str | None
) -> list[Any]:
    """Rows of a page of deliveries in the order of creation, one more than asked for."""
    # Planned anew for each call, so that PostgreSQL picks the index of the filter that was given.
    filters, values = ["tenant_id = $1"], [ctx.tenant_id]
    for condition, value in (
        ("endpoint_id = ${}", endpoint_id),
        ("event_sequence = (select sequence from events where tenant_id = $1 and id = ${})", event_id),
        ("state = ${}", state),
        ("id > ${}", request.after),
    ):
        if value is not None:
            values.append(value)
            filters.append(condition.format(len(values)))
    return await sql(ctx).fetch(
        f"select {_DELIVERY} from webhook_deliveries where {' and '.join(filters)}"
        f" order by id limit {request.limit + 1}",
        *values,
    )


async def page_of_attempts(ctx: Context, delivery_id: str, request: PageRequest, after: int) -> list[Any]:
    """Rows of a page of a delivery's attempts, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_ATTEMPT} from webhook_attempts where tenant_id = $1 and delivery_id = $2 and number > $3"
        " order by number limit $4",
        ctx.tenant_id,
        delivery_id,
        after,
        request.limit + 1,
    )


def endpoint_of(row: Any) -> WebhookEndpoint:
    """An endpoint from its row."""
    return WebhookEndpoint(**{field.name: row[field.name] for field in fields(WebhookEndpoint)})


def delivery_of(row: Any) -> WebhookDelivery:
    """A delivery from its row."""
    return WebhookDelivery(**dict(row))


def attempt_of(row: Any) -> WebhookAttempt:
    """An attempt from its row."""
    return WebhookAttempt(**dict(row))


def _values(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {field.name: getattr(endpoint, field.name) for field in fields(endpoint)}
