"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Array, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from domain.storage.engine import DB


class PlatformRow(Table, tablename="platforms", db=DB):
    """Rows of `platforms`."""

    id = Text(primary_key=True, default=None)
    name = Text(default=None)
    created_at = Timestamptz(default=None)


class TenantRow(Table, tablename="tenants", db=DB):
    """Rows of `tenants`."""

    id = Text(primary_key=True, default=None)
    platform_id = Text(default=None)
    external_id = Text(default=None, null=True)
    name = Text(default=None)
    mode = Text(default=None)
    status = Text(default=None)
    base_currency = Text(default=None)
    time_zone = Text(default=None)
    locale = Text(default=None)
    country = Text(default=None, null=True)
    clock_kind = Text(default=None)
    clock_at = Timestamptz(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class OauthClientRow(Table, tablename="oauth_clients", db=DB):
    """Rows of `oauth_clients`."""

    id = Text(primary_key=True, default=None)
    platform_id = Text(default=None)
    tenant_id = Text(default=None, null=True)
    name = Text(default=None)
    secret_hash = Text(default=None)
    scopes = Array(base_column=Text(default=None), default=None)
    created_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class SigningKeyRow(Table, tablename="signing_keys", db=DB):
    """Rows of `signing_keys`."""

    id = Text(primary_key=True, default=None)
    sealed_private_key = Bytea(default=None)
    created_at = Timestamptz(default=None)


class IdempotencyKeyRow(Table, tablename="idempotency_keys", db=DB):
    """Rows of `idempotency_keys`."""

    owner_id = Text(default=None)
    client_id = Text(default=None)
    key = Text(default=None)
    fingerprint = Text(default=None)
    status = Integer(default=None)
    headers = JSONB(default=None)
    sealed_body = Bytea(default=None)
    created_at = Timestamptz(default=None)
