"""Tags and segments through both doors."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Graph

VIP = {"field": "tags", "op": "contains", "value": "vip"}


async def a_segment(api: httpx.AsyncClient, predicate: Any) -> Any:
    answer = await api.post("/v1/segments", json={"name": "Asked", "predicate": predicate})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_tags_are_a_set_that_both_doors_write(api: httpx.AsyncClient, graph: Graph) -> None:
    made = (await api.post("/v1/customers", json={"name": "a", "tags": ["vip", "大单", "vip"]})).json()
    assert made["tags"] == ["vip", "大单"]
    url = f"/v1/customers/{made['id']}"
    assert (await api.patch(url, json={"tags": ["大单", "vip"]})).json()["version"] == 1
    await graph(
        "mutation($id: ID!) { updateCustomer(id: $id, input: {tags: []}) { tags } }",
        {"id": made["id"]},
    )
    assert (await api.get(url)).json()["tags"] == []
    put = await api.put("/v1/customers/external/c-1", json={"name": "b", "tags": ["new"]})
    kept = await api.put("/v1/customers/external/c-1", json={"name": "c"})
    assert (put.json()["tags"], kept.json()["tags"], kept.json()["name"]) == (["new"], ["new"], "c")
    for tags, code in (
        (["x" * 51], "invalid_value"),
        ([" vip"], "malformed_tag"),
        ([str(n) for n in range(51)], "invalid_value"),
    ):
        refused = await api.patch(url, json={"tags": tags})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code), refused.text


async def test_customers_are_listed_and_counted_by_segment(api: httpx.AsyncClient, graph: Graph) -> None:
    for name, tags in (("a", ["vip"]), ("b", []), ("c", ["vip", "new"])):
        await api.post("/v1/customers", json={"name": name, "tags": tags})
    segment = await a_segment(api, VIP)
    listed = (await api.get("/v1/customers", params={"segment_id": segment["id"], "limit": 1})).json()
    assert [customer["name"] for customer in listed["data"]] == ["a"]
    rest = {"segment_id": segment["id"], "cursor": listed["next_cursor"]}
    assert [customer["name"] for customer in (await api.get("/v1/customers", params=rest)).json()["data"]] == ["c"]
    assert (await api.get("/v1/customers", params={"cursor": listed["next_cursor"]})).status_code == 422
    count = (await api.get(f"/v1/segments/{segment['id']}/count")).json()
    assert count == {"segment_id": segment["id"], "customer_count": 2}
    asked = await graph(
        "query($id: ID!) { segmentCount(id: $id) { customerCount } segment(id: $id) { name predicate }"
        " customers(segmentId: $id) { edges { node { name } } } }",
        {"id": segment["id"]},
    )
    assert asked["data"]["segmentCount"]["customerCount"] == 2
    assert asked["data"]["segment"]["predicate"] == VIP
    assert [edge["node"]["name"] for edge in asked["data"]["customers"]["edges"]] == ["a", "c"]
    missing = await api.get("/v1/customers", params={"segment_id": "seg_unknown"})
    assert (missing.status_code, missing.json()["code"]) == (404, "segment_not_found")


async def test_a_wrong_predicate_is_named_by_its_place(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/segments", json={"name": "x", "predicate": {"all": [VIP, {"field": "age"}]}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/predicate/all/1")
    assert refused.json()["errors"][0]["code"] == "predicate_malformed"


async def test_a_segment_is_changed_and_removed(api: httpx.AsyncClient) -> None:
    segment = await a_segment(api, VIP)
    url = f"/v1/segments/{segment['id']}"
    changed = await api.patch(url, json={"name": "VIPs"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["etag"]) == ("VIPs", '"2"')
    assert [one["name"] for one in (await api.get("/v1/segments")).json()["data"]] == ["VIPs"]
    assert (await api.delete(url, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(url)).status_code == 204
    assert (await api.get(url)).status_code == 404
