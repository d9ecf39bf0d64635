"""The plan language through both doors: plans travel unchanged, and are linted before they are stored."""

from __future__ import annotations

from typing import Any

import httpx

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.domain.test_approvals import FIRST, GATED
from tests.factories_dunning import LADDER, a_case, a_plan, email_step, run_at
from tests.rules.test_dunning_options import ALL

GRADE_C = {"field": "grade", "op": "eq", "value": "C"}
RICH: list[dict[str, Any]] = [
    {**email_step("hello", 5), "relative_to": "issue_date", "condition": {"not": GRADE_C}},
    {
        "key": "first",
        "offset_days": 3,
        "window": {"from": "09:00", "to": "17:30"},
        "action": {
            "type": "notice",
            "channels": ["email"],
            "template": "overdue_notice",
            "recipients": ["billing", "escalation"],
            "tone": "firm",
            "letter": False,
            "new_due_days": None,
        },
        "branches": [{"when": {"field": "outcome", "op": "eq", "value": "held"}, "go_to": "ask"}],
    },
    {**email_step("second", 7, "firm_notice"), "relative_to": "previous_step", "catch_up": "all"},
    {
        "key": "ask",
        "offset_days": 45,
        "time_of_day": "10:00",
        "action": {"type": "approval", "title": "Sue?"},
        "branches": [{"when": {"field": "outcome", "op": "eq", "value": "skipped"}, "stop": True}],
    },
    {
        "key": "tell",
        "offset_days": 0,
        "time_of_day": "10:00",
        "relative_to": "previous_step",
        "action": {"type": "webhook"},
    },
    {**email_step("last", 60, "firm_notice"), "requires_approval": True},
]


async def test_a_plan_can_be_read_and_written_back_unchanged(api: httpx.AsyncClient) -> None:
    made = (await api.post("/v1/reminder-plans", json={"name": "Rich", "steps": RICH, "options": ALL})).json()
    assert made["draft_version"]["steps"] == RICH
    published = await api.post(f"/v1/reminder-plans/{made['id']}/publish")
    assert published.status_code == 200, published.text
    exported = (await api.get(f"/v1/reminder-plans/{made['id']}")).json()["published_version"]
    again = await api.post(
        "/v1/reminder-plans", json={"name": "Copy", "steps": exported["steps"], "options": exported["options"]}
    )
    assert again.status_code == 201, again.text
    copy = again.json()["draft_version"]
    assert (copy["steps"], copy["options"]) == (exported["steps"], exported["options"])
    same = await api.patch(f"/v1/reminder-plans/{made['id']}", json={"steps": exported["steps"]})
    assert same.json()["draft_version"] is None


async def test_graphql_shows_every_part_of_a_step(api: httpx.AsyncClient, graph: Graph) -> None:
    made = (await api.post("/v1/reminder-plans", json={"name": "Rich", "steps": RICH})).json()
    asked = """
      query ($id: ID!) { reminderPlan(id: $id) { draftVersion { steps {
        key offsetDays timeOfDay relativeTo window { from to } condition requiresApproval catchUp
        branches { when goTo stop }
        action { ... on NoticeAction { type channels template recipients tone letter newDueDays }
          ... on ApprovalAction { type title } ... on WebhookAction { type } }
      } } } }
    """
    steps = (await graph(asked, {"id": made["id"]}))["data"]["reminderPlan"]["draftVersion"]["steps"]
    assert steps[1] == {
        "key": "first",
        "offsetDays": 3,
        "timeOfDay": "09:00",
        "relativeTo": "due_date",
        "window": {"from": "09:00", "to": "17:30"},
        "condition": None,
        "requiresApproval": False,
        "catchUp": "latest",
        "branches": [{"when": RICH[1]["branches"][0]["when"], "goTo": "ask", "stop": False}],
        "action": {
            "type": "notice",
            "channels": ["email"],
            "template": "overdue_notice",
            "recipients": ["billing", "escalation"],
            "tone": "firm",
            "letter": False,
            "newDueDays": None,
        },
    }
    assert (steps[0]["relativeTo"], steps[0]["condition"]) == ("issue_date", {"not": GRADE_C})
    assert (steps[3]["action"], steps[4]["action"]) == ({"type": "approval", "title": "Sue?"}, {"type": "webhook"})


async def test_graphql_writes_all_of_it_too(graph: Graph) -> None:
    mutation = """
      mutation ($input: CreateReminderPlanInput!) { createReminderPlan(input: $input) {
        draftVersion { steps { key window { from } branches { goTo } } } } }
    """
    step = {
        "key": "a",
        "offsetDays": 1,
        "window": {"from": "09:00", "to": "10:00"},
        "action": {"type": "webhook"},
        "relativeTo": "month_end",
        "branches": [{"when": GRADE_C, "goTo": "b"}],
    }
    other = {"key": "b", "offsetDays": 2, "timeOfDay": "09:00", "action": {"type": "webhook"}}
    made = await graph(mutation, {"input": {"name": "x", "steps": [step, other]}})
    assert made["data"]["createReminderPlan"]["draftVersion"]["steps"] == [
        {"key": "a", "window": {"from": "09:00"}, "branches": [{"goTo": "b"}]},
        {"key": "b", "window": None, "branches": []},
    ]


async def _number_of_plans(api: httpx.AsyncClient) -> int:
    return len((await api.get("/v1/reminder-plans")).json()["data"])


async def test_a_plan_is_linted_without_being_stored(api: httpx.AsyncClient, graph: Graph) -> None:
    wrong = [
        {**LADDER[0], "branches": [{"when": GRADE_C, "go_to": "nowhere"}]},
        {**LADDER[1], "branches": [{"when": GRADE_C, "go_to": LADDER[0]["key"]}]},
        {
            **LADDER[2],
            "action": {"type": "notice", "channels": ["email", "letter", "pigeon"], "template": "overdue_notice"},
        },
        email_step("x", 20, "nobody_wrote_this"),
    ]
    stored = await _number_of_plans(api)
    answer = await api.post("/v1/reminder-plans/lint", json={"steps": wrong})
    assert answer.status_code == 200, answer.text
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["faults"] if fault["severity"] == "error"} == {
        "/steps/0/branches/0/go_to": "unknown_step",
        "/steps/1/branches/0/go_to": "cyclic_branch",
        "/steps/2/action/channels/1": "channel_without_template",
        "/steps/2/action/channels/2": "unknown_channel",
        "/steps/3/action/template": "unknown_template",
    }
    asked = "query ($input: LintReminderPlanInput!) { lintReminderPlan(input: $input) { faults { pointer code severity detail } } }"
    assert (await graph(asked, {"input": {"steps": wrong}}))["data"]["lintReminderPlan"] == answer.json()
    assert await _number_of_plans(api) == stored
    assert (await api.post("/v1/reminder-plans/lint", json={"steps": LADDER})).json() == {"faults": []}


async def test_malformed_plans_are_linted_by_place_and_huge_ones_at_once(api: httpx.AsyncClient) -> None:
    async def faults(body: Any) -> dict[str, str]:
        answer = await api.post("/v1/reminder-plans/lint", json=body)
        assert answer.status_code == 200, answer.text
        return {fault["pointer"]: fault["code"] for fault in answer.json()["faults"]}

    deep: Any = GRADE_C
    for _ in range(50):
        deep = {"all": [deep]}
    assert await faults({"steps": [{"key": "A"}], "options": {"anchor": "moon"}}) == {
        "/steps/0/key": "malformed_key",
        "/steps/0/offset_days": "offset_out_of_range",
        "/steps/0/time_of_day": "malformed_time",
        "/steps/0/action": "required",
        "/options/anchor": "unknown_anchor",
    }
    assert await faults({"steps": [LADDER[0]] * 1000}) == {"/steps": "too_many_steps"}
    (code,) = (await faults({"steps": [{**LADDER[0], "condition": deep}]})).values()
    assert code == "predicate_too_deep"
    assert await faults({"steps": None}) == {"/steps": "malformed_steps"}
    refused = await api.post("/v1/reminder-plans", json={"name": "x", "steps": [{**LADDER[0], "condition": deep}]})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "predicate_too_deep")


async def test_a_template_without_the_language_of_a_customer_is_worth_a_warning(
    api: httpx.AsyncClient, ctx: Context
) -> None:
    template = {"key": "only_here", "locale": "zh-CN", "subject": "S", "body": "B"}
    assert (await api.post("/v1/templates", json=template)).status_code == 201
    await api.post("/v1/customers", json={"name": "Abroad", "locale": "en"})
    steps = [email_step("a", 1, "only_here")]
    (fault,) = (await api.post("/v1/reminder-plans/lint", json={"steps": steps})).json()["faults"]
    assert (fault["severity"], fault["code"], fault["pointer"]) == (
        "warning",
        "missing_language",
        "/steps/0/action/template",
    )
    made = (await api.post("/v1/reminder-plans", json={"name": "x", "steps": steps})).json()
    assert (await api.post(f"/v1/reminder-plans/{made['id']}/publish")).status_code == 200


async def test_approvals_are_listed_and_decided_through_both_doors(
    api: httpx.AsyncClient, graph: Graph, ctx: Context
) -> None:
    await a_plan(ctx, steps=GATED)
    first, second = await a_case(ctx), await a_case(ctx, number="INV-2")
    await run_at(ctx, FIRST)
    found = (await api.get("/v1/approvals", params={"state": "open"})).json()["data"]
    assert {one["case_id"] for one in found} == {first.id, second.id}
    mine = next(one for one in found if one["case_id"] == first.id)
    read = await api.get(f"/v1/approvals/{mine['id']}")
    assert (read.json(), read.headers["etag"]) == (mine, '"1"')
    approved = await api.post(f"/v1/approvals/{mine['id']}/approve", json={"note": "Go on."})
    assert (approved.status_code, approved.json()["state"], approved.json()["note"]) == (200, "approved", "Go on.")
    again = await api.post(f"/v1/approvals/{mine['id']}/reject", json={})
    assert (again.status_code, again.json()["code"]) == (409, "approval_decided")
    other = next(one for one in found if one["case_id"] == second.id)
    body = await graph(
        "mutation ($id: ID!) { rejectStep(id: $id) { state case { id } customer { id } } }", {"id": other["id"]}
    )
    assert body["data"]["rejectStep"] == {
        "state": "rejected",
        "case": {"id": second.id},
        "customer": {"id": second.customer_id},
    }
    listed = await graph('{ approvals(state: "rejected") { edges { node { id stepKey } } } }', {})
    assert [edge["node"]["id"] for edge in listed["data"]["approvals"]["edges"]] == [other["id"]]
