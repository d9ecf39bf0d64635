"""What authentication and authorization, revocation check and limits cost a GET: against the same GET in a fixed context."""

from __future__ import annotations

import statistics

from bench.harness import Figure, interleaved, open_database, server
from bench.load import free_port, requests_per_second, wait_until_open
from bench.measuring import processor_seconds
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
    with server("api.asgi:app", whole, environment) as gated, server("bench.gate_free:app", free, environment) as bare:
        await wait_until_open(whole)
        await wait_until_open(free)
        headers = {"Authorization": f"Bearer {await token_of(whole, client)}"}
        path = f"/v1/receivables/{receivable_id}"
        with_gate, without = await interleaved(
            ROUNDS, lambda: _measured(whole, gated, path, headers), lambda: _measured(free, bare, path, headers)
        )
    pairs = list(zip(with_gate, without, strict=True))
    share = statistics.median(1 - b[1] / a[1] for a, b in pairs)
    by_the_clock = statistics.median(1 - a[0] / b[0] for a, b in pairs)
    how = (
        f"processor time of the API's process for each request, median of {ROUNDS} interleaved rounds, 32 connections:"
        f" {_microseconds(with_gate):.0f} of which {_microseconds(without):.0f} µs in a fixed context; by the clock, on"
        f" whatever else the machine did, {by_the_clock:.2f}"
    )
    name = "authentication and authorization / whole GET"
    return [Figure(name, share, "of its time", "< 0.25", share < 0.25, how)]


async def _measured(port: int, process: int, path: str, headers: dict[str, str]) -> tuple[float, float]:
    """Requests per second, and seconds that the server's process computed for each."""
    seconds, before = 3.0, processor_seconds(process)
    rate = await requests_per_second(port, path, headers, seconds=seconds)
    return rate, (processor_seconds(process) - before) / (rate * seconds)


def _microseconds(rounds: list[tuple[float, float]]) -> float:
    return statistics.median(cost for _, cost in rounds) * 1e6
