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
_READ_ONLY = frozenset({"cases:write", "escalations:write", "events:write", "notices:write", "operations:write"})

TENANT_SCOPES = frozenset(f"{r}:{verb}" for r in _TENANT_RESOURCES for verb in ("read", "write")) - _READ_ONLY
PLATFORM_SCOPES = frozenset({"tenants:read", "tenants:write", "clients:read", "clients:write"})
