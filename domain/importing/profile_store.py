"""Import profiles in PostgreSQL, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
from asyncpg import UniqueViolationError

from domain.importing.model import ImportProfile
from domain.importing.tables import ImportProfileRow
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest, as_json
from domain.storage.transaction import sql

_PROFILE = ", ".join(field.name for field in fields(ImportProfile))


async def add(ctx: Context, profile: ImportProfile) -> None:
    """Stores a new profile; raises Conflict if its name is taken."""
    try:
        await ImportProfileRow.insert(ImportProfileRow(tenant_id=ctx.tenant_id, **_values(profile)))
    except UniqueViolationError as taken:
        raise _name_taken(profile) from taken


async def save(ctx: Context, profile: ImportProfile) -> None:
    """Replaces a profile's row; raises Conflict if its name is taken."""
    try:
        await ImportProfileRow.update(_values(profile)).where(
            (ImportProfileRow.tenant_id == ctx.tenant_id) & (ImportProfileRow.id == profile.id)
        )
    except UniqueViolationError as taken:
        raise _name_taken(profile) from taken


async def delete(ctx: Context, profile_id: str) -> None:
    """Forgets a profile; imports keep the mapping that they began with."""
    await ImportProfileRow.delete().where(
        (ImportProfileRow.tenant_id == ctx.tenant_id) & (ImportProfileRow.id == profile_id)
    )


async def get(ctx: Context, profile_id: str, *, lock: bool = False) -> ImportProfile:
    """One profile; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_PROFILE} from import_profiles where tenant_id = $1 and id = $2{' for update' if lock else ''}",
        ctx.tenant_id,
        profile_id,
    )
    if row is None:
        raise NotFound.of("import_profile", profile_id)
    return profile_of(row)


async def find(ctx: Context, id_or_name: str) -> ImportProfile | None:
    """The profile with this id, else the one with this name."""
    row = await sql(ctx).fetchrow(
        f"select {_PROFILE} from import_profiles where tenant_id = $1 and (id = $2 or name = $2) order by id <> $2 limit 1",
        ctx.tenant_id,
        id_or_name,
    )
    return profile_of(row) if row else None


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_PROFILE} from import_profiles where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


def profile_of(row: Any) -> ImportProfile:
    """A profile from its row."""
    return ImportProfile(**{**dict(row), "mapping": msgspec.json.decode(row["mapping"])})


def _values(profile: ImportProfile) -> dict[str, Any]:
    values = {field.name: getattr(profile, field.name) for field in fields(profile)}
    return {**values, "mapping": as_json(profile.mapping)}


def _name_taken(profile: ImportProfile) -> Conflict:
    return Conflict("import_profile_name_taken", f"There is an import profile with the name {profile.name!r}.")
