"""Reminder settings through both doors."""

from __future__ import annotations

import httpx
import pytest

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, a_plan, email_step


async def test_settings_are_put_read_and_removed(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    plan = await a_plan(ctx, name="Gentle", steps=[email_step("only", 20)], is_default=False)
    url = f"/v1/receivables/{case.receivable_id}/reminder-settings"
    none = await api.get(url)
    assert (none.status_code, none.json()["code"]) == (404, "reminder_settings_not_found")
    told = {"plan_id": plan.id, "grace_days": 4, "minimum_days_between": None, "delay_reason": None}
    put = await api.put(url, json=told)
    body = put.json()
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    times = {"created_at": "2026-01-05T01:00:00Z", "updated_at": "2026-01-05T01:00:00Z"}
    assert body == {"receivable_id": case.receivable_id, **told, "version": 1, **times}
    read = await api.get(url)
    assert (read.json(), read.headers["etag"]) == (body, '"1"')
    moved = (await api.get(f"/v1/cases/{case.id}")).json()
    assert (moved["plan_id"], moved["next_action_at"]) == (plan.id, "2026-02-03T01:00:00Z")

    stale = await api.put(url, json={}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    changed = await api.put(url, json={"minimum_days_between": 30}, headers={"If-Match": '"1"'})
    assert (changed.json()["plan_id"], changed.json()["grace_days"], changed.headers["etag"]) == (None, None, '"2"')
    assert (await api.delete(url, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(url, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("told", "pointer", "code"),
    [
        ({"grace_days": 366}, "/grace_days", "invalid_value"),
        ({"minimum_days_between": 0}, "/minimum_days_between", "invalid_value"),
        ({"plan_id": "pln_nobody"}, "/plan_id", "unknown_plan"),
        ({"colour": "red"}, "/colour", "unknown_field"),
    ],
)
async def test_wrong_settings_are_named_by_place(
    api: httpx.AsyncClient, ctx: Context, told: dict[str, object], pointer: str, code: str
) -> None:
    await a_plan(ctx)
    url = f"/v1/receivables/{(await a_case(ctx)).receivable_id}/reminder-settings"
    refused = await api.put(url, json=told)
    error = refused.json()["errors"][0]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)


async def test_graphql_sets_shows_and_removes_the_same(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    variables = {"id": case.receivable_id}
    put = """mutation ($id: ID!, $input: ReminderSettingsInput!, $version: Int) {
        putReminderSettings(receivableId: $id, input: $input, expectedVersion: $version) {
          receivableId planId graceDays minimumDaysBetween version } }"""
    told = {"graceDays": 2, "minimumDaysBetween": 9}
    made = await graph(put, {**variables, "input": told})
    settings = {"receivableId": case.receivable_id, "planId": None, **told, "version": 1}
    assert made["data"]["putReminderSettings"] == settings
    query = "query ($id: ID!) { reminderSettings(receivableId: $id) { graceDays version } }"
    assert (await graph(query, variables))["data"]["reminderSettings"] == {"graceDays": 2, "version": 1}
    stale = await graph(put, {**variables, "input": told, "version": 3})
    assert stale["errors"][0]["extensions"]["code"] == "version_mismatch"
    timeline = "query ($id: ID!) { caseTimeline(id: $id) { future { stepKey dueAt } } }"
    future = (await graph(timeline, {"id": case.id}))["data"]["caseTimeline"]["future"]
    assert future[1] == {"stepKey": "first", "dueAt": "2026-01-16T01:00:00Z"}
    delete = "mutation ($id: ID!) { deleteReminderSettings(receivableId: $id) }"
    assert (await graph(delete, variables))["data"]["deleteReminderSettings"] == case.receivable_id
    assert (await graph(query, variables))["errors"][0]["extensions"]["code"] == "reminder_settings_not_found"
