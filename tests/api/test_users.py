"""Users through both doors, their invitations and their own profile."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from domain.access.invitations import accept_invitation
from domain.access.own_profile import change_password, confirm_second_factor, drop_second_factor, enrol_second_factor
from domain.access.users import disable_user, enable_user, get_user, invite_user, remove_second_factor, update_user
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, DunwellError, Forbidden, InvalidInput, NotFound, TooManyRequests
from domain.storage.transaction import transaction
from tests.api.conftest import Graph
from tests.api.signing_in import PASSWORD, a_user, code_now, with_second_factor

NEW = {"name": "Li Na", "email": "Li.Na@acme.example", "role": "admin"}


async def test_a_user_lives_from_invitation_to_being_shut_out(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    made = await api.post("/v1/users", json=NEW)
    assert made.status_code == 201, made.text
    user = made.json()["user"]
    assert (user["status"], user["email"], user["version"]) == ("invited", "Li.Na@acme.example", 1)
    path, link = f"/v1/users/{user['id']}", made.json()["invitation_url"]
    token = link.rpartition("/")[2]
    assert token not in (await api.get(path)).text
    page = await anonymous.get(f"/oauth/invitation/{token}")
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    form = {"password": PASSWORD, "repeated": PASSWORD}
    assert (await anonymous.post(f"/oauth/invitation/{token}", data={**form, "repeated": "x"})).status_code == 422
    assert (
        await anonymous.post(f"/oauth/invitation/{token}", data=form, headers={"Origin": "https://x.example"})
    ).status_code == 403
    assert (await anonymous.post(f"/oauth/invitation/{token}", data=form)).status_code == 200
    assert (await anonymous.post(f"/oauth/invitation/{token}", data=form)).status_code == 410
    read = await api.get(path)
    assert (read.json()["status"], read.headers["etag"]) == ("active", '"2"')
    stale = await api.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await api.post(f"{path}/disable")).json()["code"] == "last_admin"
    assert (await api.patch(path, json={"role": "viewer"})).json()["code"] == "last_admin"
    other = (await api.post("/v1/users", json={**NEW, "email": "wang@acme.example"})).json()
    await accept_invitation(other["invitation_url"].rpartition("/")[2], PASSWORD)
    assert (await api.post(f"{path}/disable")).json()["status"] == "disabled"
    assert (await api.post(f"{path}/invitation")).json()["code"] == "user_disabled"
    assert (await api.post(f"{path}/enable")).json()["status"] == "active"
    events = (await api.get("/v1/events", params={"object_id": user["id"]})).json()["data"]
    assert [event["type"] for event in events] == [f"user.{w}" for w in ("invited", "activated", "disabled", "enabled")]
    assert "acme.example" not in str(events)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**NEW, "email": "nobody"}, "malformed_email"),
        ({**NEW, "role": "king"}, "invalid_value"),
        ({**NEW, "own_customers_only": True}, "limit_needs_collector"),
    ],
)
async def test_wrong_input_is_refused(api: httpx.AsyncClient, body: dict[str, object], code: str) -> None:
    refused = await api.post("/v1/users", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_an_address_is_taken_once_and_sealed(api: httpx.AsyncClient, ctx: Context) -> None:
    assert (await api.post("/v1/users", json=NEW)).status_code == 201
    again = await api.post("/v1/users", json={**NEW, "email": "li.na@ACME.example"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    async with transaction(ctx) as tx:
        assert b"acme" not in (await tx.fetchval("select sealed_email from users")).lower()


async def test_graphql_does_the_same(graph: Graph) -> None:
    query = 'mutation { inviteUser(input: {name: "A", email: "a@b.example", role: "viewer"}) { invitationUrl user { id } } }'
    made = (await graph(query))["data"]["inviteUser"]
    assert "/oauth/invitation/" in made["invitationUrl"]
    found = await graph("query($id: ID!) { node(id: $id) { id ... on User { role hasSecondFactor } } }", made["user"])
    assert found["data"]["node"] == {"id": made["user"]["id"], "role": "viewer", "hasSecondFactor": False}
    refused = await graph("{ profile { id } }")
    assert refused["errors"][0]["extensions"]["code"] == "user_token_required"


async def test_a_clients_token_has_no_profile(api: httpx.AsyncClient) -> None:
    for answer in (
        await api.get("/v1/profile"),
        await api.post("/v1/profile/second-factor"),
        await api.post("/v1/profile/password", json={"current": "x", "new": PASSWORD}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "user_token_required")


async def test_nobody_gives_more_than_they_hold(ctx: Context) -> None:
    await a_user(ctx, "boss@acme.example", "admin")
    weak = replace(ctx, scopes=frozenset({"users:write", "users:read"}))
    with pytest.raises(Forbidden, match="role_exceeds_token"):
        await invite_user(weak, name="x", email="x@acme.example", role="viewer")
    viewer = await a_user(ctx, "viewer@acme.example", "viewer")
    stolen = replace(viewer.ctx, scopes=viewer.ctx.scopes | {"users:write"})
    for change in (
        update_user(stolen, viewer.user.id, {"role": "admin"}),
        invite_user(stolen, name="x", email="y@acme.example", role="admin"),
    ):
        with pytest.raises(Forbidden, match="role_exceeds_token"):
            await change
    assert (await get_user(ctx, viewer.user.id)).role == "viewer"


async def test_shutting_out_takes_tokens_and_links_back(ctx: Context) -> None:
    invited = await invite_user(ctx, name="x", email="x@acme.example", role="viewer")
    await disable_user(ctx, invited.user.id)
    with pytest.raises(NotFound):
        await accept_invitation(invited.invitation_url.rpartition("/")[2], PASSWORD)
    async with transaction(ctx) as tx:
        assert await tx.fetchval("select count(*) from revocations where subject = $1", invited.user.id) == 1
    assert (await enable_user(ctx, invited.user.id)).status == "invited"


async def test_an_expired_link_is_good_for_nothing(ctx: Context) -> None:
    invited = await invite_user(ctx, name="x", email="x@acme.example", role="viewer")
    async with transaction(ctx) as tx:
        await tx.execute("update user_invitations set expires_at = now()")
    with pytest.raises(NotFound):
        await accept_invitation(invited.invitation_url.rpartition("/")[2], PASSWORD)


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "me li.na@acme.example", "passwordpassword", "ａbaｂabababab"]
)
async def test_a_poor_password_is_refused(ctx: Context, password: str) -> None:
    invited = await invite_user(ctx, name="x", email="li.na@acme.example", role="viewer")
    with pytest.raises(InvalidInput):
        await accept_invitation(invited.invitation_url.rpartition("/")[2], password)


async def test_a_second_factor_comes_and_goes_by_code(ctx: Context) -> None:
    person = await a_user(ctx)
    secret = (await enrol_second_factor(person.ctx)).secret
    with pytest.raises(InvalidInput, match="wrong, too old"):
        await confirm_second_factor(person.ctx, code="not one")
    code = code_now(secret)
    assert (await confirm_second_factor(person.ctx, code=code)).has_second_factor
    with pytest.raises(InvalidInput, match="used before"):
        await drop_second_factor(person.ctx, code=code)
    with pytest.raises(Conflict):
        await enrol_second_factor(person.ctx)
    assert not (await remove_second_factor(ctx, person.user.id)).has_second_factor


async def test_guessing_codes_and_passwords_is_slowed_down(ctx: Context) -> None:
    person = await a_user(ctx)
    await with_second_factor(person)
    for guess in (
        lambda: drop_second_factor(person.ctx, code="000000"),
        lambda: change_password(person.ctx, current="wrong", new=PASSWORD),
    ):
        refused: list[type[DunwellError]] = []
        for _ in range(6):
            # As under an Idempotency-Key: the request's transaction is rolled back, the attempt still counts.
            with pytest.raises(DunwellError) as error:
                async with transaction(person.ctx):
                    await guess()
            refused.append(error.type)
        assert refused[-1] is TooManyRequests
        assert InvalidInput in refused


async def test_a_new_password_needs_the_current_one_and_signs_out(ctx: Context) -> None:
    person = await a_user(ctx)
    with pytest.raises(InvalidInput, match="not the current"):
        await change_password(person.ctx, current="wrong", new="another good phrase")
    await change_password(person.ctx, current=PASSWORD, new="another good phrase")
    with pytest.raises(InvalidInput):
        await change_password(person.ctx, current=PASSWORD, new=PASSWORD)
