"""Brings revocations from PostgreSQL, which owns them, to where every request can ask for them: Redis.

No Redis here: `evaluate` runs a Lua script there for the API or for a worker. Each row carries a version, so that whoever comes
late with an older state of a subject changes nothing. A marker says that Redis holds all that is live. It is set only
if a second mark, made before PostgreSQL was read, is still there: a FLUSHALL meanwhile takes both.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.kernel.clock import SystemClock
from domain.storage.transaction import unbound

Evaluate = Callable[[str, Sequence[str]], Awaitable[Any]]

PREFIX = "dunwell:revoked:"
MARKER = "dunwell:revocations"
_MOST = 1000

BEGIN_LOADING = "return redis.call('SET', ARGV[1], '1', 'EX', 60)"
STORE = """
for i = 1, #ARGV, 4 do
  local key, version = ARGV[i], tonumber(ARGV[i + 1])
  local known = redis.call('GET', key)
  if not known or version > tonumber(string.match(known, '^%d+')) then
    local value = ARGV[i + 1] .. ':' .. ARGV[i + 2]
    if ARGV[i + 3] == '' then
      redis.call('SET', key, value)
    else
      redis.call('SET', key, value, 'PXAT', ARGV[i + 3])
    end
  end
end
return 1
"""
END_LOADING = """
if redis.call('DEL', ARGV[1]) == 0 then return 0 end
redis.call('SET', ARGV[2], '1')
return 1
"""


async def publish_pending(evaluate: Evaluate) -> int:
    """Publishes what is not published yet and notes that it is; how many. Whatever fails stays unpublished."""
    total = 0
    while rows := await _ask("select * from door_unpublished_revocations($1)", _MOST):
        await evaluate(STORE, _arguments(rows))
        async with unbound() as tx:
            await tx.execute(
                "select door_mark_published($1, $2, $3)",
                [row["subject"] for row in rows],
                [row["version"] for row in rows],
                SystemClock().now(),
            )
        total += len(rows)
        if len(rows) < _MOST:
            break
    return total


async def load_live(evaluate: Evaluate) -> bool:
    """Brings every live revocation to Redis and sets the marker; False if Redis lost its data meanwhile."""
    loading = f"{MARKER}:loading:{secrets.token_hex(8)}"
    await evaluate(BEGIN_LOADING, [loading])
    after = ""
    while rows := await _ask("select * from door_live_revocations($1, $2)", after, _MOST):
        await evaluate(STORE, _arguments(rows))
        after = rows[-1]["subject"]
    return bool(await evaluate(END_LOADING, [loading, MARKER]))


async def is_revoked(jti: str, subjects: Sequence[str]) -> bool:
    """What PostgreSQL says of a token, for when Redis cannot be asked."""
    async with unbound() as tx:
        revoked: bool = await tx.fetchval("select door_revoked($1, $2)", list(subjects), jti)
        return revoked


async def forget_expired() -> int:
    """Removes revocations that can refuse nothing any more; how many."""
    async with unbound() as tx:
        count: int = await tx.fetchval("select door_forget_revocations($1)", SystemClock().now())
        return count


async def _ask(query: str, *arguments: Any) -> list[Any]:
    async with unbound() as tx:
        return await tx.fetch(query, *arguments)


def _arguments(rows: Sequence[Any]) -> list[str]:
    flat: list[str] = []
    for row in rows:
        # PostgreSQL's infinity arrives as the year 9999: such a key gets no expiry.
        expires = row["expires_at"]
        until = "" if expires.year == 9999 else str(int(expires.timestamp() * 1000))
        flat += [f"{PREFIX}{row['subject']}", str(row["version"]), row["revoked_before"], until]
    return flat
