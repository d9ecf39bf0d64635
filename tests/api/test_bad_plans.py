"""Plans nobody should send, through both doors: each is refused at once, with a stable code and its place, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.factories_dunning import a_case, email_step, run_at

SLOW_SECONDS = 2.0
LEAF = {"field": "grade", "op": "eq", "value": "C"}
CREATE = "mutation ($input: CreateReminderPlanInput!) { createReminderPlan(input: $input) { id } }"
UPDATE = "mutation ($id: ID!, $input: UpdateReminderPlanInput!) { updateReminderPlan(id: $id, input: $input) { id } }"
PUBLISH = "mutation ($id: ID!) { publishReminderPlan(id: $id) { id } }"
LINT = "query ($input: LintReminderPlanInput!) { lintReminderPlan(input: $input) { faults { pointer code } } }"
JSON = {"Content-Type": "application/json"}
WORDS = {"offset_days": "offsetDays", "time_of_day": "timeOfDay", "go_to": "goTo"}


def camel(value: Any) -> Any:
    """Steps as GraphQL spells them."""
    if isinstance(value, dict):
        return {WORDS.get(name, name): camel(inner) for name, inner in value.items()}
    return [camel(one) for one in value] if isinstance(value, list) else value


def nested(levels: int, combined: str = "all") -> Any:
    """A condition that many levels deep."""
    condition: Any = LEAF
    for _ in range(levels):
        condition = {combined: condition if combined == "not" else [condition]}
    return condition


def nested_text(levels: int) -> str:
    """The same as JSON, too deep for a program to write it."""
    return '{"all":[' * levels + json.dumps(LEAF) + "]}" * levels


def plan_text(condition: str) -> str:
    """A plan whose one step has this condition."""
    step = json.dumps({**email_step("first", 3), "condition": "HERE"}).replace('"HERE"', condition)
    return f'{{"name": "Deep", "steps": [{step}]}}'


async def stored(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The plans that did not come with Dunwell."""
    plans = (await api.get("/v1/reminder-plans")).json()["data"]
    return [plan for plan in plans if not (plan["external_id"] or "").startswith("preset:")]


async def test_a_plan_of_a_thousand_steps(api: httpx.AsyncClient, graph: Graph) -> None:
    steps = [email_step(f"step-{n}", n) for n in range(1000)]
    began = time.monotonic()
    refused = await api.post("/v1/reminder-plans", json={"name": "Long", "steps": steps})
    told = await graph(CREATE, {"input": {"name": "Long", "steps": camel(steps)}})
    linted = await api.post("/v1/reminder-plans/lint", json={"steps": steps})
    also = await graph(LINT, {"input": {"steps": steps}})
    assert time.monotonic() - began < SLOW_SECONDS
    places = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert (refused.status_code, places) == (422, [("/steps", "invalid_value")])
    assert told["errors"][0]["extensions"]["errors"] == refused.json()["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in linted.json()["faults"]] == [("/steps", "too_many_steps")]
    assert also["data"]["lintReminderPlan"]["faults"] == [{"pointer": "/steps", "code": "too_many_steps"}]
    assert await stored(api) == []


async def test_a_plan_of_as_many_steps_and_branches_as_there_may_be_is_judged_quickly(api: httpx.AsyncClient) -> None:
    branches = [{"when": nested(8), "go_to": "step-99"}] * 20
    steps = [{**email_step(f"step-{n}", n), "branches": branches if n < 99 else []} for n in range(100)]
    made = (await api.post("/v1/reminder-plans", json={"name": "Full", "steps": steps})).json()
    began = time.monotonic()
    linted = await api.post("/v1/reminder-plans/lint", json={"steps": steps})
    published = await api.post(f"/v1/reminder-plans/{made['id']}/publish")
    assert time.monotonic() - began < SLOW_SECONDS
    assert (linted.json(), published.status_code) == ({"faults": []}, 200)


@pytest.mark.parametrize("go_to", ["first", "second"])
async def test_branches_that_go_in_a_circle(api: httpx.AsyncClient, graph: Graph, go_to: str) -> None:
    back = {**email_step("second", 7), "branches": [{"when": LEAF, "go_to": go_to}]}
    steps = [email_step("first", 3), back]
    made = (await api.post("/v1/reminder-plans", json={"name": "Round", "steps": steps})).json()
    refused = await api.post(f"/v1/reminder-plans/{made['id']}/publish")
    place = {"pointer": "/steps/1/branches/0/go_to", "code": "cyclic_branch"}
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert [{name: error[name] for name in place} for error in refused.json()["errors"]] == [place]
    told = await graph(PUBLISH, {"id": made["id"]})
    assert told["errors"][0]["extensions"]["errors"] == refused.json()["errors"]
    assert (await graph(LINT, {"input": {"steps": steps}}))["data"]["lintReminderPlan"]["faults"] == [place]
    (plan,) = await stored(api)
    assert (plan["state"], plan["version"], plan["published_version"]) == ("draft", 1, None)


@pytest.mark.parametrize("combined", ["all", "any", "not"])
async def test_conditions_fifty_levels_deep(api: httpx.AsyncClient, graph: Graph, combined: str) -> None:
    steps = [{**email_step("first", 3), "condition": nested(50, combined)}]
    refused = await api.post("/v1/reminder-plans", json={"name": "Deep", "steps": steps})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (422, "predicate_too_deep")
    assert error["pointer"].startswith(f"/steps/0/condition/{combined}")
    told = await graph(CREATE, {"input": {"name": "Deep", "steps": camel(steps)}})
    assert told["errors"][0]["extensions"]["errors"] == [error]
    segment = await api.post("/v1/segments", json={"name": "Deep", "predicate": nested(50, combined)})
    assert (segment.status_code, segment.json()["errors"][0]["code"]) == (422, "predicate_too_deep")
    assert await stored(api) == []
    assert (await api.get("/v1/segments")).json()["data"] == []


@pytest.mark.parametrize("levels", [600, 5_000, 100_000])
async def test_json_that_is_nested_without_end(api: httpx.AsyncClient, levels: int) -> None:
    body = plan_text(nested_text(levels))
    began = time.monotonic()
    answers = [
        await api.post("/v1/reminder-plans", content=body, headers=JSON),
        await api.post("/v1/reminder-plans", content=body, headers={**JSON, "Idempotency-Key": f"deep-{levels}"}),
        await api.post("/v1/reminder-plans/lint", content=f'{{"steps": {nested_text(levels)}}}', headers=JSON),
        await api.post("/v1/segments", content=f'{{"name": "x", "predicate": {nested_text(levels)}}}', headers=JSON),
        await api.post("/v1/customers", content=f'{{"name": "x", "metadata": {nested_text(levels)}}}', headers=JSON),
        await api.put(
            "/v1/receivables/external/x", content=f'{{"number": "x", "lines": {nested_text(levels)}}}', headers=JSON
        ),
    ]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(400, "nested_too_deeply")}
    variables = f'{{"query": {json.dumps(CREATE)}, "variables": {{"input": {body}}}}}'
    graph = await api.post("/graphql", content=variables, headers=JSON)
    assert (graph.status_code, graph.json()["errors"][0]["extensions"]["code"]) == (400, "nested_too_deeply")
    literal = nested_text(levels).replace('"', "")
    query = f"{{ lintReminderPlan(input: {{steps: [{{condition: {literal}}}]}}) {{ faults {{ code }} }} }}"
    asked = await api.post("/graphql", json={"query": query})
    assert asked.json()["errors"][0]["extensions"]["code"] == "invalid_document"
    assert time.monotonic() - began < 2 * SLOW_SECONDS
    assert await stored(api) == []
    assert (await api.get("/v1/customers")).json()["data"] == []


async def test_metadata_that_events_could_not_tell(api: httpx.AsyncClient, graph: Graph) -> None:
    refused = await api.post("/v1/customers", json={"name": "Deep", "metadata": nested(20)})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "metadata_too_deep")
    made = (await api.post("/v1/customers", json={"name": "Flat", "metadata": nested(9)})).json()
    receivable = {
        "customer_id": made["id"],
        "number": "INV-1",
        "amount": {"amount": "1.00", "currency": "CNY"},
        "issued_on": "2026-01-01",
        "due_on": "2026-01-10",
    }
    refused = await api.post("/v1/receivables", json={**receivable, "metadata": nested(20)})
    assert refused.json()["errors"][0]["pointer"] == "/metadata"
    owed = (await api.post("/v1/receivables", json=receivable)).json()
    refused = await api.patch(f"/v1/receivables/{owed['id']}", json={"metadata": nested(20)})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "metadata_too_deep")
    told = await graph(
        "mutation ($id: ID!, $input: UpdateCustomerInput!) { updateCustomer(id: $id, input: $input) { id } }",
        {"id": made["id"], "input": {"metadata": nested(20)}},
    )
    assert told["errors"][0]["extensions"]["errors"][0]["code"] == "metadata_too_deep"
    assert (await api.get("/v1/customers")).json()["data"] == [made]


async def test_a_plan_that_changes_while_its_cases_run(api: httpx.AsyncClient, graph: Graph, ctx: Context) -> None:
    old = [email_step("first", 3), email_step("second", 10), email_step("third", 20)]
    plan = (await api.post("/v1/reminder-plans", json={"name": "Old", "is_default": True, "steps": old})).json()
    path = f"/v1/reminder-plans/{plan['id']}"
    await api.post(f"{path}/publish")
    case = await a_case(ctx)
    await run_at(ctx, datetime(2026, 1, 14, tzinfo=UTC))

    # The rung that was taken is gone, the next has another meaning, and the key of the third is used for something else.
    new = [email_step("third", 1), {**email_step("second", 10), "action": {"type": "webhook"}}]
    assert (await api.patch(path, json={"steps": new})).status_code == 200
    both = await asyncio.gather(api.post(f"{path}/publish"), api.post(f"{path}/publish"))
    assert sorted((one.status_code, one.json().get("code")) for one in both) == [(200, None), (409, "no_draft_version")]
    stale = await api.patch(path, json={"steps": old}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    wrong = await graph(UPDATE, {"id": plan["id"], "input": {"steps": camel([{**old[0], "key": "No Key"}])}})
    assert wrong["errors"][0]["extensions"]["errors"][0]["code"] == "invalid_value"

    later = await a_case(ctx, number="INV-2")
    await run_at(ctx, datetime(2026, 2, 10, tzinfo=UTC))
    past = {
        number: [(o["step_key"], o["action"], o["outcome"]) for o in timeline["past"]]
        for number, timeline in [
            (one.id, (await api.get(f"/v1/cases/{one.id}/timeline")).json()) for one in (case, later)
        ]
    }
    # The clock jumped, so the old case's second step was overtaken by its third: it has kept the steps that it began with.
    assert past[case.id] == [
        ("first", "email", "done"),
        ("second", "email", "skipped"),
        ("third", "email", "done"),
    ]
    assert [step[:2] for step in past[later.id]] == [("third", "email"), ("second", "webhook")]
