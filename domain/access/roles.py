"""The roles of users inside a tenant, and how far each can go: no consent grants a user's token more."""

from __future__ import annotations

from typing import Literal, get_args

from domain.kernel.scopes import TENANT_SCOPES, Scope

Role = Literal["admin", "finance_manager", "collector", "viewer", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

_READ = frozenset(scope for scope in TENANT_SCOPES if scope.endswith(":read"))
# What runs the tenant itself or speaks for its providers, and what shows all customers at once, so no limited collector has it.
_ADMINISTRATION = frozenset(
    s
    for s in TENANT_SCOPES
    if s.startswith(("clients:", "webhooks:", "users:", "audit:", "sign_in:", "channels:", "notices:send"))
)
_COLLECTOR = frozenset(
    scope
    for scope in TENANT_SCOPES
    if scope
    in {
        "activities:read",
        "activities:write",
        "cases:read",
        "customers:read",
        "customers:write",
        "clock:read",
        "disputes:read",
        "disputes:write",
        "escalations:read",
        "notices:read",
        "payments:read",
        "pii:read",
        "plans:read",
        "profile:read",
        "profile:write",
        "receivables:read",
        "tasks:read",
        "tasks:write",
        "templates:read",
    }
)
_AUDIT = frozenset(s for s in TENANT_SCOPES if s.startswith("audit:"))
_PROFILE = frozenset(s for s in TENANT_SCOPES if s.startswith("profile:"))
_PII = frozenset(s for s in TENANT_SCOPES if s.startswith("pii:"))

_SCOPES: dict[Role, frozenset[Scope]] = {
    "admin": TENANT_SCOPES - _AUDIT,
    "finance_manager": TENANT_SCOPES - _ADMINISTRATION,
    "collector": _COLLECTOR,
    "viewer": (_READ - _ADMINISTRATION - _PII) | _PROFILE,
    "auditor": _READ | _AUDIT | _PROFILE,
}


def scopes_of(role: Role) -> frozenset[Scope]:
    """All that a user in this role may be granted. Only auditors read the audit log."""
    return _SCOPES[role]
