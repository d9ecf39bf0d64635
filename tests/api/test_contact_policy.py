"""The contact policy and holds through both doors."""

from __future__ import annotations

import httpx
import pytest

from domain.kernel.context import Context
from tests.api.conftest import Graph
from tests.conftest import NOW
from tests.factories import a_customer
from tests.factories_dunning import a_case, a_plan, run_at

POLICY = "/v1/contact-policy"
HOURS = {"weekdays": ["monday", "friday"], "from_time": "09:00", "to_time": "24:00"}


async def test_the_policy_is_read_and_replaced(api: httpx.AsyncClient) -> None:
    nothing = await api.get(POLICY)
    assert (nothing.status_code, nothing.headers["etag"]) == (200, '"0"')
    assert nothing.json() == {
        "preset": None,
        "channels": None,
        "contact_hours": [],
        "business_days_only": False,
        "except_public_holidays": False,
        "blackout_dates": [],
        "caps": [],
        "minimum_gap_hours": None,
        "version": 0,
        "updated_at": None,
    }
    dates = {"from_on": "2026-12-24", "to_on": "2027-01-01", "label": "Between the years"}
    rules = {
        "channels": ["email"],
        "contact_hours": [HOURS],
        "business_days_only": True,
        "blackout_dates": [dates],
        "caps": [{"per": "customer", "most": 2, "days": 7}],
        "minimum_gap_hours": 24,
    }
    put = await api.put(POLICY, json=rules, headers={"If-Match": '"0"'})
    cap = {"id": "cap_customer_2_in_7_days", "per": "customer", "most": 2, "days": 7, "counts_manual": False}
    told = {**nothing.json(), **rules, "caps": [cap], "version": 1, "updated_at": "2026-01-05T01:00:00Z"}
    assert (put.status_code, put.headers["etag"], put.json()) == (200, '"1"', told)
    assert (await api.get(POLICY)).json() == told
    stale = await api.put(POLICY, json={}, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")


@pytest.mark.parametrize(
    ("told", "pointer", "code"),
    [
        ({"contact_hours": [{**HOURS, "from_time": "25:00"}]}, "/contact_hours/0/from_time", "invalid_value"),
        ({"contact_hours": [{**HOURS, "weekdays": ["Monday"]}]}, "/contact_hours/0/weekdays/0", "invalid_value"),
        ({"contact_hours": [{**HOURS, "to_time": "08:00"}]}, "/contact_hours/0/to_time", "not_after_from_time"),
        ({"caps": [{"per": "customer", "most": 0, "days": 1}]}, "/caps/0/most", "invalid_value"),
        ({"caps": [{"per": "street", "most": 1, "days": 1}]}, "/caps/0/per", "invalid_value"),
        ({"preset": "moon"}, "/preset", "unknown_preset"),
        ({"quiet": True}, "/quiet", "unknown_field"),
    ],
)
async def test_a_wrong_policy_is_named_by_place(
    api: httpx.AsyncClient, told: dict[str, object], pointer: str, code: str
) -> None:
    refused = await api.put(POLICY, json=told)
    error = refused.json()["errors"][0]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)


async def test_presets_name_their_jurisdiction_and_source(api: httpx.AsyncClient) -> None:
    page = (await api.get("/v1/contact-policy-presets", params={"limit": 3})).json()
    assert len(page["data"]) == 3
    everything = (await api.get("/v1/contact-policy-presets")).json()["data"]
    preset = next(preset for preset in everything if preset["key"] == "us_reg_f")
    assert (preset["jurisdiction"], preset["debtor_type"]) == ("US", "consumer")
    assert "1006.6" in preset["source"]
    put = await api.put(POLICY, json={"preset": "us_reg_f"})
    assert put.json()["contact_hours"] == preset["policy"]["contact_hours"]


async def test_graphql_puts_and_shows_the_same_policy(api: httpx.AsyncClient, graph: Graph) -> None:
    put = await graph(
        """mutation { putContactPolicy(input: {preset: "uk_conc", minimumGapHours: 48,
             contactHours: [{weekdays: ["monday"], fromTime: "10:00", toTime: "11:00"}]}) {
             preset version minimumGapHours contactHours { weekdays fromTime toTime } caps { id } } }"""
    )
    shown = await graph(
        "{ contactPolicy { version exceptPublicHolidays } contactPolicyPresets(first: 1) { edges { node { key } } } }"
    )
    assert put["data"]["putContactPolicy"] == {
        "preset": "uk_conc",
        "version": 1,
        "minimumGapHours": 48,
        "contactHours": [{"weekdays": ["monday"], "fromTime": "10:00", "toTime": "11:00"}],
        "caps": [{"id": "cap_customer_3_in_7_days_manual"}],
    }
    assert shown["data"]["contactPolicy"] == {"version": 1, "exceptPublicHolidays": True}
    assert shown["data"]["contactPolicyPresets"]["edges"] == [{"node": {"key": "b2b_default"}}]


async def test_a_hold_is_placed_seen_on_the_case_changed_and_released(api: httpx.AsyncClient, ctx: Context) -> None:
    await a_plan(ctx)
    case = await a_case(ctx)
    new = {"receivable_id": case.receivable_id, "reason": "negotiation", "note": "Talks", "until_on": "2026-01-20"}
    placed = await api.post("/v1/holds", json=new)
    hold = placed.json()
    assert (placed.status_code, placed.headers["etag"]) == (201, '"1"')
    assert {name: hold[name] for name in new} == new
    assert (hold["customer_id"], hold["ends_at"]) == (case.customer_id, "2026-01-20T16:00:00Z")
    await run_at(ctx, NOW.replace(day=13))
    seen = (await api.get(f"/v1/cases/{case.id}")).json()
    assert (seen["deferred_reasons"], seen["deferred_until"]) == (["on_hold"], "2026-01-20T16:00:00Z")
    url = f"/v1/holds/{hold['id']}"
    stale = await api.patch(url, json={"note": "New"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    longer = await api.patch(url, json={"until_on": None}, headers={"If-Match": '"1"'})
    assert (longer.json()["until_on"], longer.json()["ends_at"], longer.headers["etag"]) == (None, None, '"2"')
    listed = (await api.get("/v1/holds", params={"customer_id": case.customer_id, "state": "active"})).json()
    assert listed["data"] == [longer.json()] == [(await api.get(url)).json()]
    released = await api.post(f"{url}/release")
    assert (released.status_code, released.json()["state"]) == (200, "released")
    again = await api.post(f"{url}/release")
    assert (again.status_code, again.json()["code"]) == (409, "hold_already_released")


async def test_a_hold_on_nothing_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/holds", json={"reason": "other"})
    error = refused.json()["errors"][0]
    assert (refused.status_code, error["pointer"]) == (422, "/receivable_id")
    assert error["code"] == "one_of_customer_or_receivable"
    unknown = await api.post("/v1/holds", json={"reason": "other", "customer_id": "cus_nobody"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "customer_not_found")
    wrong = await api.post("/v1/holds", json={"reason": "holiday", "customer_id": "cus_nobody"})
    assert wrong.json()["errors"][0]["pointer"] == "/reason"


async def test_graphql_places_shows_and_releases_a_hold(graph: Graph, ctx: Context) -> None:
    customer = await a_customer(ctx)
    made = await graph(
        'mutation($id: String!) { placeHold(input: {customerId: $id, reason: "legal"}) { id state customer { name } } }',
        {"id": customer.id},
    )
    hold = made["data"]["placeHold"]
    assert (hold["state"], hold["customer"]["name"]) == ("active", customer.name)
    query = "query($id: ID!) { hold(id: $id) { reason } holds(customerId: $id) { edges { node { id } } } node(id: $id) { id } }"
    seen = await graph(query, {"id": hold["id"]})
    assert (seen["data"]["hold"]["reason"], seen["data"]["node"]["id"]) == ("legal", hold["id"])
    change = 'mutation($id: ID!) { updateHold(id: $id, input: {untilOn: "2026-02-01"}) { untilOn version } }'
    assert (await graph(change, {"id": hold["id"]}))["data"]["updateHold"] == {"untilOn": "2026-02-01", "version": 2}
    ended = await graph("mutation($id: ID!) { releaseHold(id: $id) { state releasedBy } }", {"id": hold["id"]})
    assert ended["data"]["releaseHold"]["state"] == "released"


async def test_country_and_time_zone_are_set_where_they_belong(api: httpx.AsyncClient) -> None:
    made = (await api.post("/v1/customers", json={"name": "Lanhai", "country": "CN"})).json()
    assert made["country"] == "CN"
    wrong = await api.patch(f"/v1/customers/{made['id']}", json={"country": "china"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/country")
    told = {"name": "Employer", "role": "third_party", "time_zone": "Asia/Tokyo"}
    contact = (await api.post(f"/v1/customers/{made['id']}/contacts", json=told)).json()
    assert {name: contact[name] for name in told} == told
    nowhere = await api.patch(f"/v1/contacts/{contact['id']}", json={"time_zone": "Moon/Sea"})
    assert nowhere.json()["errors"][0]["code"] == "unknown_time_zone"
