"""Use cases of import profiles: how a tenant's files of one kind are read, said once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.importing import profile_store as store
from domain.importing.model import ImportKind, ImportProfile
from domain.importing.rules.mapping import profile_mapping_of
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import new_id
from domain.kernel.paging import Page, PageRequest, page_of
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, transaction


@use_case("imports:write")
async def create_import_profile(
    ctx: Context, *, name: str, kind: ImportKind, mapping: Mapping[str, Any]
) -> ImportProfile:
    """Keeps a mapping under a name; raises InvalidInput at its first wrong place, Conflict (`import_profile_name_taken`)."""
    now = ctx.now()
    profile = ImportProfile(
        id=new_id("ipf"),
        name=name,
        kind=kind,
        mapping=profile_mapping_of(kind, mapping),
        version=1,
        created_at=now,
        updated_at=now,
    )
    async with transaction(ctx):
        await store.add(ctx, profile)
        emit(ctx, _event("created", profile))
    return profile


@use_case("imports:write")
async def replace_import_profile(
    ctx: Context,
    profile_id: str,
    *,
    name: str,
    kind: ImportKind,
    mapping: Mapping[str, Any],
    expected_version: int | None = None,
) -> ImportProfile:
    """Says all of a profile anew; raises NotFound and what creating one raises. Imports that have begun keep their mapping."""
    said = profile_mapping_of(kind, mapping)
    async with transaction(ctx):
        profile = await store.get(ctx, profile_id, lock=True)
        expect(profile.version, expected_version)
        changed = replace(profile, name=name, kind=kind, mapping=said)
        if changed == profile:
            return profile
        changed = replace(changed, version=profile.version + 1, updated_at=ctx.now())
        await store.save(ctx, changed)
        emit(ctx, _event("updated", changed))
    return changed


@use_case("imports:write")
async def delete_import_profile(ctx: Context, profile_id: str, *, expected_version: int | None = None) -> None:
    """Forgets a profile; raises NotFound. Imports that have begun keep their mapping."""
    async with transaction(ctx):
        profile = await store.get(ctx, profile_id, lock=True)
        expect(profile.version, expected_version)
        await store.delete(ctx, profile_id)
        emit(ctx, _event("deleted", profile))


@use_case("imports:read")
async def get_import_profile(ctx: Context, profile_id: str) -> ImportProfile:
    """One profile; raises NotFound."""
    async with reading(ctx):
        return await store.get(ctx, profile_id)


@use_case("imports:read")
async def list_import_profiles(ctx: Context, page: PageRequest) -> Page[ImportProfile]:
    """Profiles in the order of their creation."""
    async with reading(ctx):
        rows = await store.page(ctx, page)
    return page_of(rows, page, lambda row: str(row["id"]), store.profile_of)


async def mapping_with(
    ctx: Context, profile: str | None, kind: ImportKind, mapping: Mapping[str, Any]
) -> dict[str, Any]:
    """The mapping of an import: the profile's, by id or name, but for the keys that the caller gives; raises InvalidInput."""
    if profile is None:
        return dict(mapping)
    async with reading(ctx):
        found = await store.find(ctx, profile)
    if found is None:
        raise InvalidInput.at("profile", "import_profile_not_found", f"There is no import profile {profile!r}.")
    if found.kind != kind:
        raise InvalidInput.at("profile", "profile_of_another_kind", f"The profile is for {found.kind}.")
    return {**found.mapping, **mapping}


def _event(what: str, profile: ImportProfile) -> NewEvent:
    return NewEvent(f"import_profile.{what}", profile.id, {"import_profile": profile})
