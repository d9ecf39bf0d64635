"""Every way in which a client proves who it is at the token endpoint, and what breaks nothing there."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from domain.access.model import NewClient, RegisteredClient
from domain.access.own_clients import register_client
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context, PlatformContext
from domain.kernel.ids import new_id
from tests.api.oauth_flows import CALLBACK

Platform = tuple[PlatformContext, NewClient]
FORM = {"grant_type": "client_credentials"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"


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
