"""The REST door: one module per resource."""

from api.rest import (
    activities,
    cases,
    credit_notes,
    customers,
    escalations,
    events,
    imports,
    notices,
    payments,
    plans,
    receivables,
    tasks,
    templates,
    tenants,
    webhooks,
    write_offs,
)

ROUTES = [
    *tenants.ROUTES,
    *customers.ROUTES,
    *receivables.ROUTES,
    *payments.ROUTES,
    *credit_notes.ROUTES,
    *write_offs.ROUTES,
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
]
