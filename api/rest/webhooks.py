"""/v1/webhook-endpoints and /v1/webhook-deliveries."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.webhooks import WebhookEndpointFields, WebhookEndpointPatch
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.events import webhook_deliveries as deliveries
from domain.events import webhook_endpoints as endpoints
from domain.events.webhook_model import (
    DeliveryState,
    NewWebhookEndpoint,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

EndpointId = Annotated[str | None, QueryParameter(max_length=40, description="Only deliveries to this endpoint.")]
EventId = Annotated[str | None, QueryParameter(max_length=40, description="Only deliveries of this event.")]
# Litestar keeps the name `state` for itself, so the argument has another.
State = Annotated[DeliveryState | None, QueryParameter(name="state", description="Only deliveries in this state.")]


@post("/webhook-endpoints", use_case=endpoints.create_webhook_endpoint, operation_id="CreateWebhookEndpoint")
async def create_webhook_endpoint(
    request: Request[Any, Any, Any], data: JSONBody[WebhookEndpointFields]
) -> Response[NewWebhookEndpoint]:
    """Register a webhook endpoint; the signing secret is shown only here."""
    return created(await endpoints.create_webhook_endpoint(tenant_context(request), **given(data)))


@get("/webhook-endpoints", use_case=endpoints.list_webhook_endpoints, operation_id="ListWebhookEndpoints")
async def list_webhook_endpoints(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[WebhookEndpoint]]:
    """List webhook endpoints, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await endpoints.list_webhook_endpoints(tenant_context(request), page))


@get(
    "/webhook-endpoints/{endpoint_id:str}",
    use_case=endpoints.get_webhook_endpoint,
    operation_id="GetWebhookEndpoint",
)
async def get_webhook_endpoint(
    request: Request[Any, Any, Any], endpoint_id: FromPath[str]
) -> Response[WebhookEndpoint]:
    """Read a webhook endpoint."""
    return with_etag(await endpoints.get_webhook_endpoint(tenant_context(request), endpoint_id))


@patch(
    "/webhook-endpoints/{endpoint_id:str}",
    use_case=endpoints.update_webhook_endpoint,
    operation_id="UpdateWebhookEndpoint",
)
async def update_webhook_endpoint(
    request: Request[Any, Any, Any], endpoint_id: FromPath[str], data: JSONBody[WebhookEndpointPatch]
) -> Response[WebhookEndpoint]:
    """Change a webhook endpoint, or switch it off and on."""
    changed = await endpoints.update_webhook_endpoint(
        tenant_context(request), endpoint_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@delete(
    "/webhook-endpoints/{endpoint_id:str}",
    use_case=endpoints.delete_webhook_endpoint,
    operation_id="DeleteWebhookEndpoint",
)
async def delete_webhook_endpoint(request: Request[Any, Any, Any], endpoint_id: FromPath[str]) -> None:
    """Remove a webhook endpoint; what was not delivered yet is cancelled."""
    await endpoints.delete_webhook_endpoint(
        tenant_context(request), endpoint_id, expected_version=expected_version(request)
    )


@get("/webhook-deliveries", use_case=deliveries.list_webhook_deliveries, operation_id="ListWebhookDeliveries")
async def list_webhook_deliveries(
    request: Request[Any, Any, Any],
    endpoint_id: EndpointId = None,
    event_id: EventId = None,
    in_state: State = None,
    limit: Limit = DEFAULT,
    cursor: Cursor = None,
) -> Response[Listing[WebhookDelivery]]:
    """List webhook deliveries, oldest first."""
    page = page_request(request, limit, cursor)
    found = await deliveries.list_webhook_deliveries(
        tenant_context(request), page, endpoint_id=endpoint_id, event_id=event_id, state=in_state
    )
    return listing(request, found)


@get(
    "/webhook-deliveries/{delivery_id:str}",
    use_case=deliveries.get_webhook_delivery,
    operation_id="GetWebhookDelivery",
)
async def get_webhook_delivery(request: Request[Any, Any, Any], delivery_id: FromPath[str]) -> WebhookDelivery:
    """Read a webhook delivery."""
    return await deliveries.get_webhook_delivery(tenant_context(request), delivery_id)


@get(
    "/webhook-deliveries/{delivery_id:str}/attempts",
    use_case=deliveries.list_webhook_attempts,
    operation_id="ListWebhookAttempts",
)
async def list_webhook_attempts(
    request: Request[Any, Any, Any], delivery_id: FromPath[str], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[WebhookAttempt]]:
    """List the attempts of a webhook delivery, first to last."""
    page = page_request(request, limit, cursor)
    return listing(request, await deliveries.list_webhook_attempts(tenant_context(request), delivery_id, page))


ROUTES = [
    create_webhook_endpoint,
    list_webhook_endpoints,
    get_webhook_endpoint,
    update_webhook_endpoint,
    delete_webhook_endpoint,
    list_webhook_deliveries,
    get_webhook_delivery,
    list_webhook_attempts,
]
