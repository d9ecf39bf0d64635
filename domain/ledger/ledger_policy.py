"""Use cases of the ledger's policy: how a tenant's ledger decides where nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.ledger import write_off_store as store
from domain.ledger.model import AllocationPolicy, LedgerPolicy
from domain.ledger.rules.components import SettleFirst
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
    expected_version: int | None = None,
) -> LedgerPolicy:
    """Replaces the policy; what was decided before stays."""
    check_amounts(tolerances=tolerances, approval_limits=approval_limits)
    check_aging_bounds(aging_bounds)
    async with transaction(ctx) as tx:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended('ledger_policy:' || $1, 0))", ctx.tenant_id)
        policy = await store.policy(ctx, lock=True)
        expect(policy.version, expected_version)
        changed = replace(
            policy,
            allocation_policy=allocation_policy,
            settle_first=settle_first,
            tolerances=tolerances,
            approval_limits=approval_limits,
            aging_bounds=list(aging_bounds),
        )
        if changed == policy and policy.version:
            return policy
        changed = replace(changed, version=policy.version + 1, updated_at=ctx.now())
        await store.save_policy(ctx, changed)
        emit(ctx, NewEvent("ledger_policy.updated", ctx.tenant_id, {"ledger_policy": changed}))
    return changed
