"""Clients through the API: registered, changed, rotated, revoked, and never a way to more than the caller has."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey

from domain.access.model import NewClient, Tenant
from domain.kernel.context import Context, PlatformContext
from domain.storage.transaction import transaction
from tests.api.conftest import Graph
from tests.api.oauth_flows import an_app

Platform = tuple[PlatformContext, NewClient]
MACHINE = {"name": "ERP", "scopes": ["customers:read"]}
FORM = {"grant_type": "client_credentials"}


async def registered(http: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/v1/clients", json={**MACHINE, **fields})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def gets_in(http: httpx.AsyncClient, made: dict[str, Any], secret: str) -> bool:
    answer = await http.post("/oauth/token", data=FORM, auth=(made["client"]["client_id"], secret))
    return answer.status_code == 200


async def test_a_client_lives_from_registration_to_revocation(api: httpx.AsyncClient, tenant: Tenant) -> None:
    made = await registered(api)
    client, path = made["client"], f"/v1/clients/{made['client']['client_id']}"
    assert (client["type"], client["auth_method"]) == ("confidential", "client_secret_basic")
    assert (client["grant_types"], client["tenant_id"]) == (["client_credentials"], tenant.id)
    assert await gets_in(api, made, made["client_secret"])
    read = await api.get(path)
    assert read.json() == client
    assert made["client_secret"] not in read.text
    assert client in (await api.get("/v1/clients?limit=200")).json()["data"]
    renamed = await api.patch(path, json={"name": "New ERP"}, headers={"If-Match": read.headers["etag"]})
    assert renamed.json()["name"] == "New ERP"
    assert (await api.patch(path, json={"name": "x"}, headers={"If-Match": read.headers["etag"]})).status_code == 412
    ended = await api.delete(path)
    assert ended.json()["revoked_at"] is not None
    assert (await api.delete(path)).json() == ended.json()
    assert not await gets_in(api, made, made["client_secret"])
    assert (await api.patch(path, json={"name": "x"})).json()["code"] == "client_revoked"


async def test_a_rotated_secret_works_on_for_the_overlap_only(api: httpx.AsyncClient, ctx: Context) -> None:
    made = await registered(api)
    path = f"/v1/clients/{made['client']['client_id']}/rotate-secret"
    rotated = (await api.post(path, json={"overlap_hours": 2})).json()
    assert await gets_in(api, made, made["client_secret"])
    assert await gets_in(api, made, rotated["client_secret"])
    async with transaction(ctx) as tx:
        await tx.execute(
            "update oauth_clients set previous_secret_until = now() where previous_secret_until is not null"
        )
    assert not await gets_in(api, made, made["client_secret"])
    at_once = (await api.post(path, json={"overlap_hours": 0})).json()
    assert not await gets_in(api, made, rotated["client_secret"])
    assert await gets_in(api, made, at_once["client_secret"])
    assert (await api.post(path, json={"overlap_hours": 169})).status_code == 422


async def test_secrets_are_stored_as_hashes(api: httpx.AsyncClient, ctx: Context) -> None:
    made = await registered(api)
    async with transaction(ctx) as tx:
        rows = await tx.fetch("select * from oauth_clients")
    assert made["client_secret"] not in str([dict(row) for row in rows])


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"scopes": ["tenants:read"]}, "/scopes/0", "scope_not_grantable"),
        ({"scopes": ["nonsense"]}, "/scopes/0", "scope_not_grantable"),
        ({"type": "public"}, "/grant_types", "grant_type_needs_credentials"),
        ({"auth_method": "none"}, "/auth_method", "auth_method_mismatch"),
        ({"auth_method": "private_key_jwt"}, "/jwks", "invalid_jwks"),
        ({"jwks": {"keys": []}}, "/jwks", "unexpected_jwks"),
        ({"grant_types": ["authorization_code"]}, "/redirect_uris", "missing_redirect_uri"),
        ({"grant_types": ["refresh_token"]}, "/grant_types", "refresh_needs_code"),
        *(
            ({"redirect_uris": [uri]}, "/redirect_uris/0", "invalid_redirect_uri")
            for uri in (
                "http://app.example/cb",
                "http://localhost/cb",
                "https://app.example/cb#x",
                "https://user@app.example/cb",
                "https://*.example/cb",
                "javascript:alert(1)",
                "data:text/html,x",
                "myapp:/cb",
                "/cb",
                "https:///cb",
                "https://app.example/\r\nX: y",
            )
        ),
    ],
)
async def test_a_client_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, fields: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await api.post("/v1/clients", json={**MACHINE, **fields})
    assert refused.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in refused.json()["errors"]]


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-256").as_dict(private=True),
        OctKey.generate_key(256).as_dict(private=True),
        {"kty": "EC"},
        "x",
    ],
)
async def test_only_public_keys_are_taken(api: httpx.AsyncClient, key: Any) -> None:
    fields = {"auth_method": "private_key_jwt", "jwks": {"keys": [key]}}
    refused = await api.post("/v1/clients", json={**MACHINE, **fields})
    assert refused.status_code == 422


async def test_nobody_gets_more_through_a_client_than_the_caller_has(api: httpx.AsyncClient) -> None:
    strong = await registered(api, scopes=["customers:read", "customers:write"])
    weak = await registered(api, scopes=["clients:read", "clients:write", "customers:read"])
    answer = await api.post("/oauth/token", data=FORM, auth=(weak["client"]["client_id"], weak["client_secret"]))
    caller = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    more = await api.post("/v1/clients", json={**MACHINE, "scopes": ["customers:write"]}, headers=caller)
    assert more.json()["errors"][0]["code"] == "scope_not_grantable"
    path = f"/v1/clients/{strong['client']['client_id']}"
    taken = await api.post(f"{path}/rotate-secret", json={}, headers=caller)
    assert (taken.status_code, taken.json()["code"]) == (403, "client_exceeds_caller")
    assert (await api.patch(path, json={"name": "x"}, headers=caller)).status_code == 403
    grown = await api.patch(
        f"/v1/clients/{weak['client']['client_id']}", json={"scopes": ["customers:write"]}, headers=caller
    )
    assert grown.status_code == 422


async def test_a_platform_sees_its_own_and_reaches_its_tenants_clients(
    platform_api: httpx.AsyncClient, ctx: Context, other_platform: PlatformContext, platform: Platform
) -> None:
    own = await registered(platform_api, scopes=["tenants:read", "customers:read"], grant_types=["client_credentials"])
    listed = [client["client_id"] for client in (await platform_api.get("/v1/clients")).json()["data"]]
    assert listed == [platform[1].client_id, own["client"]["client_id"]]
    tenants = await an_app(ctx)
    path = f"/v1/clients/{tenants.client.client_id}"
    assert (await platform_api.get(path)).status_code == 200
    assert (await platform_api.delete(path)).json()["revoked_at"] is not None
    stranger = await an_app(other_platform)
    for method in ("GET", "DELETE"):
        refused = await platform_api.request(method, f"/v1/clients/{stranger.client.client_id}")
        assert (refused.status_code, refused.json()["code"]) == (404, "client_not_found")


async def test_graphql_does_the_same(graph: Graph) -> None:
    made = await graph(
        'mutation { registerClient(input: {name: "App", scopes: ["customers:read"]})'
        " { clientSecret client { clientId version } } }"
    )
    client = made["data"]["registerClient"]["client"]
    assert made["data"]["registerClient"]["clientSecret"]
    done = await graph(
        'mutation ($id: ID!) { updateClient(id: $id, input: {name: "B"}) { name }'
        " rotateClientSecret(id: $id, input: {overlapHours: 1}) { clientSecret client { previousSecretUntil } }"
        " revokeClient(id: $id) { revokedAt } }",
        {"id": client["clientId"]},
    )
    assert done["data"]["updateClient"] == {"name": "B"}
    assert done["data"]["revokeClient"]["revokedAt"] is not None
    found = await graph(
        "query ($id: ID!) { client(id: $id) { name } ownClients { edges { node { clientId } } } }",
        {"id": client["clientId"]},
    )
    assert found.get("errors") is None, found
    assert found["data"]["client"] == {"name": "B"}
