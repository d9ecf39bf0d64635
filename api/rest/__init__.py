"""The REST door: one module per resource."""

from api.rest import customers, events, tenants, webhooks

ROUTES = [
    *tenants.ROUTES,
    *customers.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
]
