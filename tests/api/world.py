"""A tenant that has one of everything, by the names that tests/api/operations.py uses."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.access.audit import list_audit_entries
from domain.collections.activities import record_activity
from domain.collections.escalations import list_escalations
from domain.collections.tasks import create_task
from domain.dunning.plans import create_plan
from domain.events.fan_out import fan_out
from domain.events.log import list_events
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.kernel.paging import PageRequest
from domain.messaging.notices import list_notices
from domain.messaging.templates import create_template
from tests.factories import a_contact, a_customer
from tests.factories_dunning import a_plan, a_receivable, case_of, email_step, escalation_step, run_at
from tests.factories_ledger import a_payment, imported
from tests.factories_webhooks import an_endpoint, deliveries

SECRET = "Geheimrat"
"""In the names, addresses and texts of every object of the world: where it shows up, something leaked."""
PAGE = PageRequest()


async def a_world(ctx: Context) -> dict[str, str]:
    """Makes everything; ids by name."""
    external = f"x-{SECRET}-{new_id('cus')[-8:]}"
    endpoint, spare_endpoint = await an_endpoint(ctx, SECRET), await an_endpoint(ctx, f"{SECRET}2")
    steps = [email_step("first", 3), escalation_step("legal", 60)]
    plan = await a_plan(ctx, name=SECRET, steps=steps)
    draft = await create_plan(ctx, name=SECRET, steps=steps)
    customer = await a_customer(ctx, name=SECRET, external_id=external)
    contact = await a_contact(ctx, customer, name=SECRET, email=f"{SECRET}@lanhai.example")
    spare = await a_contact(ctx, customer, name=SECRET, email=f"{SECRET}2@lanhai.example")
    receivable = await a_receivable(ctx, customer, number=SECRET, external_id=external)
    payment = await a_payment(ctx, customer, 1, external_id=external, reference=SECRET)
    activity = await record_activity(ctx, customer_id=customer.id, kind="note", summary=SECRET)
    tasks = [await create_task(ctx, title=SECRET, customer_id=customer.id) for _ in range(3)]
    template = await create_template(ctx, key="k0", locale="en", subject=SECRET, body=SECRET)
    operation = await imported(ctx, f"external_id,name\n,{SECRET}\n", kind="customers")
    for day in (datetime(2026, 1, 14, tzinfo=UTC), datetime(2026, 4, 12, tzinfo=UTC)):
        moved = await run_at(ctx, day)
    await fan_out(moved)
    return {
        "tenant": ctx.tenant_id,
        "external": external,
        "endpoint": endpoint.id,
        "spare_endpoint": spare_endpoint.id,
        "plan": plan.id,
        "draft_plan": draft.id,
        "customer": customer.id,
        "contact": contact.id,
        "spare_contact": spare.id,
        "receivable": receivable.id,
        "payment": payment.id,
        "activity": activity.id,
        "task": tasks[0].id,
        "task_to_complete": tasks[1].id,
        "task_to_cancel": tasks[2].id,
        "template": template.id,
        "operation": operation.id,
        "case": (await case_of(ctx, receivable)).id,
        "notice": (await list_notices(ctx, PAGE)).items[0].id,
        "escalation": (await list_escalations(ctx, PAGE)).items[0].id,
        "event": (await list_events(ctx, PAGE)).items[0].id,
        "delivery": (await deliveries(ctx))[0].id,
        "audit_entry": (await list_audit_entries(ctx, PAGE)).items[1].id,
    }


def nowhere(world: dict[str, str]) -> dict[str, str]:
    """The same names with ids that belong to nothing."""
    return {name: new_id(found[:3]) if found[3] == "_" else new_id("cus") for name, found in world.items()}
