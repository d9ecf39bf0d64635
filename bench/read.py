"""GET one receivable with token, tenant binding and all, against a bare handler that selects the same row."""

from __future__ import annotations

from decimal import Decimal

import aiohttp

from bench.harness import Figure, a_live_tenant, interleaved, median_ratio, open_database, server
from bench.load import free_port, requests_per_second, wait_until_open
from cli.servers import ServerUrls
from domain.access.model import NewClient
from domain.access.profile import context_for
from domain.customers.customers import create_customer
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor
from domain.kernel.money import Money
from domain.kernel.scopes import TENANT_SCOPES
from domain.ledger.receivables import create_receivable
from domain.storage.sealing import new_key_text

ROUNDS = 5


async def run(urls: ServerUrls) -> list[Figure]:
    """Both servers run at once, one process each; rounds take turns."""
    secret = new_key_text()
    async with open_database(urls, secret):
        client, receivable_id = await a_receivable()
    return await _measure(urls, secret, client, receivable_id)


async def a_receivable() -> tuple[NewClient, str]:
    """A receivable, and a client that may read it."""
    tenant, client = await a_live_tenant()
    ctx = await context_for(tenant.id, Actor("client", client.client_id), TENANT_SCOPES)
    customer = await create_customer(ctx, name="Lanhai Trading")
    today = SystemClock().now().date()
    made = await create_receivable(
        ctx,
        customer_id=customer.id,
        number="INV-1",
        amount=Money(Decimal(1299), "CNY"),
        issued_on=today,
        due_on=today,
    )
    return client, made.id


async def _measure(urls: ServerUrls, secret: str, client: NewClient, receivable_id: str) -> list[Figure]:
    ours, bare = free_port(), free_port()
    environment = {
        "DATABASE_URL": urls.database_url,
        "REDIS_URL": urls.redis_url,
        "DUNWELL_SECRET_KEY": secret,
        "LOG_LEVEL": "WARNING",
        # Limits are counted and told as always; they are only too high to be met.
        "DUNWELL_CLIENT_RATE": "100000000",
        "DUNWELL_TENANT_RATE": "100000000",
    }
    with server("api.asgi:app", ours, environment), server("bench.bare:app", bare, environment):
        await wait_until_open(ours)
        await wait_until_open(bare)
        headers = {"Authorization": f"Bearer {await token_of(ours, client)}"}
        path, bare_path = f"/v1/receivables/{receivable_id}", f"/bare/{receivable_id}"
        full, baseline = await interleaved(
            ROUNDS,
            lambda: requests_per_second(ours, path, headers),
            lambda: requests_per_second(bare, bare_path, {}),
        )
    ratio = median_ratio(full, baseline)
    how = f"median of {ROUNDS} interleaved rounds, 32 connections; ours {max(full):,.0f}/s, bare {max(baseline):,.0f}/s at best"
    return [
        Figure("GET one receivable / bare handler", ratio, "of its requests per second", ">= 0.50", ratio >= 0.5, how)
    ]


async def token_of(port: int, client: NewClient) -> str:
    """An access token from the server at `port`."""
    auth = aiohttp.BasicAuth(client.client_id, client.client_secret)
    async with aiohttp.ClientSession(auth=auth) as session:
        form = {"grant_type": "client_credentials"}
        async with session.post(f"http://127.0.0.1:{port}/oauth/token", data=form) as answer:
            token: str = (await answer.json())["access_token"]
            return token
