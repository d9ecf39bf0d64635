"""A tenant's data keys in PostgreSQL: made when they are first needed, wrapped with the server's secret key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.kernel.clock import SystemClock
from domain.storage.sealing import KEY_BYTES, Sealer, TenantKeys, sealer

SEARCH = 0
"""The number of the key of search hashes, which is never changed: hashes must go on being equal."""
ACTIVE_AFTER = timedelta(seconds=60)
"""A new key seals only after every process has read it: longer than processes remember keys."""


class Executor(Protocol):
    """A bound transaction, or a migration's bare connection."""

    async def fetch(self, query: str, *arguments: Any) -> Sequence[Any]:
        """All rows of one statement."""
        ...

    async def execute(self, query: str, *arguments: Any) -> str:
        """Runs one statement."""
        ...


async def load_keys(tx: Executor, tenant_id: str, server: Sealer | None = None) -> TenantKeys:
    """The keys of the tenant to which `tx` is bound; makes the first ones. `server` is this process's sealer if not given."""
    server = server or sealer()
    rows = await _rows(tx, tenant_id)
    if not rows:
        now = SystemClock().now()
        for number in (SEARCH, 1):
            await add_key(tx, tenant_id, number, now, server)
        rows = await _rows(tx, tenant_id)
    now = SystemClock().now()
    keys = {n: server.open(sealed, *key_place(tenant_id, n)) for n, sealed, _ in rows}
    active = [n for n, _, active_at in rows if n != SEARCH and active_at <= now]
    search = keys.pop(SEARCH)
    return TenantKeys(tenant_id, keys, max(active), search)


async def add_key(tx: Executor, tenant_id: str, number: int, active_at: datetime, server: Sealer | None = None) -> None:
    """Stores a fresh key; of several callers at once, one key wins."""
    await tx.execute(
        "insert into data_keys (tenant_id, number, sealed_key, created_at, active_at) values ($1, $2, $3, $4, $5)"
        " on conflict (tenant_id, number) do nothing",
        tenant_id,
        number,
        (server or sealer()).seal(secrets.token_bytes(KEY_BYTES), *key_place(tenant_id, number)),
        SystemClock().now(),
        active_at,
    )


async def _rows(tx: Executor, tenant_id: str) -> list[tuple[int, bytes, datetime]]:
    rows = await tx.fetch("select number, sealed_key, active_at from data_keys where tenant_id = $1", tenant_id)
    return [(row["number"], row["sealed_key"], row["active_at"]) for row in rows]


def key_place(tenant_id: str, number: int) -> tuple[str, str, str]:
    """Where a wrapped key belongs, which its sealing is bound to."""
    return tenant_id, "data_keys", str(number)
