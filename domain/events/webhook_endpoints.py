"""Use cases of webhook endpoints: where a tenant's events are posted to."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from typing import Any

from domain.events import webhook_store as store
from domain.events.address_policy import private_addresses_allowed
from domain.events.catalogue import EVENT_TYPES
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.events.rules.addresses import url_error
from domain.events.rules.signature import SECRET_BYTES, secret_text
from domain.events.rules.subscription import type_errors
from domain.events.webhook_model import NewWebhookEndpoint, WebhookEndpoint
from domain.events.webhook_secrets import seal_secret
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import defer, reading, transaction

# Every event is looked at for every endpoint.
MAX_ENDPOINTS = 100


@use_case("webhooks:write")
async def create_webhook_endpoint(
    ctx: Context,
    *,
    url: str,
    description: str = "",
    event_types: list[str] | None = None,
    include_pii: bool = False,
) -> NewWebhookEndpoint:
    """Registers an endpoint for the events from now on; the answer carries its signing secret, this once.

    `include_pii` sends addresses unmasked, which only a caller who may see them can ask for.
    """
    if include_pii:
        ctx.require(Scope.PII_READ)
    fields: dict[str, Any] = {
        "url": url,
        "description": description,
        "event_types": _without_repeats(event_types),
        "include_pii": include_pii,
    }
    check_fields(fields)
    now = ctx.now()
    endpoint = WebhookEndpoint(
        id=new_id("whe"), state="enabled", disabled_reason=None, version=1, created_at=now, updated_at=now, **fields
    )
    secret = secret_text(secrets.token_bytes(SECRET_BYTES))
    async with transaction(ctx):
        if await store.count(ctx) >= MAX_ENDPOINTS:
            raise Conflict("too_many_webhook_endpoints", f"A tenant has at most {MAX_ENDPOINTS} webhook endpoints.")
        await store.add(ctx, endpoint, seal_secret(ctx, endpoint.id, secret))
        defer(ctx, store.anchor, [endpoint.id])
        emit(ctx, endpoint_event("created", endpoint))
    return NewWebhookEndpoint(**asdict(endpoint), secret=secret)


@use_case("webhooks:write")
async def update_webhook_endpoint(
    ctx: Context, endpoint_id: str, changes: dict[str, Any], *, expected_version: int | None = None
) -> WebhookEndpoint:
    """Changes url, description, event_types, include_pii or state; what happens while an endpoint is disabled is never sent to it."""
    if "event_types" in changes:
        changes = {**changes, "event_types": _without_repeats(changes["event_types"])}
    check_fields(changes)
    async with transaction(ctx):
        endpoint = await store.get(ctx, endpoint_id, lock=True)
        expect(endpoint.version, expected_version)
        changed = replace(endpoint, **changes)
        if changed == endpoint:
            return endpoint
        if changed.include_pii:
            # Whoever may not see addresses must not send them somewhere else either.
            ctx.require(Scope.PII_READ)
        changed = replace(changed, version=endpoint.version + 1, updated_at=ctx.now())
        if changed.state != endpoint.state:
            return await _switch(ctx, changed)
        await store.save(ctx, changed)
        emit(ctx, endpoint_event("updated", changed))
    return changed


@use_case("webhooks:write")
async def delete_webhook_endpoint(ctx: Context, endpoint_id: str, *, expected_version: int | None = None) -> None:
    """Removes an endpoint and its secret, and cancels what was not delivered yet."""
    async with transaction(ctx):
        endpoint = await store.get(ctx, endpoint_id, lock=True)
        expect(endpoint.version, expected_version)
        await store.erase(ctx, endpoint)
        await store.cancel_pending(ctx, [endpoint_id])
        emit(ctx, endpoint_event("deleted", endpoint))


@use_case("webhooks:read")
async def get_webhook_endpoint(ctx: Context, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint, without its secret; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, endpoint_id)


@use_case("webhooks:read")
async def list_webhook_endpoints(ctx: Context, page: PageRequest) -> Page[WebhookEndpoint]:
    """Endpoints in the order of their creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.endpoint_of)


def check_fields(fields: dict[str, Any]) -> None:
    """Raises InvalidInput naming every wrong field among those given."""
    errors: list[FieldError] = []
    if "url" in fields:
        wrong = url_error(fields["url"], allow_private=private_addresses_allowed())
        errors += [wrong] if wrong else []
    if len(fields.get("description", "")) > 500:
        errors.append(FieldError("/description", "too_long", "A description has at most 500 characters."))
    errors += type_errors(fields.get("event_types", ()), EVENT_TYPES)
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))


def endpoint_event(what: str, endpoint: WebhookEndpoint) -> NewEvent:
    """`webhook_endpoint.created` and so on with the whole endpoint, which never holds the secret."""
    return NewEvent(f"webhook_endpoint.{what}", endpoint.id, {"webhook_endpoint": endpoint})


async def _switch(ctx: Context, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if endpoint.state == "disabled":
        endpoint = replace(endpoint, disabled_reason="requested")
        await store.save(ctx, endpoint)
        await store.cancel_pending(ctx, [endpoint.id])
        emit(ctx, endpoint_event("disabled", endpoint))
        return endpoint
    endpoint = replace(endpoint, disabled_reason=None)
    await store.save(ctx, endpoint)
    defer(ctx, store.anchor, [endpoint.id])
    emit(ctx, endpoint_event("updated", endpoint))
    return endpoint


def _without_repeats(event_types: list[str] | None) -> list[str]:
    return list(dict.fromkeys(event_types or []))
