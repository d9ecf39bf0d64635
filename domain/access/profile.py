"""From a tenant id to the context of work: its time, its time zone, its language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.kernel.clock import FixedClock, SystemClock, monotonic_seconds
from domain.kernel.context import Actor, Context
from domain.kernel.errors import Unauthenticated
from domain.storage.data_keys import load_keys
from domain.storage.engine import DB, BoundTransaction
from domain.storage.sealing import TenantKeys
from domain.storage.transaction import binding_of, reading

# Settings of a live tenant may be this much behind in another process; a test clock is read each time. Whatever must not be late
# asks elsewhere: tokens of a suspended tenant are revoked, senders look under lock (storage/tenancy.py).
_KEEP_SECONDS = 5.0
_kept: dict[str, tuple[float, dict[str, Any]]] = {}
# A tenant's keys do not depend on its clock; a new one is used only after every process has read it (data_keys.ACTIVE_AFTER).
_KEEP_KEYS_SECONDS = 15.0
_keys: dict[str, tuple[float, TenantKeys]] = {}


async def context_for(
    tenant_id: str,
    actor: Actor,
    scopes: frozenset[str] = frozenset(),
    request_id: str | None = None,
    *,
    customers_of: str | None = None,
) -> Context:
    """The context in which `actor` works for a tenant; raises Unauthenticated if the tenant is not active."""
    settings = await _settings(tenant_id)
    if settings["status"] != "active":
        raise Unauthenticated("tenant_not_active", "The tenant is suspended or closed.")
    stands_at: datetime | None = settings["clock_at"]
    return Context(
        tenant_id=tenant_id,
        actor=actor,
        scopes=scopes,
        clock=FixedClock(stands_at) if stands_at else SystemClock(),
        clock_kind="test" if stands_at else "system",
        time_zone=settings["time_zone"],
        locale=settings["locale"],
        base_currency=settings["base_currency"],
        request_id=request_id,
        customers_of=customers_of,
        keys=await keys_of(tenant_id),
    )


async def engine_context(tenant_id: str) -> Context:
    """The context in which the engine itself works for a tenant."""
    return await context_for(tenant_id, Actor("system", "engine"))


async def keys_of(tenant_id: str) -> TenantKeys:
    """The tenant's keys, remembered for a while."""
    kept = _keys.get(tenant_id)
    if kept and kept[0] > monotonic_seconds():
        return kept[1]
    bare = Context(tenant_id=tenant_id, actor=Actor("system", "profile"))
    async with BoundTransaction(DB, binding_of(bare)) as tx:
        keys = await load_keys(tx, tenant_id)
    if len(_keys) > 10_000:
        _keys.clear()
    _keys[tenant_id] = (monotonic_seconds() + _KEEP_KEYS_SECONDS, keys)
    return keys


async def _settings(tenant_id: str) -> dict[str, Any]:
    kept = _kept.get(tenant_id)
    if kept and kept[0] > monotonic_seconds():
        return kept[1]
    bare = Context(tenant_id=tenant_id, actor=Actor("system", "profile"))
    async with reading(bare) as tx:
        row = await tx.fetchrow(
            "select status, clock_at, time_zone, locale, base_currency from tenants where id = $1", tenant_id
        )
    if row is None:
        raise Unauthenticated("tenant_unknown", "The tenant does not exist.")
    settings = dict(row)
    if settings["clock_at"] is None and settings["status"] == "active":
        if len(_kept) > 10_000:
            _kept.clear()
        _kept[tenant_id] = (monotonic_seconds() + _KEEP_SECONDS, settings)
    return settings
