"""The gate on a real Redis that is flushed, stopped and started: a revoked token is never let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from api.gate.gate import Gate
from api.gate.script import Question
from cli.embedded_redis import EmbeddedRedis
from domain.access.model import NewClient, Tenant
from domain.access.publishing import MARKER, PREFIX, STORE, publish_pending
from domain.access.revocations import revoke
from domain.access.tenant_changes import activate_tenant, suspend_tenant
from domain.kernel.context import PlatformContext
from domain.kernel.ids import new_id
from domain.storage.transaction import transaction
from tests.api.gates import no_other_publisher, open_gate, own_redis, trusting

Platform = tuple[PlatformContext, NewClient]


@pytest.fixture
def redis() -> Iterator[EmbeddedRedis]:
    with no_other_publisher(), own_redis() as server:
        yield server


async def refuses(gate: Gate, *subjects: str, jti: str | None = None) -> bool:
    jti = jti or new_id("tok")
    return (await gate.ask(Question(jti, (jti, *subjects), ()))).revoked


async def revoked(ctx: PlatformContext, *subjects: str) -> None:
    async with transaction(ctx):
        await revoke(ctx, *subjects)


async def test_tokens_from_before_are_refused_and_those_from_after_are_good(
    platform: Platform, redis: EmbeddedRedis
) -> None:
    client, before = new_id("cli"), new_id("tok")
    async with open_gate(redis.url) as gate, open_gate(redis.url) as other:
        assert not await refuses(other, client, jti=before)
        await revoked(platform[0], client)
        for one in (gate, other):
            assert one.trusts_redis
            assert await refuses(one, client, jti=before)
            assert not await refuses(one, client)
            assert not await refuses(one, new_id("cli"), jti=before)


async def test_a_token_and_a_grant_never_come_back(platform: Platform, redis: EmbeddedRedis) -> None:
    token, grant = new_id("tok"), new_id("gnt")
    async with open_gate(redis.url) as gate:
        await revoked(platform[0], token, grant)
        assert await refuses(gate, jti=token)
        assert await refuses(gate, grant)


async def test_nothing_is_forgotten_when_redis_loses_its_data(platform: Platform, redis: EmbeddedRedis) -> None:
    client, before = new_id("cli"), new_id("tok")
    async with open_gate(redis.url) as gate, Redis.from_url(redis.url) as direct:
        await revoked(platform[0], client)
        await direct.flushall()
        assert await refuses(gate, client, jti=before)
        await trusting(gate)
        assert await direct.exists(MARKER)
        assert await refuses(gate, client, jti=before)
        assert not await refuses(gate, client)


async def test_nothing_is_forgotten_while_redis_is_away_and_after_it_came_back(
    platform: Platform, redis: EmbeddedRedis
) -> None:
    first, second, before = new_id("cli"), new_id("cli"), new_id("tok")
    async with open_gate(redis.url) as gate:
        await revoked(platform[0], first)
        redis.stop()
        fallbacks = REGISTRY.get_sample_value("dunwell_gate_fallbacks_total") or 0
        assert await refuses(gate, first, jti=before)
        assert not await refuses(gate, second, jti=before)
        await revoked(platform[0], second)  # cannot be published now
        assert await refuses(gate, second, jti=before)
        assert REGISTRY.get_sample_value("dunwell_gate_fallbacks_total") == fallbacks + 3
        assert REGISTRY.get_sample_value("dunwell_gate_redis") == 0

        redis.start()
        await trusting(gate)
        async with Redis.from_url(redis.url) as direct:
            assert await direct.exists(PREFIX + second)
        assert await refuses(gate, first, jti=before)
        assert await refuses(gate, second, jti=before)


async def test_a_process_that_starts_without_redis_asks_the_database(platform: Platform, redis: EmbeddedRedis) -> None:
    client, before = new_id("cli"), new_id("tok")
    redis.stop()
    async with open_gate(redis.url) as gate:
        await revoked(platform[0], client)
        assert not gate.trusts_redis
        assert await refuses(gate, client, jti=before)


async def test_an_old_state_that_arrives_late_changes_nothing(
    platform: Platform, tenant: Tenant, redis: EmbeddedRedis
) -> None:
    async with open_gate(redis.url) as gate, Redis.from_url(redis.url) as direct:
        await suspend_tenant(platform[0], tenant.id)
        assert await refuses(gate, tenant.id)
        known = await direct.get(PREFIX + tenant.id)
        await activate_tenant(platform[0], tenant.id)
        assert not await refuses(gate, tenant.id)
        version, _, before = known.decode().partition(":")
        from_before = [PREFIX + tenant.id, version, before, ""]
        await direct.eval(STORE, 0, *from_before)
        assert not await refuses(gate, tenant.id)


@pytest.mark.usefixtures("redis")
async def test_what_was_not_published_is_found_by_whoever_looks(platform: Platform) -> None:
    client = new_id("cli")
    await revoked(platform[0], client)  # no gate of this process publishes it
    sent: list[str] = []

    async def evaluate(script: str, arguments: Sequence[str]) -> int:
        sent.extend(arguments)
        return 1

    await publish_pending(evaluate)
    assert PREFIX + client in sent
    sent.clear()
    await publish_pending(evaluate)
    assert PREFIX + client not in sent
