"""Use cases of webhook deliveries: what became of an event on its way to an endpoint."""

from __future__ import annotations

from typing import get_args

from domain.events import webhook_store as store
from domain.events.webhook_model import DeliveryState, WebhookAttempt, WebhookDelivery
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.storage.transaction import reading


@use_case("webhooks:read")
async def list_webhook_deliveries(
    ctx: Context,
    page: PageRequest,
    *,
    endpoint_id: str | None = None,
    event_id: str | None = None,
    state: DeliveryState | None = None,
) -> Page[WebhookDelivery]:
    """Deliveries in the order of their creation, those of one endpoint, of one event or in one state."""
    if state is not None and state not in get_args(DeliveryState):
        raise InvalidInput.at("state", "unknown_state", f"A state is one of {', '.join(get_args(DeliveryState))}.")
    async with reading(ctx):
        rows = await store.page_of_deliveries(ctx, page, endpoint_id, event_id, state)
    return page_of(rows, page, lambda row: str(row["id"]), store.delivery_of)


@use_case("webhooks:read")
async def get_webhook_delivery(ctx: Context, delivery_id: str) -> WebhookDelivery:
    """One delivery; raises NotFound."""
    async with reading(ctx):
        return await store.get_delivery(ctx, delivery_id)


@use_case("webhooks:read")
async def list_webhook_attempts(ctx: Context, delivery_id: str, page: PageRequest) -> Page[WebhookAttempt]:
    """A delivery's attempts in their order; raises NotFound for an unknown delivery."""
    after = page.number_after()
    async with reading(ctx):
        await store.get_delivery(ctx, delivery_id)
        rows = await store.page_of_attempts(ctx, delivery_id, page, after)
    return page_of(rows, page, lambda row: str(row["number"]), store.attempt_of)
