"""Keys change while what they sealed stays readable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain.access.keys import Keyring
from domain.customers.contacts import find_contacts, get_contact
from domain.events.log import list_events
from domain.events.webhook_endpoints import create_webhook_endpoint
from domain.events.webhook_secrets import open_secret
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest
from domain.messaging.channel_accounts import open_account
from domain.storage.data_keys import load_keys
from domain.storage.key_rotation import key_status, reseal_everything, rotate_data_keys
from domain.storage.resealing import Resealed, count_outdated, reseal_tenant
from domain.storage.sealing import Sealer, TenantKeys, install_sealer, new_key_text, sealer
from domain.storage.transaction import transaction, unbound
from tests.factories import a_contact, a_customer
from tests.factories_channels import an_sms_account


async def fresh_keys(ctx: Context) -> TenantKeys:
    """The tenant's keys as a process that has just started reads them."""
    async with transaction(ctx) as tx:
        return await load_keys(tx, ctx.tenant_id)


async def a_minute_passes(ctx: Context) -> Context:
    """As if a new key had been active for a while."""
    async with transaction(ctx) as tx:
        await tx.execute("update data_keys set active_at = created_at where tenant_id = $1", ctx.tenant_id)
    return replace(ctx, keys=await fresh_keys(ctx))


@pytest.fixture
async def server_keys() -> AsyncIterator[None]:
    """Puts the server's key back, and what was wrapped with another one under it."""
    before = sealer()
    yield
    install_sealer(before)


async def test_a_new_data_key_seals_after_a_minute_and_resealing_leaves_nothing_of_the_old_one(ctx: Context) -> None:
    contact = await a_contact(ctx, await a_customer(ctx), phone="+8613800006789")
    endpoint = await create_webhook_endpoint(ctx, url="https://hooks.example/a")
    async with transaction(ctx) as tx:
        old_way = sealer().seal(endpoint.secret.encode(), ctx.tenant_id, "webhook_endpoints", endpoint.id)
        await tx.execute("update webhook_endpoints set sealed_secret = $1 where tenant_id = $2", old_way, ctx.tenant_id)
    await rotate_data_keys()
    assert (await fresh_keys(ctx)).mark == b"\x00\x01"
    ctx = await a_minute_passes(ctx)
    keys = await fresh_keys(ctx)
    assert keys.mark == b"\x00\x02"
    expected = {
        "contacts.sealed_email": 1,
        "contacts.sealed_phone": 1,
        "events.sealed_pii": 1,
        "webhook_endpoints.sealed_secret": 1,
    }
    assert await count_outdated(ctx, keys) == expected
    counted = Resealed()
    await reseal_tenant(ctx, keys, counted)
    assert (counted.done, counted.unreadable) == (expected, {})
    assert await count_outdated(ctx, keys) == {}

    assert await get_contact(ctx, contact.id) == contact
    assert (await find_contacts(ctx, "wang.fang@lanhai.example", PageRequest())).items == [contact]
    (event,) = (await list_events(ctx, PageRequest(), object_id=contact.id)).items
    assert event.data["contact"]["email"] == contact.email
    async with transaction(ctx) as tx:
        sealed = await tx.fetchval("select sealed_secret from webhook_endpoints where tenant_id = $1", ctx.tenant_id)
    assert open_secret(ctx, endpoint.id, sealed) == endpoint.secret


async def test_accounts_and_addresses_of_channels_are_sealed_anew(ctx: Context) -> None:
    contact = await a_contact(ctx, await a_customer(ctx), email=None, addresses={"wecom": "wm1"})
    account = await an_sms_account(ctx)
    await rotate_data_keys()
    ctx = await a_minute_passes(ctx)
    counted = Resealed()
    await reseal_tenant(ctx, await fresh_keys(ctx), counted)
    assert counted.done == {
        "contacts.sealed_addresses": 1,
        "channel_accounts.sealed_credentials": 1,
        "channel_accounts.sealed_callback_secret": 1,
        "events.sealed_pii": 1,
    }
    assert (await get_contact(ctx, contact.id)).addresses == {"wecom": "wm1"}
    opened = await open_account(ctx, account.id)
    assert (opened.credentials, opened.callback_url) == ({"auth_token": "twilio-token"}, account.callback_url)


async def test_resealing_goes_on_in_batches_and_tells_what_no_key_opens(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.storage.resealing._BATCH", 2)
    customer = await a_customer(ctx)
    contacts = [await a_contact(ctx, customer, email=f"c{n}@lanhai.example") for n in range(5)]
    async with transaction(ctx) as tx:
        moved = "update contacts set sealed_email = $3, sealed_phone = null where tenant_id = $1 and id = $2"
        of_another = ctx.keys.seal(b"x@y.example", "contacts", contacts[0].id, "email")
        await tx.execute(moved, ctx.tenant_id, contacts[1].id, of_another)
    await rotate_data_keys()
    ctx = await a_minute_passes(ctx)
    counted = Resealed()
    await reseal_tenant(ctx, await fresh_keys(ctx), counted)
    assert counted.done == {"contacts.sealed_email": 4, "events.sealed_pii": 5}
    assert counted.unreadable == {"contacts.sealed_email": 1}


async def test_the_servers_key_changes_too(ctx: Context, settings: object, server_keys: None) -> None:
    old_text = settings.secret_key  # type: ignore[attr-defined]
    contact = await a_contact(ctx, await a_customer(ctx))
    signing = (await Keyring.open()).signer()
    new_text = new_key_text()
    install_sealer(Sealer.from_text(f"{new_text},{old_text}"))
    done = (await reseal_everything()).done
    assert done["data_keys.sealed_key"] >= 2
    assert done["signing_keys.sealed_private_key"] == await signing_key_count()
    assert "data_keys.sealed_key" not in (await key_status()).outdated

    install_sealer(Sealer.from_text(new_text))
    assert (await Keyring.open()).signer().kid == signing.kid
    assert await get_contact(replace(ctx, keys=await fresh_keys(ctx)), contact.id) == contact
    install_sealer(Sealer.from_text(f"{old_text},{new_text}"))
    assert "data_keys.sealed_key" in (await reseal_everything()).done


async def signing_key_count() -> int:
    """Other tests may have rotated the signing key of this database."""
    async with unbound() as tx:
        count: int = await tx.fetchval("select count(*) from signing_keys")
        return count
