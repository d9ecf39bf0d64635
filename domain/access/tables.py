"""Piccolo tables of this room: names and types of columns, no behaviour. The migrations own the schema; a test compares."""

from piccolo.columns import JSONB, Array, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
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
    type = Text(default=None)
    auth_method = Text(default=None)
    secret_hash = Text(default=None, null=True)
    previous_secret_hash = Text(default=None, null=True)
    previous_secret_until = Timestamptz(default=None, null=True)
    redirect_uris = Array(base_column=Text(default=None), default=None)
    grant_types = Array(base_column=Text(default=None), default=None)
    scopes = Array(base_column=Text(default=None), default=None)
    jwks = JSONB(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class SigningKeyRow(Table, tablename="signing_keys", db=DB):
    """Rows of `signing_keys`."""

    id = Text(primary_key=True, default=None)
    sealed_private_key = Bytea(default=None)
    created_at = Timestamptz(default=None)
    active_at = Timestamptz(default=None)


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


class DataKeyRow(Table, tablename="data_keys", db=DB):
    """Rows of `data_keys`."""

    tenant_id = Text(default=None)
    number = Integer(default=None)
    sealed_key = Bytea(default=None)
    created_at = Timestamptz(default=None)
    active_at = Timestamptz(default=None)


class AuditHeadRow(Table, tablename="audit_heads", db=DB):
    """Rows of `audit_heads`."""

    owner_id = Text(default=None)
    last_sequence = BigInt(default=None)
    last_hash = Bytea(default=None)


class AuditEntryRow(Table, tablename="audit_entries", db=DB):
    """Rows of `audit_entries`."""

    owner_id = Text(default=None)
    sequence = BigInt(default=None)
    id = Text(primary_key=True, default=None)
    recorded_at = Timestamptz(default=None)
    action = Text(default=None)
    actor_kind = Text(default=None)
    actor_id = Text(default=None)
    client_id = Text(default=None, null=True)
    address = Text(default=None, null=True)
    request_id = Text(default=None, null=True)
    object_ids = Array(base_column=Text(default=None), default=None)
    details = JSONB(default=None)
    previous_hash = Bytea(default=None)
    hash = Bytea(default=None)


class UserRow(Table, tablename="users", db=DB):
    """Rows of `users`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    name = Text(default=None)
    sealed_email = Bytea(default=None)
    email_hash = Bytea(default=None)
    role = Text(default=None)
    own_customers_only = Boolean(default=None)
    status = Text(default=None)
    locale = Text(default=None, null=True)
    password_hash = Text(default=None, null=True)
    sealed_totp_secret = Bytea(default=None, null=True)
    totp_confirmed_at = Timestamptz(default=None, null=True)
    totp_last_counter = BigInt(default=None, null=True)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class RevocationRow(Table, tablename="revocations", db=DB):
    """Rows of `revocations`."""

    owner_id = Text(default=None)
    subject = Text(default=None)
    revoked_before = Text(default=None)
    expires_at = Timestamptz(default=None)
    published_at = Timestamptz(default=None, null=True)
    version = BigInt(default=None)


class GrantRow(Table, tablename="grants", db=DB):
    """Rows of `grants`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    client_id = Text(default=None)
    user_id = Text(default=None)
    scopes = Array(base_column=Text(default=None), default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class AuthorizationCodeRow(Table, tablename="authorization_codes", db=DB):
    """Rows of `authorization_codes`."""

    tenant_id = Text(default=None)
    code_hash = Bytea(default=None)
    client_id = Text(default=None)
    user_id = Text(default=None)
    redirect_uri = Text(default=None)
    scopes = Array(base_column=Text(default=None), default=None)
    code_challenge = Text(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    grant_id = Text(default=None, null=True)


class RefreshTokenRow(Table, tablename="refresh_tokens", db=DB):
    """Rows of `refresh_tokens`."""

    tenant_id = Text(default=None)
    token_hash = Bytea(default=None)
    grant_id = Text(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(default=None, null=True)


class ClientAssertionRow(Table, tablename="client_assertions", db=DB):
    """Rows of `client_assertions`."""

    owner_id = Text(default=None)
    client_id = Text(default=None)
    jti_hash = Bytea(default=None)
    expires_at = Timestamptz(default=None)


class UserInvitationRow(Table, tablename="user_invitations", db=DB):
    """Rows of `user_invitations`."""

    tenant_id = Text(default=None)
    user_id = Text(default=None)
    token_hash = Bytea(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)


class SignInRow(Table, tablename="sign_ins", db=DB):
    """Rows of `sign_ins`."""

    platform_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    secret_hash = Bytea(default=None)
    client_id = Text(default=None)
    client_name = Text(default=None)
    tenant_id = Text(default=None, null=True)
    asks_organisation = Boolean(default=None)
    redirect_uri = Text(default=None)
    scopes = Array(base_column=Text(default=None), default=None)
    state = Text(default=None, null=True)
    code_challenge = Text(default=None)
    stage = Text(default=None)
    user_id = Text(default=None, null=True)
    provider_attempt = Text(default=None, null=True)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)


class AttemptRow(Table, tablename="attempts", db=DB):
    """Rows of `attempts`."""

    owner_id = Text(default=None)
    subject_hash = Bytea(default=None)
    count = Integer(default=None)
    last_at = Timestamptz(default=None)
    locked_until = Timestamptz(default=None, null=True)


class IdentityProviderRow(Table, tablename="identity_providers", db=DB):
    """Rows of `identity_providers`."""

    tenant_id = Text(default=None)
    id = Text(primary_key=True, default=None)
    issuer = Text(default=None)
    client_id = Text(default=None)
    sealed_client_secret = Bytea(default=None)
    label = Text(default=None)
    enabled = Boolean(default=None)
    passwords_refused = Boolean(default=None)
    version = Integer(default=None)
    updated_at = Timestamptz(default=None)


class UserIdentityRow(Table, tablename="user_identities", db=DB):
    """Rows of `user_identities`."""

    tenant_id = Text(default=None)
    issuer = Text(default=None)
    subject = Text(default=None)
    user_id = Text(default=None)
    created_at = Timestamptz(default=None)
