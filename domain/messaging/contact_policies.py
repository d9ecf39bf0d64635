"""Use cases of the contact policy: when, how often and through what a tenant's customers may be contacted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.messaging import contact_policy_store as store
from domain.messaging import outbox
from domain.messaging.contact_policy_model import ContactPolicy, ContactPolicyPreset
from domain.messaging.rules.contact_policy_fields import check_policy
from domain.messaging.shipped.contact_policies import preset_of, presets
from domain.storage.transaction import reading, transaction


@use_case("contact_policy:read")
async def get_contact_policy(ctx: Context) -> ContactPolicy:
    """The tenant's policy; version 0 is the one that holds where none was set."""
    async with reading(ctx):
        return await store.find(ctx)


@use_case("contact_policy:write")
async def put_contact_policy(
    ctx: Context, rules: dict[str, Any], *, preset: str | None = None, expected_version: int | None = None
) -> ContactPolicy:
    """Replaces the whole policy: `rules` over those of the preset, or over none; the same call again changes nothing.

    What waits is looked at again at once by the new rules; what was sent stays. Raises InvalidInput (`unknown_preset`, and a code for
    every wrong place of the rules).
    """
    base = replace(_preset(preset).policy if preset else ContactPolicy(), preset=preset)
    wanted = replace(base, **rules)
    check_policy(wanted)
    async with transaction(ctx) as tx:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended('contact_policy:' || $1, 0))", ctx.tenant_id)
        policy = await store.find(ctx, lock=True)
        expect(policy.version, expected_version)
        changed = replace(wanted, version=policy.version, updated_at=policy.updated_at)
        if changed == policy and policy.version:
            return policy
        changed = replace(changed, version=policy.version + 1, updated_at=ctx.now())
        await store.save(ctx, changed)
        await outbox.look_again_at_postponed(ctx)
        emit(ctx, NewEvent("contact_policy.updated", ctx.tenant_id, {"contact_policy": changed}))
    return changed


@use_case("contact_policy:read")
async def list_contact_policy_presets(ctx: Context, page: PageRequest) -> Page[ContactPolicyPreset]:
    """The policies that come with Dunwell, by key, each with its jurisdiction and source."""
    rows = [preset for preset in presets() if page.after is None or preset.key > page.after][: page.limit + 1]
    return page_of(rows, page, lambda preset: str(preset.key), lambda preset: preset)


def _preset(key: str) -> ContactPolicyPreset:
    found = preset_of(key)
    if found is None:
        keys = ", ".join(preset.key for preset in presets())
        raise InvalidInput.at("/preset", "unknown_preset", f"A preset is one of {keys}.")
    return found
