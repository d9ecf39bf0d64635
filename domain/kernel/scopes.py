"""Everything a token may be allowed to do, in one enumeration: `resource:verb`.

Use cases declare theirs (`kernel/usecase.py`), roles and clients are given sets of them (`access/roles.py`, `access/clients.py`), and
REST, GraphQL, OpenAPI, the consent page and the tests read them from here.
"""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One scope of a token."""

    ACTIVITIES_READ = "activities:read"
    ACTIVITIES_WRITE = "activities:write"
    APPROVALS_WRITE = "approvals:write"
    AUDIT_READ = "audit:read"
    CASES_READ = "cases:read"
    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    CHARGES_READ = "charges:read"
    CHARGES_WRITE = "charges:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    CLOCK_READ = "clock:read"
    CLOCK_WRITE = "clock:write"
    CREDIT_NOTES_READ = "credit_notes:read"
    CREDIT_NOTES_WRITE = "credit_notes:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    DISPUTES_READ = "disputes:read"
    DISPUTES_WRITE = "disputes:write"
    ESCALATIONS_READ = "escalations:read"
    EVENTS_READ = "events:read"
    EXCHANGE_RATES_READ = "exchange_rates:read"
    EXCHANGE_RATES_WRITE = "exchange_rates:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    LEDGER_POLICY_READ = "ledger_policy:read"
    LEDGER_POLICY_WRITE = "ledger_policy:write"
    NOTICES_READ = "notices:read"
    NOTICES_SEND = "notices:send"
    OPERATIONS_READ = "operations:read"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    PII_READ = "pii:read"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    RECEIVABLES_READ = "receivables:read"
    RECEIVABLES_WRITE = "receivables:write"
    SIGN_IN_READ = "sign_in:read"
    SIGN_IN_WRITE = "sign_in:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    TENANTS_READ = "tenants:read"
    TENANTS_WRITE = "tenants:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


PLATFORM_SCOPES = frozenset(
    {Scope.TENANTS_READ, Scope.TENANTS_WRITE, Scope.CLIENTS_READ, Scope.CLIENTS_WRITE, Scope.AUDIT_READ}
)
"""What a platform's own token can do; a platform's client may also hold tenant scopes, which its token has after an exchange."""

TENANT_SCOPES = frozenset(Scope) - {Scope.TENANTS_READ, Scope.TENANTS_WRITE}
"""What a token inside a tenant can do."""
