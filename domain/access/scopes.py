"""The scopes a token can carry: `resource:read` or `resource:write`."""

from __future__ import annotations

_TENANT_RESOURCES = (
    "activities",
    "cases",
    "clock",
    "customers",
    "escalations",
    "events",
    "imports",
    "notices",
    "operations",
    "payments",
    "plans",
    "receivables",
    "tasks",
    "templates",
    "webhooks",
)
# Combinations without a use case: what only the engine writes, and imports, whose progress is an operation.
_UNUSED = frozenset(
    {"cases:write", "escalations:write", "events:write", "imports:read", "notices:write", "operations:write"}
)

TENANT_SCOPES = frozenset(f"{r}:{verb}" for r in _TENANT_RESOURCES for verb in ("read", "write")) - _UNUSED
PLATFORM_SCOPES = frozenset({"tenants:read", "tenants:write", "clients:read", "clients:write"})
