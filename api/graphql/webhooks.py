"""Webhook endpoints and deliveries in GraphQL."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.paging import Connection, connection, page_request
from api.inputs.fields import given
from api.inputs.webhooks import WebhookEndpointFields, WebhookEndpointPatch
from domain.events import webhook_deliveries as delivery_uses
from domain.events import webhook_endpoints as endpoint_uses
from domain.events import webhook_model as domain
from domain.kernel.paging import Page

CreateWebhookEndpointInput = input_type(WebhookEndpointFields, "CreateWebhookEndpointInput")
UpdateWebhookEndpointInput = input_type(WebhookEndpointPatch, "UpdateWebhookEndpointInput")


@graph_type(domain.WebhookEndpoint)
class WebhookEndpoint:
    """Where events are posted to."""


@graph_type(domain.NewWebhookEndpoint)
class NewWebhookEndpoint:
    """A new webhook endpoint; the signing secret is shown only here."""


@graph_type(domain.WebhookAttempt)
class WebhookAttempt:
    """One request to a webhook endpoint."""


@graph_type(domain.WebhookDelivery)
class WebhookDelivery:
    """One event on its way to one endpoint."""

    @strawberry.field(graphql_type=Connection[WebhookAttempt], description="The requests made so far.")
    async def attempts(self: Any, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """First to last."""
        request = page_request(first, after, f"webhook_attempts:{self.id}")
        page = await delivery_uses.list_webhook_attempts(info.context.tenant, self.id, request)
        return _attempts(page, self.id, after)


@strawberry.type
class WebhookQuery:
    """Reading webhook endpoints and deliveries."""

    @door(endpoint_uses.get_webhook_endpoint, WebhookEndpoint)
    async def webhook_endpoint(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One webhook endpoint."""
        return await endpoint_uses.get_webhook_endpoint(info.context.tenant, id)

    @door(endpoint_uses.list_webhook_endpoints, Connection[WebhookEndpoint])
    async def webhook_endpoints(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Any:
        """Webhook endpoints, oldest first."""
        name = "webhook_endpoints"
        page = await endpoint_uses.list_webhook_endpoints(info.context.tenant, page_request(first, after, name))
        return connection(page, name, after)

    @door(delivery_uses.get_webhook_delivery, WebhookDelivery)
    async def webhook_delivery(self, info: GraphInfo, id: strawberry.ID) -> Any:
        """One webhook delivery."""
        return await delivery_uses.get_webhook_delivery(info.context.tenant, id)

    @door(delivery_uses.list_webhook_deliveries, Connection[WebhookDelivery])
    async def webhook_deliveries(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        endpoint_id: strawberry.ID | None = None,
        event_id: strawberry.ID | None = None,
        state: str | None = None,
    ) -> Any:
        """Webhook deliveries, oldest first."""
        name = f"webhook_deliveries:{endpoint_id}:{event_id}:{state}"
        page = await delivery_uses.list_webhook_deliveries(
            info.context.tenant,
            page_request(first, after, name),
            endpoint_id=endpoint_id,
            event_id=event_id,
            state=state,  # type: ignore[arg-type]  # an unknown state is refused by the use case
        )
        return connection(page, name, after)

    @door(delivery_uses.list_webhook_attempts, Connection[WebhookAttempt])
    async def webhook_attempts(
        self, info: GraphInfo, delivery_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Any:
        """The attempts of a webhook delivery, first to last."""
        request = page_request(first, after, f"webhook_attempts:{delivery_id}")
        page = await delivery_uses.list_webhook_attempts(info.context.tenant, delivery_id, request)
        return _attempts(page, delivery_id, after)


@strawberry.type
class WebhookMutation:
    """Changing webhook endpoints."""

    @door(endpoint_uses.create_webhook_endpoint, NewWebhookEndpoint)
    async def create_webhook_endpoint(self, info: GraphInfo, input: CreateWebhookEndpointInput) -> Any:
        """Register a webhook endpoint; the signing secret is shown only here."""
        fields = given(from_input(WebhookEndpointFields, input))
        return await endpoint_uses.create_webhook_endpoint(info.context.tenant, **fields)

    @door(endpoint_uses.update_webhook_endpoint, WebhookEndpoint)
    async def update_webhook_endpoint(
        self, info: GraphInfo, id: strawberry.ID, input: UpdateWebhookEndpointInput, expected_version: int | None = None
    ) -> Any:
        """Change a webhook endpoint, or switch it off and on."""
        changes = given(from_input(WebhookEndpointPatch, input))
        return await endpoint_uses.update_webhook_endpoint(
            info.context.tenant, id, changes, expected_version=expected_version
        )

    @door(endpoint_uses.delete_webhook_endpoint, strawberry.ID)
    async def delete_webhook_endpoint(
        self, info: GraphInfo, id: strawberry.ID, expected_version: int | None = None
    ) -> Any:
        """Remove a webhook endpoint; answers its id."""
        await endpoint_uses.delete_webhook_endpoint(info.context.tenant, id, expected_version=expected_version)
        return id


def _attempts(page: Page[Any], delivery_id: str, after: str | None) -> Any:
    return connection(page, f"webhook_attempts:{delivery_id}", after, lambda attempt: str(attempt.number))


NODES = {"whe": endpoint_uses.get_webhook_endpoint, "whd": delivery_uses.get_webhook_delivery}
QUERIES = WebhookQuery
MUTATIONS = WebhookMutation
