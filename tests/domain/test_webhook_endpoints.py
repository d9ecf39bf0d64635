"""Webhook endpoints on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from cryptography.exceptions import InvalidTag

from domain.events.address_policy import install_address_policy, private_addresses_allowed
from domain.events.log import list_events
from domain.events.webhook_endpoints import (
    MAX_ENDPOINTS,
    create_webhook_endpoint,
    delete_webhook_endpoint,
    get_webhook_endpoint,
    list_webhook_endpoints,
    update_webhook_endpoint,
)
from domain.events.webhook_secrets import open_secret
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed
from domain.kernel.paging import PageRequest
from domain.storage.sealing import sealer
from domain.storage.transaction import reading
from tests.factories import tenant_context

URL = "https://hooks.example/dunwell"


@pytest.fixture(autouse=True)
def production() -> Iterator[None]:
    """Private addresses are refused."""
    before = private_addresses_allowed()
    install_address_policy(allow_private=False)
    yield
    install_address_policy(allow_private=before)


async def test_the_secret_is_shown_once_and_stored_sealed_in_its_place(ctx: Context) -> None:
    made = await create_webhook_endpoint(ctx, url=URL, event_types=["receivable.*", "receivable.*"])
    assert made.secret.startswith("whsec_")
    assert made.event_types == ["receivable.*"]
    assert not hasattr(await get_webhook_endpoint(ctx, made.id), "secret")
    async with reading(ctx) as tx:
        sealed = await tx.fetchval("select sealed_secret from webhook_endpoints where id = $1", made.id)
    assert made.secret.encode() not in sealed
    assert open_secret(ctx, made.id, sealed) == made.secret
    with pytest.raises(InvalidTag):
        open_secret(ctx, "whe_another", sealed)
    # As it was stored before tenants had keys of their own.
    old = sealer().seal(made.secret.encode(), ctx.tenant_id, "webhook_endpoints", made.id)
    assert open_secret(ctx, made.id, old) == made.secret


async def test_every_change_is_an_event_and_none_holds_the_secret(ctx: Context) -> None:
    made = await create_webhook_endpoint(ctx, url=URL)
    await update_webhook_endpoint(ctx, made.id, {"description": "ours"})
    await update_webhook_endpoint(ctx, made.id, {"description": "ours"})
    disabled = await update_webhook_endpoint(ctx, made.id, {"state": "disabled"})
    assert disabled.disabled_reason == "requested"
    enabled = await update_webhook_endpoint(ctx, made.id, {"state": "enabled"}, expected_version=3)
    assert (enabled.disabled_reason, enabled.version) == (None, 4)
    await delete_webhook_endpoint(ctx, made.id)
    events = (await list_events(ctx, PageRequest(), object_id=made.id)).items
    happened = [event.type.removeprefix("webhook_endpoint.") for event in events]
    assert happened == ["created", "updated", "disabled", "updated", "deleted"]
    assert made.secret.removeprefix("whsec_") not in msgspec.json.encode(events).decode()


async def test_a_deleted_endpoint_is_gone_with_its_secret(ctx: Context) -> None:
    made = await create_webhook_endpoint(ctx, url=URL)
    with pytest.raises(PreconditionFailed):
        await delete_webhook_endpoint(ctx, made.id, expected_version=7)
    await delete_webhook_endpoint(ctx, made.id, expected_version=1)
    assert (await list_webhook_endpoints(ctx, PageRequest())).items == []
    with pytest.raises(NotFound) as missing:
        await update_webhook_endpoint(ctx, made.id, {"state": "enabled"})
    assert missing.value.code == "webhook_endpoint_not_found"
    async with reading(ctx) as tx:
        assert await tx.fetchval("select sealed_secret from webhook_endpoints where id = $1", made.id) == b""


async def test_every_wrong_field_is_named(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_webhook_endpoint(
            ctx, url="http://127.0.0.1/", description="x" * 501, event_types=["case.opened", "nothing.happened"]
        )
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/url", "private_address"),
        ("/description", "too_long"),
        ("/event_types/1", "unknown_event_type"),
    ]


async def test_a_change_to_a_private_address_is_refused_too(ctx: Context) -> None:
    made = await create_webhook_endpoint(ctx, url=URL)
    with pytest.raises(InvalidInput):
        await update_webhook_endpoint(ctx, made.id, {"url": "http://[::1]/"})


async def test_the_development_setting_lets_webhooks_stay_at_home(ctx: Context) -> None:
    install_address_policy(allow_private=True)
    assert (await create_webhook_endpoint(ctx, url="http://localhost:9000/")).url == "http://localhost:9000/"


async def test_a_tenant_has_a_bounded_number_of_endpoints(ctx: Context) -> None:
    for _ in range(MAX_ENDPOINTS):
        await create_webhook_endpoint(ctx, url=URL)
    with pytest.raises(Conflict) as refused:
        await create_webhook_endpoint(ctx, url=URL)
    assert refused.value.code == "too_many_webhook_endpoints"


async def test_endpoints_are_listed_by_keyset(ctx: Context) -> None:
    made = [(await create_webhook_endpoint(ctx, url=URL)).id for _ in range(3)]
    first = await list_webhook_endpoints(ctx, PageRequest(limit=2))
    second = await list_webhook_endpoints(ctx, PageRequest(limit=2, after=first.next_key))
    assert [endpoint.id for endpoint in first.items + second.items] == made


async def test_reading_does_not_allow_writing(ctx: Context) -> None:
    reader = await tenant_context(ctx.tenant_id, frozenset({"webhooks:read"}))
    with pytest.raises(Forbidden):
        await create_webhook_endpoint(reader, url=URL)
    assert (await list_webhook_endpoints(reader, PageRequest())).items == []
