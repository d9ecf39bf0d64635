"""Import profiles through both doors."""

from __future__ import annotations

import httpx

from domain.kernel.context import Context
from domain.operations.operations import get_operation
from tests.api.conftest import Graph
from tests.factories_ledger import worked_off

PROFILE = {"name": "CRM export", "kind": "customers", "mapping": {"columns": {"external_id": "Code", "name": "Name"}}}
CSV = {"Content-Type": "text/csv"}


async def test_a_profile_is_kept_with_a_version_and_an_import_names_it(api: httpx.AsyncClient, ctx: Context) -> None:
    made = await api.post("/v1/import-profiles", json=PROFILE)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    profile = made.json()
    assert {name: profile[name] for name in PROFILE} == PROFILE
    one = f"/v1/import-profiles/{profile['id']}"
    assert (await api.get(one)).json() == (await api.get("/v1/import-profiles")).json()["data"][0] == profile

    for named in (profile["id"], "CRM export"):
        query = {"kind": "customers", "profile": named}
        sent = await api.post("/v1/imports", params=query, content=b"Code,Name\nc-1,One\n", headers=CSV)
        assert sent.status_code == 202
        done = await worked_off(ctx, await get_operation(ctx, sent.json()["id"]))
        assert done.progress.failed == 0
    assert [customer["name"] for customer in (await api.get("/v1/customers")).json()["data"]] == ["One"]

    stale = await api.put(one, json={**PROFILE, "name": "New"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    changed = await api.put(one, json={**PROFILE, "name": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "New")
    assert (await api.delete(one, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(one, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.get(one)).json()["code"] == "import_profile_not_found"


async def test_what_is_wrong_with_a_profile_is_pointed_at(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/import-profiles", json=PROFILE)).status_code == 201
    taken = await api.post("/v1/import-profiles", json=PROFILE)
    assert (taken.status_code, taken.json()["code"]) == (409, "import_profile_name_taken")
    for changes, pointer in (
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"kind": "invoices"}, "/kind"),
        ({"mapping": []}, "/mapping"),
        ({"mapping": {"columns": {"due": "x"}}}, "/mapping/columns/due"),
        ({"colour": "red"}, "/colour"),
    ):
        refused = await api.post("/v1/import-profiles", json={**PROFILE, **changes})
        assert refused.status_code in (400, 422)
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    for query, code in (
        ("kind=payments&profile=CRM export", "profile_of_another_kind"),
        ("kind=customers&profile=Nobody", "import_profile_not_found"),
    ):
        refused = await api.post(f"/v1/imports?{query}", content=b"Code,Name\n", headers=CSV)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "profile")
        assert refused.json()["errors"][0]["code"] == code
    unstorable = await api.post("/v1/imports?kind=customers&profile=%00", content=b"Code,Name\n", headers=CSV)
    assert unstorable.status_code in (400, 422)
    assert (await api.get("/v1/operations")).json()["data"] == []


async def test_graphql_keeps_names_and_forgets_profiles(graph: Graph, ctx: Context) -> None:
    made = await graph(
        "mutation ($i: ImportProfileInput!) { createImportProfile(input: $i) { id name kind mapping version } }",
        {"i": PROFILE},
    )
    profile = made["data"]["createImportProfile"]
    assert {name: profile[name] for name in PROFILE} == PROFILE
    sent = await graph(
        'mutation ($p: String) { createImport(kind: "customers", content: "Code;Name\\nc-1;One\\n", profile: $p,'
        ' mapping: {delimiter: ";"}) { id } }',
        {"p": "CRM export"},
    )
    done = await worked_off(ctx, await get_operation(ctx, sent["data"]["createImport"]["id"]))
    assert done.progress.created == 1
    changed = await graph(
        "mutation ($id: ID!, $i: ImportProfileInput!) { replaceImportProfile(id: $id, input: $i, expectedVersion: 1)"
        " { name version } }",
        {"id": profile["id"], "i": {**PROFILE, "name": "New"}},
    )
    assert changed["data"]["replaceImportProfile"] == {"name": "New", "version": 2}
    listed = await graph("{ importProfiles(first: 5) { edges { node { name } } } }")
    assert listed["data"]["importProfiles"]["edges"] == [{"node": {"name": "New"}}]
    forget = "mutation ($id: ID!) { deleteImportProfile(id: $id) }"
    assert (await graph(forget, {"id": profile["id"]}))["data"] == {"deleteImportProfile": profile["id"]}
    assert (await graph(forget, {"id": profile["id"]}))["errors"][0]["extensions"]["code"] == "import_profile_not_found"
