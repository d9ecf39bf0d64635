"""Clients through the API, and every way in which one proves who it is."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from domain.access.model import NewClient, RegisteredClient, Tenant
from domain.access.own_clients import register_client
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.ids import new_id
from domain.storage.transaction import transaction
from tests.api.conftest import Graph
from tests.api.oauth_flows import CALLBACK, an_app

Platform = tuple[PlatformContext, NewClient]
MACHINE = {"name": "ERP", "scopes": ["customers:read"]}
FORM = {"grant_type": "client_credentials"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"


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


async def test_a_client_gets_in_only_by_the_method_it_registered(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    basic, post = await _machine(ctx, "client_secret_basic"), await _machine(ctx, "client_secret_post")
    for made, by_basic, by_post in ((basic, 200, 401), (post, 401, 200)):
        client_id, secret = made.client.client_id, made.client_secret or ""
        assert (await anonymous.post("/oauth/token", data=FORM, auth=(client_id, secret))).status_code == by_basic
        form = {**FORM, "client_id": client_id, "client_secret": secret}
        assert (await anonymous.post("/oauth/token", data=form)).status_code == by_post
        assert (await anonymous.post("/oauth/token", data={**FORM, "client_id": client_id})).status_code == 401
        twice = await anonymous.post("/oauth/token", data=form, auth=(client_id, secret))
        assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


async def test_an_assertion_proves_a_client_once(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    key, made = await _with_key(ctx)
    for audience in (ISSUER, f"{ISSUER}/oauth/token"):
        form = _asserting(key, made, aud=audience)
        assert (await anonymous.post("/oauth/token", data=form)).status_code == 200
        replayed = await anonymous.post("/oauth/token", data=form)
        assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://evil.example"},
        {"iss": "cli_other"},
        {"exp": -120},
        {"exp": 100_000},
        {"jti": None},
        {"jti": 5},
        {"exp": None},
        {"key": ECKey.generate_key("P-256")},
        {"sub": "cli_00000000000000000000000000"},
        {"sub": {"a": 1}},
    ],
)
async def test_a_wrong_assertion_proves_nothing(
    anonymous: httpx.AsyncClient, ctx: Context, wrong: dict[str, Any]
) -> None:
    key, made = await _with_key(ctx)
    refused = await anonymous.post("/oauth/token", data=_asserting(wrong.pop("key", key), made, **wrong))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_is_no_way_in_for_a_client_with_a_secret(anonymous: httpx.AsyncClient, ctx: Context) -> None:
    made = await _machine(ctx, "client_secret_basic")
    key = OctKey.import_key(made.client_secret or "")
    claims = _claims(made)
    form = {
        **FORM,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "HS256"}, claims, key),
    }
    assert (await anonymous.post("/oauth/token", data=form)).status_code == 401


async def test_an_unknown_client_costs_and_answers_like_a_wrong_secret(
    anonymous: httpx.AsyncClient, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest

    def counting(a: str, b: str) -> bool:
        compared.append(len(a) + len(b))
        return compare(a, b)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    answers, work = [], []
    for client_id in (platform[1].client_id, "cli_00000000000000000000000000", "nobody"):
        compared.clear()
        answer = await anonymous.post("/oauth/token", data=FORM, auth=(client_id, "wrong"))
        work.append(list(compared))
        answers.append((answer.status_code, answer.json(), answer.headers["www-authenticate"]))
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert len(work[0]) == 2


@pytest.mark.parametrize(
    "name", ["grant_type", "scope", "client_id", "code", "redirect_uri", "refresh_token", "audience"]
)
@pytest.mark.parametrize("value", ["' or 1=1 --", "a\r\nSet-Cookie: x=y", "\x00", "é", "x" * 2001, '"\\<>'])
async def test_nothing_in_a_parameter_breaks_out(
    anonymous: httpx.AsyncClient, platform: Platform, name: str, value: str
) -> None:
    auth = (platform[1].client_id, platform[1].client_secret)
    refused = await anonymous.post("/oauth/token", data={**FORM, name: value}, auth=auth)
    assert refused.status_code in (200, 400, 401)
    assert (refused.status_code == 200) <= (name in ("code", "redirect_uri", "refresh_token", "audience"))
    assert "set-cookie" not in refused.headers


async def test_parameters_come_once_in_the_body_and_are_not_huge(
    anonymous: httpx.AsyncClient, platform: Platform
) -> None:
    auth = (platform[1].client_id, platform[1].client_secret)
    for query, form in (
        ("?scope=tenants:read", FORM),
        ("?grant_type=client_credentials", {}),
        ("", {**FORM, "scope": ["tenants:read", "tenants:read"]}),
        ("", {**FORM, **{f"p{n}": "x" * 1000 for n in range(9)}}),
        ("", {**FORM, **{f"p{n}": "x" for n in range(60)}}),
    ):
        refused = await anonymous.post(f"/oauth/token{query}", data=form, auth=auth)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    huge = await anonymous.post("/oauth/token", data={**FORM, "x": "y" * 100_000}, auth=auth)
    assert huge.status_code in (400, 413)
    as_json = await anonymous.post("/oauth/token", json=FORM, auth=auth)
    assert as_json.json()["error"] == "invalid_request"


async def _machine(ctx: Context, method: Any, **more: Any) -> RegisteredClient:
    return await register_client(
        ctx,
        name="machine",
        auth_method=method,
        redirect_uris=[CALLBACK],
        grant_types=["client_credentials"],
        scopes=["customers:read"],
        **more,
    )


async def _with_key(ctx: Context) -> tuple[ECKey, RegisteredClient]:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return key, await _machine(ctx, "private_key_jwt", jwks=dict(KeySet([key]).as_dict(private=False)))


def _claims(made: RegisteredClient, **changes: Any) -> dict[str, Any]:
    exp = changes.pop("exp", 60)
    at = SystemClock().now() + timedelta(seconds=exp or 0)
    claims: dict[str, Any] = {
        "iss": made.client.client_id,
        "sub": made.client.client_id,
        "aud": ISSUER,
        "jti": new_id("jti"),
        "exp": None if exp is None else int(at.timestamp()),
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _asserting(key: ECKey, made: RegisteredClient, **changes: Any) -> dict[str, str]:
    header = {"alg": "ES256", **({"kid": key.kid} if key.kid else {})}
    assertion = jwt.encode(header, _claims(made, **changes), key)
    return {**FORM, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
