"""Calls of all other use cases."""

from __future__ import annotations

from domain.access.audit import list_audit_entries
from domain.access.own_clients import register_client
from domain.access.profile import context_for
from domain.access.tenant_changes import suspend_tenant
from domain.access.tenants import create_tenant
from domain.collections.activities import record_activity
from domain.collections.escalations import raise_escalations
from domain.collections.model import EscalationDraft
from domain.collections.tasks import create_task
from domain.customers.model import Contact
from domain.dunning.approvals import list_approvals
from domain.dunning.engine import run_due_cases
from domain.dunning.model import Case as DunningCase
from domain.dunning.plans import create_plan
from domain.dunning.reminder_settings import put_reminder_settings
from domain.events.delivering import deliver_due
from domain.events.fan_out import fan_out
from domain.kernel.context import Actor
from domain.kernel.paging import PageRequest
from domain.kernel.scopes import Scope
from domain.storage.transaction import transaction
from tests.factories import a_contact
from tests.factories_dunning import LADDER, a_case, a_plan, drain, receivable_of
from tests.factories_ledger import a_receivable, cny
from tests.factories_webhooks import Receiver, an_endpoint, an_event, deliveries
from tests.matrix.registry import Call, Victim, case, fresh, one, plain, secret_customer, secret_customer_id


async def _tenant(v: Victim) -> str:
    return v.ctx.tenant_id


async def _contact(v: Victim) -> Contact:
    return await a_contact(v.ctx, await secret_customer(v))


async def _plan(v: Victim) -> str:
    return (await create_plan(v.ctx, name="Standard", steps=LADDER)).id


async def _dunning_case(v: Victim) -> DunningCase:
    await a_plan(v.ctx, is_default=True)
    return await a_case(v.ctx)


async def _escalation(v: Victim) -> str:
    found = await _dunning_case(v)
    draft = EscalationDraft(
        customer_id=found.customer_id,
        receivable_id=receivable_of(found),
        case_id=found.id,
        step_key="legal",
        level="legal",
        open_amount=cny(10),
    )
    async with transaction(v.ctx):
        return (await raise_escalations(v.ctx, [draft]))[0].id


async def _delivery(v: Victim) -> str:
    endpoint = await an_endpoint(v.ctx)
    await an_event(v.ctx)
    while await fan_out(v.ctx):
        pass
    await deliver_due(v.ctx, Receiver())
    return (await deliveries(v.ctx, endpoint.id))[0].id


async def _task(v: Victim) -> str:
    return (await create_task(v.ctx, title="Call them")).id


NEW_TENANT = {"name": "New", "mode": "live", "base_currency": "CNY", "time_zone": "UTC", "locale": "en"}
plain("create_tenant", body=NEW_TENANT)
plain("list_tenants")
one(_tenant, "tenant_id", "get_tenant", "list_clients")
one(_tenant, "tenant_id", "create_client", body={"name": "New", "scopes": ["customers:read"]})

plain("get_clock")


@case("advance_clock")
async def _advance_clock(v: Victim) -> Call:
    async with transaction(v.ctx) as tx:  # what the other door began would be in the way
        await tx.execute(
            "update operations set state = 'succeeded', finished_at = now()"
            " where tenant_id = $1 and kind = 'clock_advance' and state = 'pending'",
            v.ctx.tenant_id,
        )
    return Call(body={"to": "2026-01-05T01:00:00Z"})


async def _customer_external_id(v: Victim) -> str:
    return str((await secret_customer(v, external_id=fresh("c"))).external_id)


async def _contact_id(v: Victim) -> str:
    return (await _contact(v)).id


plain("create_customer", body={"name": "New"})
plain("list_customers")
one(secret_customer_id, "customer_id", "get_customer", "list_contacts")
one(secret_customer_id, "customer_id", "update_customer", body={"name": "Changed"})
one(secret_customer_id, "customer_id", "create_contact", body={"name": "New", "email": "new@lanhai.example"})
one(_customer_external_id, "external_id", "get_customer_by_external_id")


@case("put_customer")
async def _put_customer(_: Victim) -> Call:
    return Call(path={"external_id": fresh("c")}, body={"name": "Put"}, names_objects=False)


one(_contact_id, "contact_id", "get_contact", "delete_contact")
one(_contact_id, "contact_id", "update_contact", body={"name": "Changed"})


async def _event_id(v: Victim) -> str:
    return (await an_event(v.ctx)).id


async def _endpoint_id(v: Victim) -> str:
    return (await an_endpoint(v.ctx)).id


plain("list_events")
one(_event_id, "event_id", "get_event")
plain("create_webhook_endpoint", body={"url": "https://hooks.example/new"})
plain("list_webhook_endpoints")
plain("list_webhook_deliveries")
one(_endpoint_id, "endpoint_id", "get_webhook_endpoint", "delete_webhook_endpoint")
one(_endpoint_id, "endpoint_id", "update_webhook_endpoint", body={"description": "Changed"})
one(_delivery, "delivery_id", "get_webhook_delivery", "list_webhook_attempts")

STEP = {
    "key": "first",
    "offset_days": 3,
    "time_of_day": "09:00",
    "action": {"type": "email", "template": "overdue_notice"},
}
plain("create_plan", body={"name": "New", "steps": [STEP]})
plain("list_plans")
one(_plan, "plan_id", "get_plan", "publish_plan")
one(_plan, "plan_id", "update_plan", body={"name": "Changed"})


async def _case_id(v: Victim) -> str:
    return (await _dunning_case(v)).id


plain("list_cases")
plain("lint_plan", body={"steps": [STEP]})
plain("list_approvals")


async def _approval(v: Victim) -> str:
    gated = {**STEP, "requires_approval": True, "offset_days": -9}
    await a_plan(v.ctx, is_default=True, steps=[gated])
    asked = await a_case(v.ctx)
    await drain(run_due_cases, v.ctx)
    return (await list_approvals(v.ctx, PageRequest(), case_id=asked.id)).items[0].id


one(_approval, "approval_id", "get_approval")
one(_approval, "approval_id", "approve_step", "reject_step", body={"note": "Hushed words"})
one(_case_id, "case_id", "get_case", "case_timeline", "list_case_receivables")


async def _reminded_otherwise(v: Victim) -> str:
    receivable = await a_receivable(v.ctx, await secret_customer(v))
    await put_reminder_settings(v.ctx, receivable.id, grace_days=3)
    return receivable.id


one(_reminded_otherwise, "receivable_id", "get_reminder_settings", "delete_reminder_settings")
one(_reminded_otherwise, "receivable_id", "put_reminder_settings", body={"grace_days": 5, "minimum_days_between": 7})


@case("record_activity")
async def _record_activity(v: Victim) -> Call:
    return Call(body={"customer_id": await secret_customer_id(v), "kind": "note", "summary": "Said they will pay."})


async def _activity(v: Victim) -> str:
    customer = await secret_customer(v)
    return (await record_activity(v.ctx, customer_id=customer.id, kind="note", summary="Hushed words")).id


plain("list_activities")
one(_activity, "activity_id", "get_activity")
plain("create_task", body={"title": "New"})
plain("list_tasks")
one(_task, "task_id", "get_task", "cancel_task")
one(_task, "task_id", "complete_task", body={})
one(_task, "task_id", "update_task", body={"title": "Changed"})


plain("list_escalations")
one(_escalation, "escalation_id", "get_escalation")


@case("find_contacts")
async def _find_contacts(v: Victim) -> Call:
    await _contact(v)
    return Call(query={"email": "wang.fang@lanhai.example"})


async def _client(v: Victim) -> str:
    made = await register_client(
        v.ctx,
        name="Hushed client",
        redirect_uris=[],
        grant_types=["client_credentials"],
        scopes=["customers:read"],
    )
    return made.client.client_id


plain("register_client", body={"name": "New", "scopes": ["customers:read"]})
plain("list_own_clients")
one(_client, "client_id", "get_client", "revoke_client")
one(_client, "client_id", "update_client", body={"name": "Changed"})
one(_client, "client_id", "rotate_client_secret", body={"overlap_hours": 1})


async def _audit_entry(v: Victim) -> str:
    await create_task(v.ctx, title="Call them")
    auditor = await context_for(v.ctx.tenant_id, Actor("client", "cli_auditor"), frozenset({Scope.AUDIT_READ}))
    return (await list_audit_entries(auditor, PageRequest())).items[0].id


plain("list_audit_entries")
plain("verify_audit_log")
one(_audit_entry, "entry_id", "get_audit_entry")


async def _another_tenant(v: Victim) -> str:
    made = await create_tenant(
        v.platform, name="Hushed", mode="live", base_currency="CNY", time_zone="UTC", locale="en"
    )
    return made.id


async def _suspended_tenant(v: Victim) -> str:
    tenant_id = await _another_tenant(v)
    await suspend_tenant(v.platform, tenant_id)
    return tenant_id


one(_another_tenant, "tenant_id", "suspend_tenant", "close_tenant")
one(_another_tenant, "tenant_id", "update_tenant", body={"name": "Changed"})
one(_suspended_tenant, "tenant_id", "activate_tenant")


@case("put_tenant")
async def _put_tenant(_: Victim) -> Call:
    return Call(path={"external_id": fresh("t")}, body=NEW_TENANT, names_objects=False)
