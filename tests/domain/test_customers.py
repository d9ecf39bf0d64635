"""Customers and contacts on a real PostgreSQL."""

from __future__ import annotations

import pytest

from domain.customers.contacts import create_contact, delete_contact, list_contacts, update_contact
from domain.customers.customers import get_customer, list_customers, put_customer, update_customer
from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from tests.factories import a_contact, a_customer, tenant_context


async def test_putting_the_same_customer_twice_makes_one_and_changes_nothing(ctx: Context) -> None:
    first = await put_customer(ctx, "c-1", name="Lanhai")
    again = await put_customer(ctx, "c-1", name="Lanhai")
    assert again == first
    assert [event.type for event in (await list_events(ctx, PageRequest())).items] == ["customer.created"]


async def test_an_update_with_a_stale_version_is_refused(ctx: Context) -> None:
    customer = await a_customer(ctx)
    await update_customer(ctx, customer.id, {"name": "Lanhai Ltd"}, expected_version=1)
    with pytest.raises(PreconditionFailed):
        await update_customer(ctx, customer.id, {"name": "Lost"}, expected_version=1)
    assert (await get_customer(ctx, customer.id)).name == "Lanhai Ltd"


async def test_an_external_id_is_unique_within_the_tenant(ctx: Context) -> None:
    await a_customer(ctx, external_id="c-1")
    with pytest.raises(Conflict) as refused:
        await a_customer(ctx, external_id="c-1")
    assert refused.value.code == "external_id_taken"


async def test_every_wrong_field_of_a_contact_is_named(ctx: Context) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await create_contact(ctx, customer.id, name="x", email="nobody", locale="tlh")
    assert {error.pointer for error in refused.value.errors} == {"/email", "/locale"}


async def test_a_deleted_contact_is_gone_and_its_end_is_an_event(ctx: Context) -> None:
    contact = await a_contact(ctx, await a_customer(ctx))
    await update_contact(ctx, contact.id, {"phone": "+8613800000000"})
    await delete_contact(ctx, contact.id)
    assert (await list_contacts(ctx, contact.customer_id, PageRequest())).items == []
    types = [event.type for event in (await list_events(ctx, PageRequest(), object_id=contact.id)).items]
    assert types == ["contact.created", "contact.updated", "contact.deleted"]


async def test_customers_are_listed_by_keyset(ctx: Context) -> None:
    made = [(await a_customer(ctx, name=f"c{n}")).id for n in range(5)]
    first = await list_customers(ctx, PageRequest(limit=2))
    second = await list_customers(ctx, PageRequest(limit=2, after=first.next_key))
    last = await list_customers(ctx, PageRequest(limit=2, after=second.next_key))
    assert [c.id for page in (first, second, last) for c in page.items] == made
    assert last.next_key is None


async def test_a_missing_scope_is_refused_before_anything_happens(ctx: Context) -> None:
    reader = await tenant_context(ctx.tenant_id, frozenset({"customers:read"}))
    with pytest.raises(Forbidden):
        await a_customer(reader)
    assert (await list_customers(reader, PageRequest())).items == []


async def test_an_unknown_customer_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound) as missing:
        await get_customer(ctx, "cus_00000000000000000000000000")
    assert missing.value.code == "customer_not_found"
