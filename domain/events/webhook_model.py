"""Webhook endpoints, their deliveries and attempts, and what goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

EndpointState = Literal["enabled", "disabled"]
DisabledReason = Literal["gone", "failing", "requested"]
DeliveryState = Literal["pending", "delivered", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Where events are posted to. No `event_types` mean all; `disabled_reason` tells who switched it off.

    Contact addresses in its events are masked unless `include_pii`.
    """

    id: str
    url: str
    description: str
    event_types: list[str]
    include_pii: bool
    state: EndpointState
    disabled_reason: DisabledReason | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhookEndpoint:
    """An endpoint with its signing secret, which is shown this once and stored only sealed."""

    id: str
    url: str
    description: str
    event_types: list[str]
    include_pii: bool
    state: EndpointState
    disabled_reason: DisabledReason | None
    version: int
    created_at: datetime
    updated_at: datetime
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """One event on its way to one endpoint, a series of attempts; its instants are in real time."""

    id: str
    endpoint_id: str
    event_id: str
    event_sequence: int
    event_type: str
    state: DeliveryState
    attempt_count: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttempt:
    """One request: `response_status` is None when no answer came; `error` is a stable code, None on success."""

    number: int
    started_at: datetime
    duration_ms: int
    response_status: int | None
    error: str | None
    response_excerpt: str


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What is posted."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """What came back: a status, or the code of what went wrong before one came."""

    status: int | None
    error: str | None = None
    retry_after: str | None = None
    excerpt: str = ""


class Poster(Protocol):
    """Posts one request within a bounded time; failures of the network are told in the response, not raised."""

    async def __call__(self, request: WebhookRequest, /) -> WebhookResponse:
        """Posts and returns the answer."""
        ...
