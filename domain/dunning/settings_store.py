"""Reminder settings in PostgreSQL: rows to dataclasses and back, always bound to the context's tenant."""

from __future__ import annotations

from dataclasses import fields

from domain.dunning.model import ReminderSettings
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.storage.transaction import sql

_COLUMNS = ", ".join(field.name for field in fields(ReminderSettings))


async def find(ctx: Context, receivable_id: str) -> ReminderSettings | None:
    """The settings of a receivable, if it has any; raises NotFound for the receivable."""
    row = await sql(ctx).fetchrow(
        f"""
        select r.id, s.* from receivables r
        left join lateral (
          select {_COLUMNS} from reminder_settings where tenant_id = $1 and receivable_id = r.id limit 1) s on true
        where r.tenant_id = $1 and r.id = $2
        """,
        ctx.tenant_id,
        receivable_id,
    )
    if row is None:
        raise NotFound.of("receivable", receivable_id)
    values = dict(row)
    del values["id"]
    return ReminderSettings(**values) if values["version"] is not None else None


async def get(ctx: Context, receivable_id: str) -> ReminderSettings:
    """The settings of a receivable; raises NotFound for the receivable, or if it has none."""
    settings = await find(ctx, receivable_id)
    if settings is None:
        raise NotFound.of("reminder_settings", receivable_id)
    return settings


async def save(ctx: Context, settings: ReminderSettings) -> None:
    """Stores settings, new or changed."""
    await sql(ctx).execute(
        f"insert into reminder_settings (tenant_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " on conflict (tenant_id, receivable_id) do update set plan_id = excluded.plan_id,"
        " grace_days = excluded.grace_days, minimum_days_between = excluded.minimum_days_between,"
        " delay_reason = excluded.delay_reason,"
        " version = excluded.version, updated_at = excluded.updated_at",
        ctx.tenant_id,
        *(getattr(settings, field.name) for field in fields(settings)),
    )


async def delete(ctx: Context, receivable_id: str) -> None:
    """Removes the settings of a receivable."""
    await sql(ctx).execute(
        "delete from reminder_settings where tenant_id = $1 and receivable_id = $2", ctx.tenant_id, receivable_id
    )
