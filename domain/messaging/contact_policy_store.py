"""The contact policy in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from domain.kernel.context import Context
from domain.kernel.paging import as_json
from domain.messaging.contact_policy_model import ContactPolicy
from domain.messaging.rules.contact_policy_fields import rules_as_set
from domain.storage.transaction import sql

_MOST_KEPT = 10_000
_kept: dict[tuple[str, int], ContactPolicy] = {}
"""A version of a policy never changes, so whoever knows the version need not read it again."""

VERSION = "(select version from contact_policies where tenant_id = $1)"
"""The version of the tenant's policy, null if it has none: for statements of which $1 is the tenant."""


async def find(ctx: Context, *, lock: bool = False) -> ContactPolicy:
    """The tenant's policy, or the one that holds where it set none."""
    row = await sql(ctx).fetchrow(
        f"select rules, version, updated_at from contact_policies where tenant_id = $1{' for update' if lock else ''}",
        ctx.tenant_id,
    )
    if row is None:
        return ContactPolicy()
    rules = msgspec.json.decode(row["rules"], type=ContactPolicy)
    return replace(rules, version=row["version"], updated_at=row["updated_at"])


async def of_version(ctx: Context, version: int) -> ContactPolicy:
    """The policy with this version, from memory once this process has read it; a newer one if it has changed meanwhile."""
    kept = _kept.get((ctx.tenant_id, version))
    if kept is not None:
        return kept
    found = await find(ctx)
    if len(_kept) > _MOST_KEPT:
        _kept.clear()
    _kept[ctx.tenant_id, found.version] = found
    return found


async def save(ctx: Context, policy: ContactPolicy) -> None:
    """Stores the tenant's policy, new or changed."""
    await sql(ctx).execute(
        "insert into contact_policies (tenant_id, rules, version, updated_at) values ($1, $2, $3, $4)"
        " on conflict (tenant_id) do update set rules = excluded.rules, version = excluded.version,"
        " updated_at = excluded.updated_at",
        ctx.tenant_id,
        as_json(rules_as_set(policy)),
        policy.version,
        policy.updated_at,
    )
