"""Use cases of a customer's reminder settings: by which plan all that it owes is reminded."""

from __future__ import annotations

from dataclasses import fields, replace

from domain.dunning.assigning_model import CustomerReminderSettings
from domain.dunning.opening import wait_for_turn
from domain.dunning.published import check_plan
from domain.dunning.rescheduling import follow_plans_of_customer
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import NotFound
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.storage.transaction import reading, sql, transaction

_COLUMNS = ", ".join(field.name for field in fields(CustomerReminderSettings))


@use_case("receivables:read")
async def get_customer_reminder_settings(ctx: Context, customer_id: str) -> CustomerReminderSettings:
    """The settings of one customer; raises NotFound for the customer, or if it has none."""
    async with reading(ctx):
        return await _get(ctx, customer_id)


@use_case("receivables:write")
async def put_customer_reminder_settings(
    ctx: Context, customer_id: str, *, plan_id: str, expected_version: int | None = None
) -> CustomerReminderSettings:
    """Gives a customer a plan; the same call again changes nothing.

    Its cases that have not acted yet walk through the plan from now on, unless their receivable has its own; one that has acted keeps
    its plan. Raises NotFound, InvalidInput (`unknown_plan`, `plan_not_published`).
    """
    async with transaction(ctx):
        await wait_for_turn(ctx)
        before = await _find(ctx, customer_id)
        expect(before.version if before else 0, expected_version)
        if before is not None and before.plan_id == plan_id:
            return before
        await check_plan(ctx, plan_id)
        known = before or CustomerReminderSettings(
            customer_id=customer_id, plan_id=plan_id, version=0, created_at=ctx.now(), updated_at=ctx.now()
        )
        settings = replace(known, plan_id=plan_id, version=known.version + 1, updated_at=ctx.now())
        await _save(ctx, settings)
        emit(ctx, _event("updated", settings))
        await follow_plans_of_customer(ctx, customer_id)
    return settings


@use_case("receivables:write")
async def delete_customer_reminder_settings(
    ctx: Context, customer_id: str, *, expected_version: int | None = None
) -> None:
    """Takes a customer's plan away; cases that have not acted yet go back to what else applies. Raises NotFound."""
    async with transaction(ctx):
        await wait_for_turn(ctx)
        settings = await _get(ctx, customer_id)
        expect(settings.version, expected_version)
        await sql(ctx).execute(
            "delete from customer_reminder_settings where tenant_id = $1 and customer_id = $2",
            ctx.tenant_id,
            customer_id,
        )
        emit(ctx, _event("deleted", settings))
        await follow_plans_of_customer(ctx, customer_id)


async def _find(ctx: Context, customer_id: str) -> CustomerReminderSettings | None:
    row = await sql(ctx).fetchrow(
        f"""
        select c.id, s.* from customers c
        left join lateral (
          select {_COLUMNS} from customer_reminder_settings where tenant_id = $1 and customer_id = c.id limit 1) s on true
        where c.tenant_id = $1 and c.id = $2
        """,
        ctx.tenant_id,
        customer_id,
    )
    if row is None:
        raise NotFound.of("customer", customer_id)
    values = dict(row)
    del values["id"]
    return CustomerReminderSettings(**values) if values["version"] is not None else None


async def _get(ctx: Context, customer_id: str) -> CustomerReminderSettings:
    settings = await _find(ctx, customer_id)
    if settings is None:
        raise NotFound.of("customer_reminder_settings", customer_id)
    return settings


async def _save(ctx: Context, settings: CustomerReminderSettings) -> None:
    await sql(ctx).execute(
        f"insert into customer_reminder_settings (tenant_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (tenant_id, customer_id) do update set plan_id = excluded.plan_id, version = excluded.version,"
        " updated_at = excluded.updated_at",
        ctx.tenant_id,
        *(getattr(settings, field.name) for field in fields(settings)),
    )


def _event(what: str, settings: CustomerReminderSettings) -> NewEvent:
    return NewEvent(
        f"customer_reminder_settings.{what}", settings.customer_id, {"customer_reminder_settings": settings}
    )
