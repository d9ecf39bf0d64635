"""The REST door: one module per resource."""

from api.rest import (
    activities,
    cases,
    customers,
    escalations,
    events,
    imports,
    notices,
    payments,
    plans,
    profile,
    receivables,
    tasks,
    templates,
    tenants,
    users,
    webhooks,
)

ROUTES = [
    *tenants.ROUTES,
    *customers.ROUTES,
    *receivables.ROUTES,
    *payments.ROUTES,
    *imports.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *plans.ROUTES,
    *cases.ROUTES,
    *activities.ROUTES,
    *tasks.ROUTES,
    *escalations.ROUTES,
    *templates.ROUTES,
    *notices.ROUTES,
    *users.ROUTES,
    *profile.ROUTES,
]
