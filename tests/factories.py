"""Real objects for tests, made through the use cases; keyword arguments override what does not matter to the test."""

from __future__ import annotations

from domain.access.profile import context_for
from domain.customers.contacts import create_contact
from domain.customers.customers import create_customer
from domain.customers.model import Contact, Customer
from domain.kernel.context import Actor, Context
from domain.kernel.scopes import TENANT_SCOPES


async def tenant_context(tenant_id: str, scopes: frozenset[str] = TENANT_SCOPES) -> Context:
    """A client's context in the tenant, as fresh as its clock."""
    return await context_for(tenant_id, Actor("client", "cli_test"), scopes)


async def a_customer(ctx: Context, **overrides: object) -> Customer:
    """A customer with a name."""
    return await create_customer(ctx, **{"name": "Lanhai Trading", **overrides})  # type: ignore[arg-type]


async def a_contact(ctx: Context, customer: Customer, **overrides: object) -> Contact:
    """A billing contact with a mailbox."""
    fields = {"name": "Wang Fang", "email": "wang.fang@lanhai.example", **overrides}
    return await create_contact(ctx, customer.id, **fields)  # type: ignore[arg-type]
