"""A contact has an address for each channel, sealed, masked, and found again by what a provider calls it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.customers.address_index import contact_ids_at
from domain.customers.contacts import create_contact, delete_contact, get_contact, update_contact
from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import TENANT_SCOPES, Scope
from domain.storage.transaction import reading
from tests.factories import a_contact, a_customer, tenant_context

ADDRESSES = {"wecom": "wmAbCdEf123", "push": "token-1"}


async def test_addresses_come_back_as_they_were_given(ctx: Context) -> None:
    made = await a_contact(ctx, await a_customer(ctx), addresses=ADDRESSES, opted_out_channels=["sms"])
    found = await get_contact(ctx, made.id)
    assert (found.addresses, found.opted_out_channels) == (ADDRESSES, ["sms"])
    changed = await update_contact(ctx, made.id, {"addresses": {"letter": "1 Bund, Shanghai"}})
    assert changed.addresses == {"letter": "1 Bund, Shanghai"}
    assert (await get_contact(ctx, made.id)).addresses == changed.addresses


async def test_the_database_holds_no_address_in_the_open(ctx: Context) -> None:
    made = await a_contact(ctx, await a_customer(ctx), phone="13800006789", addresses=ADDRESSES)
    async with reading(ctx) as tx:
        row = await tx.fetchval(
            "select contacts::text from contacts where tenant_id = $1 and id = $2", ctx.tenant_id, made.id
        )
        hashes = await tx.fetchval(
            "select string_agg(t::text, ' ') from contact_addresses t where tenant_id = $1", ctx.tenant_id
        )
    for secret in ("wmAbCdEf123", "token-1", "13800006789"):
        assert secret.encode().hex() not in row + hashes
        assert secret not in row + hashes


async def test_without_pii_read_they_are_masked_also_in_events(ctx: Context) -> None:
    made = await a_contact(ctx, await a_customer(ctx), addresses={**ADDRESSES, "sms": "+8613800006789"})
    blind = await tenant_context(ctx.tenant_id, TENANT_SCOPES - {Scope.PII_READ})
    shown = (await get_contact(blind, made.id)).addresses
    assert shown == {"wecom": "w***", "push": "t***", "sms": "***6789"}
    assert [e.data["contact"]["addresses"] for e in await _contact_events(blind, made.id)] == [shown]
    assert [e.data["contact"]["addresses"] for e in await _contact_events(ctx, made.id)] == [made.addresses]


async def test_a_contact_is_found_by_any_of_its_addresses(ctx: Context) -> None:
    made = await a_contact(ctx, await a_customer(ctx), phone="13800006789", addresses=ADDRESSES)
    assert await contact_ids_at(ctx, "sms", "+86 138 0000 6789") == [made.id]
    assert await contact_ids_at(ctx, "whatsapp", "+13800006789") == []
    assert await contact_ids_at(ctx, "wecom", "wmAbCdEf123") == [made.id]
    assert await contact_ids_at(ctx, "push", "wmAbCdEf123") == []
    assert await contact_ids_at(ctx, "email", "WANG.FANG@lanhai.example") == [made.id]
    await update_contact(ctx, made.id, {"phone": "13900001111", "addresses": {}})
    assert await contact_ids_at(ctx, "sms", "13800006789") == []
    assert await contact_ids_at(ctx, "sms", "13900001111") == [made.id]
    await delete_contact(ctx, made.id)
    assert await contact_ids_at(ctx, "sms", "13900001111") == []


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"addresses": {"WeCom": "x"}}, "/addresses/WeCom", "malformed_channel"),
        ({"addresses": {"wecom": " "}}, "/addresses/wecom", "malformed_address"),
        ({"addresses": {"wecom": "w***"}}, "/addresses/wecom", "masked_address"),
        ({"addresses": {"email": "a@b.example"}}, "/addresses/email", "address_elsewhere"),
        ({"addresses": {f"c{n}": "x" for n in range(21)}}, "/addresses", "too_many_addresses"),
        ({"opted_out_channels": ["sms\n"]}, "/opted_out_channels/0", "malformed_channel"),
    ],
)
async def test_what_is_no_address(ctx: Context, fields: dict[str, Any], pointer: str, code: str) -> None:
    customer = await a_customer(ctx)
    with pytest.raises(InvalidInput) as refused:
        await create_contact(ctx, customer.id, name="Wang Fang", **fields)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


async def _contact_events(ctx: Context, contact_id: str) -> list[Any]:
    return list((await list_events(ctx, PageRequest(), object_id=contact_id)).items)
