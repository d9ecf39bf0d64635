"""Templates that would harm, contacts without an address and time zones that do not exist, through both doors."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_plan, email_step, run_at

SLOW_SECONDS = 1.0
TEXT = {"key": "overdue_notice", "locale": "en", "subject": "Invoice {{ number }}", "body": "Dear {{ contact_name }}"}
CREATE = "mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { id } }"
PREVIEW = "query ($input: PreviewTemplateInput!) { previewTemplate(input: $input) { body } }"
# A line per way to keep a server busy, to fill its memory, or to reach what is none of a template's business.
HARMFUL = {
    "{% for i in (1..1000000000) %}x{% endfor %}": "template_range_not_allowed",
    "{% for a in receivables %}{% for b in receivables %}x{% endfor %}{% endfor %}": "template_nested_loop",
    "{% for r in receivables %}" + "x" * 1_000 + "{% endfor %}": "template_too_costly",
    "{% for c in customer_name %}x{% endfor %}": "template_loop_not_allowed",
    "{% while true %}x{% endwhile %}": "template_tag_not_allowed",
    "{% capture x %}{{ x }}{{ x }}{% endcapture %}": "template_tag_not_allowed",
    "{% assign x = 'a' %}": "template_tag_not_allowed",
    "{% include 'overdue_notice' %}": "template_tag_not_allowed",
    "{{ number | append: number | append: number }}": "template_filter_not_allowed",
    "{{ number | replace: '', 'xxxxxxxxxx' }}": "template_filter_not_allowed",
    "{{ 'x' | times: 1000000000 }}": "template_filter_not_allowed",
    "{{ number.__class__.__mro__ }}": "template_unknown_variable",
    "{{ number['__globals__'] }}": "template_unknown_variable",
    "{{ receivables.first.tenant_id }}": "template_unknown_variable",
    "{% for r in receivables %}{{ r.__init__ }}{% endfor %}": "template_unknown_variable",
    "{{ settings.secret_key }}": "template_unknown_variable",
    "{{" * 30_000: "template_syntax",
    "{% if number %}" * 6 + "{% endif %}" * 6: "template_too_costly",
}


@pytest.mark.parametrize("body", HARMFUL, ids=lambda body: body[:40])
async def test_a_template_that_loops_allocates_or_reaches_for_attributes(
    api: httpx.AsyncClient, graph: Graph, body: str
) -> None:
    began = time.monotonic()
    refused = await api.post("/v1/templates", json={**TEXT, "body": body})
    told = await graph(CREATE, {"input": {**TEXT, "body": body}})
    shown = await api.post("/v1/templates/preview", json={"subject": "s", "body": body})
    also = await graph(PREVIEW, {"input": {"subject": "s", "body": body}})
    assert time.monotonic() - began < SLOW_SECONDS
    error = refused.json()["errors"][0]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "/body", HARMFUL[body])
    assert told["errors"][0]["extensions"]["errors"] == refused.json()["errors"]
    assert (shown.status_code, shown.json()["errors"][0]["code"]) == (422, HARMFUL[body])
    assert also["errors"][0]["extensions"]["errors"] == shown.json()["errors"]
    assert (await api.get("/v1/templates")).json()["data"] == []


async def test_a_bad_text_does_not_take_the_place_of_a_good_one(api: httpx.AsyncClient) -> None:
    made = (await api.post("/v1/templates", json=TEXT)).json()
    refused = await api.patch(f"/v1/templates/{made['id']}", json={"body": "{{ number.__class__ }}"})
    assert refused.status_code == 422
    assert (await api.get(f"/v1/templates/{made['id']}")).json() == made
    assert len((await api.get(f"/v1/templates/{made['id']}/versions")).json()["data"]) == 1


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        ({}, "no_contact_address"),
        ({"phone": "+8613800006789"}, "no_contact_address"),
        ({"email": "wang@lanhai.example", "opted_out_channels": ["email"]}, "opted_out"),
        ({"email": "wang@lanhai.example", "role": "third_party"}, "third_party_block"),
    ],
)
async def test_a_contact_who_cannot_be_written_to_becomes_a_task_and_never_an_error(
    api: httpx.AsyncClient, graph: Graph, ctx: Context, contact: dict[str, Any], reason: str
) -> None:
    await a_plan(ctx, steps=[email_step("first", 3), email_step("second", 10)])
    customer = (await api.post("/v1/customers", json={"name": "Silent"})).json()
    made = await api.post(f"/v1/customers/{customer['id']}/contacts", json={"name": "Wang Fang", **contact})
    assert made.status_code == 201, made.text
    owed = {
        "customer_id": customer["id"],
        "number": "INV-1",
        "amount": {"amount": "10.00", "currency": "CNY"},
        "issued_on": "2026-01-01",
        "due_on": "2026-01-10",
    }
    receivable = (await api.post("/v1/receivables", json=owed)).json()
    await run_at(ctx, datetime(2026, 1, 14, tzinfo=UTC))
    (case,) = (await api.get("/v1/cases", params={"receivable_id": receivable["id"]})).json()["data"]
    timeline = (await api.get(f"/v1/cases/{case['id']}/timeline")).json()
    assert [(o["step_key"], o["outcome"]) for o in timeline["past"]] == [("first", "held")]
    assert reason in timeline["past"][0]["reasons"]
    asked = "query ($id: ID!) { caseTimeline(id: $id) { past { outcome reasons taskId } future { stepKey } } }"
    told = (await graph(asked, {"id": case["id"]}))["data"]["caseTimeline"]
    assert told["past"][0]["reasons"] == timeline["past"][0]["reasons"]
    assert told["future"][0]["stepKey"] == "second"
    assert (await api.get("/v1/notices")).json()["data"] == []


ZONES = ["Mars/Olympus_Mons", "", "asia/shanghai", "+08:00", "../../etc/passwd", "Asia/Shanghai\u0000", "posixrules"]


@pytest.mark.parametrize("zone", ZONES)
async def test_a_time_zone_that_does_not_exist(api: httpx.AsyncClient, graph: Graph, zone: str) -> None:
    customer = (await api.post("/v1/customers", json={"name": "Here", "time_zone": "Asia/Shanghai"})).json()
    contacts = f"/v1/customers/{customer['id']}/contacts"
    contact = (await api.post(contacts, json={"name": "Wang", "time_zone": "Asia/Shanghai"})).json()
    refusals = [
        await api.post("/v1/customers", json={"name": "There", "time_zone": zone}),
        await api.put("/v1/customers/external/there", json={"name": "There", "time_zone": zone}),
        await api.patch(f"/v1/customers/{customer['id']}", json={"time_zone": zone}),
        await api.post(contacts, json={"name": "Li", "time_zone": zone}),
        await api.patch(f"/v1/contacts/{contact['id']}", json={"time_zone": zone}),
    ]
    for refused in refusals:
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, "/time_zone", "unknown_time_zone")
    told = await graph(
        "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { id } }",
        {"input": {"name": "There", "timeZone": zone}},
    )
    assert told["errors"][0]["extensions"]["errors"] == refusals[0].json()["errors"]
    assert (await api.get("/v1/customers")).json()["data"] == [customer]
    assert (await api.get(contacts)).json()["data"] == [contact]


@pytest.mark.parametrize("zone", ZONES)
async def test_a_tenant_in_a_time_zone_that_does_not_exist(platform_api: httpx.AsyncClient, zone: str) -> None:
    tenant = {"name": "Acme", "mode": "sandbox", "base_currency": "CNY", "time_zone": zone, "locale": "en"}
    refused = await platform_api.post("/v1/tenants", json=tenant)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "/time_zone", "unknown_time_zone")
    asked = "mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }"
    fields = {"name": "Acme", "mode": "sandbox", "baseCurrency": "CNY", "timeZone": zone, "locale": "en"}
    told = await platform_api.post("/graphql", json={"query": asked, "variables": {"input": fields}})
    assert told.json()["errors"][0]["extensions"]["errors"] == [error]
    assert (await platform_api.get("/v1/tenants")).json()["data"] == []
