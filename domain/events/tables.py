"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import Array, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class EventStreamRow(Table, tablename="event_streams", db=DB):
    """Rows of `event_streams`."""

    tenant_id = Text(primary_key=True, default=None)
    last_sequence = BigInt(default=None)
    reacted_sequence = BigInt(default=None)
    fanned_out_sequence = BigInt(default=None)


class EventRow(Table, tablename="events", db=DB):
    """Rows of `events`."""

    tenant_id = Text(default=None)
    sequence = BigInt(default=None)
    id = Text(primary_key=True, default=None)
    type = Text(default=None)
    object_id = Text(default=None)
    occurred_at = Timestamptz(default=None)
    recorded_at = Timestamptz(default=None)
    data = Text(default=None)
    sealed_pii = Bytea(default=None, null=True)


class WebhookEndpointRow(Table, tablename="webhook_endpoints", db=DB):
    """Rows of `webhook_endpoints`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    url = Text(default=None)
    description = Text(default=None)
    event_types = Array(base_column=Text(default=None), default=None)
    sealed_secret = Bytea(default=None)
    state = Text(default=None)
    disabled_reason = Text(default=None, null=True)
    since_sequence = BigInt(default=None)
    failing_since = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    deleted_at = Timestamptz(default=None, null=True)
    include_pii = Boolean(default=None)


class WebhookDeliveryRow(Table, tablename="webhook_deliveries", db=DB):
    """Rows of `webhook_deliveries`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    endpoint_id = Text(default=None)
    event_sequence = BigInt(default=None)
    event_id = Text(default=None)
    event_type = Text(default=None)
    state = Text(default=None)
    attempt_count = Integer(default=None)
    next_attempt_at = Timestamptz(default=None, null=True)
    delivered_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None)


class WebhookAttemptRow(Table, tablename="webhook_attempts", db=DB):
    """Rows of `webhook_attempts`."""

    tenant_id = Text(default=None)
    delivery_id = Text(default=None)
    number = Integer(default=None)
    started_at = Timestamptz(default=None)
    duration_ms = Integer(default=None)
    response_status = Integer(default=None, null=True)
    error = Text(default=None, null=True)
    response_excerpt = Text(default=None)
