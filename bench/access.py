"""Access: tokens by client_credentials from one process."""

from __future__ import annotations

import statistics

import aiohttp

from bench.harness import Figure, a_live_tenant, open_database, server
from bench.load import free_port, requests_per_second, wait_until_open
from cli.servers import ServerUrls
from domain.storage.sealing import new_key_text

ROUNDS = 5
TOKENS_PER_SECOND = 1000


async def run(urls: ServerUrls) -> list[Figure]:
    """One server process; the load is made by this one, on the same machine."""
    secret = new_key_text()
    async with open_database(urls, secret):
        _, client = await a_live_tenant()
    environment = {
        "DATABASE_URL": urls.database_url,
        "REDIS_URL": urls.redis_url,
        "DUNWELL_SECRET_KEY": secret,
        "LOG_LEVEL": "WARNING",
        # Counted as in production, but not stopped.
        "DUNWELL_TOKEN_CLIENT_RATE": "1000000000",
        "DUNWELL_TOKEN_ADDRESS_RATE": "1000000000",
    }
    port = free_port()
    headers = {"Authorization": aiohttp.encode_basic_auth(client.client_id, client.client_secret)}
    form = "grant_type=client_credentials"
    with server("api.asgi:app", port, environment):
        await wait_until_open(port)
        rates = [await requests_per_second(port, "/oauth/token", headers, form=form) for _ in range(ROUNDS)]
    rate = statistics.median(rates)
    how = f"median of {ROUNDS} rounds of 3 s, 32 connections, one uvicorn process; at best {max(rates):,.0f}/s"
    return [
        Figure(
            "POST /oauth/token, client_credentials",
            rate,
            "tokens/s",
            f">= {TOKENS_PER_SECOND}",
            rate >= TOKENS_PER_SECOND,
            how,
        )
    ]
