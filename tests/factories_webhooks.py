"""A receiver that answers as told, and events on their way to it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from domain.events.log import list_events
from domain.events.model import Event
from domain.events.webhook_deliveries import list_webhook_deliveries
from domain.events.webhook_endpoints import create_webhook_endpoint
from domain.events.webhook_model import NewWebhookEndpoint, WebhookDelivery, WebhookRequest, WebhookResponse
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.storage.engine import DB
from tests.factories import a_customer

OK, BROKEN = WebhookResponse(200), WebhookResponse(500, excerpt="oh no")


class Receiver:
    """Answers each URL with its list of responses, the last one for ever; remembers what it got."""

    def __init__(self, **answers: list[WebhookResponse]) -> None:
        self.answers = answers
        self.got: dict[str, list[WebhookRequest]] = defaultdict(list)

    async def __call__(self, request: WebhookRequest, /) -> WebhookResponse:
        """Must never be called while a transaction is open."""
        assert DB.current_transaction.get() is None, "posted inside a transaction"
        name = request.url.rsplit("/", 1)[1]
        self.got[name].append(request)
        answers = self.answers.get(name, [OK])
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def an_endpoint(ctx: Context, name: str = "a", event_types: list[str] | None = None) -> NewWebhookEndpoint:
    """An endpoint at hooks.example, for the events of customers."""
    types = event_types or ["customer.*"]
    return await create_webhook_endpoint(ctx, url=f"https://hooks.example/{name}", event_types=types)


async def deliveries(ctx: Context, endpoint_id: str | None = None) -> list[WebhookDelivery]:
    """All deliveries, or those to one endpoint."""
    return (await list_webhook_deliveries(ctx, PageRequest(limit=200), endpoint_id=endpoint_id)).items


async def an_event(ctx: Context) -> Event:
    """A `customer.created`."""
    customer = await a_customer(ctx)
    return (await list_events(ctx, PageRequest(), object_id=customer.id)).items[0]


def now() -> datetime:
    """The real time."""
    return SystemClock().now()
