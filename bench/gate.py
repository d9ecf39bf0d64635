"""What authentication and authorization, revocation check and limits cost a GET: against the same GET in a fixed context."""

from __future__ import annotations

import statistics

from bench.harness import Figure, interleaved, open_database, server
from bench.load import free_port, requests_per_second, wait_until_open
from bench.read import a_receivable, token_of
from cli.servers import ServerUrls
from domain.storage.sealing import new_key_text

ROUNDS = 7
# Limits are counted and told as always; they are only too high to be met.
_UNREACHED = "100000000"


async def run(urls: ServerUrls) -> list[Figure]:
    """Both servers run at once, one process each; rounds take turns."""
    secret = new_key_text()
    async with open_database(urls, secret):
        client, receivable_id = await a_receivable()
    whole, free = free_port(), free_port()
    environment = {
        "DATABASE_URL": urls.database_url,
        "REDIS_URL": urls.redis_url,
        "DUNWELL_SECRET_KEY": secret,
        "LOG_LEVEL": "WARNING",
        "BENCH_TENANT": str(client.tenant_id),
        "DUNWELL_CLIENT_RATE": _UNREACHED,
        "DUNWELL_TENANT_RATE": _UNREACHED,
    }
    with server("api.asgi:app", whole, environment), server("bench.gate_free:app", free, environment):
        await wait_until_open(whole)
        await wait_until_open(free)
        headers = {"Authorization": f"Bearer {await token_of(whole, client)}"}
        path = f"/v1/receivables/{receivable_id}"
        with_gate, without = await interleaved(
            ROUNDS,
            lambda: requests_per_second(whole, path, headers),
            lambda: requests_per_second(free, path, headers),
        )
    share = statistics.median(1 - a / b for a, b in zip(with_gate, without, strict=True))
    how = (
        f"median of {ROUNDS} interleaved rounds, 32 connections, one process; whole {max(with_gate):,.0f}/s,"
        f" fixed context {max(without):,.0f}/s at best"
    )
    name = "authentication and authorization / whole GET"
    return [Figure(name, share, "of its time", "< 0.25", share < 0.25, how)]
