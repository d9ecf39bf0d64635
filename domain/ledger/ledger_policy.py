"""Use cases of the ledger's policy: how a tenant's ledger decides where nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import write_off_store as store
from domain.ledger.model import AllocationPolicy, LedgerPolicy
from domain.ledger.rules.components import SettleFirst
from domain.ledger.rules.exchange import MAX_AGE_DAYS, check_lookup
from domain.ledger.rules.policy import AGING_BOUNDS, check_aging_bounds, check_amounts
from domain.storage.transaction import reading, transaction


@use_case("ledger_policy:read")
async def get_ledger_policy(ctx: Context) -> LedgerPolicy:
    """The tenant's policy; version 0 is the one that holds where none was set."""
    async with reading(ctx):
        return await store.policy(ctx)


@use_case("ledger_policy:write")
async def put_ledger_policy(
    ctx: Context,
    *,
    allocation_policy: AllocationPolicy,
    settle_first: SettleFirst = "charges",
    tolerances: list[Money],
    approval_limits: list[Money],
    aging_bounds: Sequence[int] = AGING_BOUNDS,
    rate_sources: Sequence[str] = (),
    rate_max_age_days: int = MAX_AGE_DAYS,
    expected_version: int | None = None,
) -> LedgerPolicy:
    """Replaces the whole policy: what is left out is as if nothing had ever been set. What was decided before stays."""
    changes = {
        "allocation_policy": allocation_policy,
        "settle_first": settle_first,
        "tolerances": tolerances,
        "approval_limits": approval_limits,
        "aging_bounds": list(aging_bounds),
        "rate_sources": list(rate_sources),
        "rate_max_age_days": rate_max_age_days,
    }
    return await _change(ctx, changes, expected_version)


@use_case("ledger_policy:write")
async def update_ledger_policy(
    ctx: Context, changes: dict[str, Any], *, expected_version: int | None = None
) -> LedgerPolicy:
    """Changes the given fields of the policy, the others stay; what was decided before stays."""
    return await _change(ctx, changes, expected_version)


async def _change(ctx: Context, changes: dict[str, Any], expected_version: int | None) -> LedgerPolicy:
    async with transaction(ctx) as tx:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended('ledger_policy:' || $1, 0))", ctx.tenant_id)
        policy = await store.policy(ctx, lock=True)
        expect(policy.version, expected_version)
        changed = replace(policy, **changes)
        _check(changed)
        if changed == policy and policy.version:
            return policy
        changed = replace(changed, version=policy.version + 1, updated_at=ctx.now())
        await store.save_policy(ctx, changed)
        emit(ctx, NewEvent("ledger_policy.updated", ctx.tenant_id, {"ledger_policy": changed}))
    return changed


def _check(policy: LedgerPolicy) -> None:
    check_amounts(tolerances=policy.tolerances, approval_limits=policy.approval_limits)
    check_aging_bounds(policy.aging_bounds)
    check_lookup(policy.rate_sources, policy.rate_max_age_days)
