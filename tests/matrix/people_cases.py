"""Calls of the use cases of users, their profiles and the place where they sign in."""

from __future__ import annotations

from domain.access.identity_providers import set_identity_provider
from domain.access.own_profile import enrol_second_factor
from domain.access.users import disable_user
from domain.kernel.ids import new_id
from tests.api.signing_in import PASSWORD, Person, a_user, code_now, with_second_factor
from tests.matrix.registry import Call, Victim, case, one, plain

PROVIDER = {"issuer": "https://login.acme.example", "client_id": "dunwell", "label": "Acme"}


async def _person(v: Victim) -> Person:
    return await a_user(v.ctx, email=f"{new_id('usr')}@acme.example")


async def _user(v: Victim) -> str:
    return (await _person(v)).user.id


async def _disabled_user(v: Victim) -> str:
    user_id = await _user(v)
    await disable_user(v.ctx, user_id)
    return user_id


@case("invite_user")
async def _invite_user(_: Victim) -> Call:
    body = {"name": "New", "email": f"{new_id('usr')}@acme.example", "role": "viewer"}
    return Call(body=body, names_objects=False)


plain("list_users")
one(_user, "user_id", "get_user", "disable_user", "renew_invitation", "remove_second_factor")
one(_user, "user_id", "update_user", body={"name": "Changed"})
one(_disabled_user, "user_id", "enable_user")


@case("get_profile")
async def _get_profile(v: Victim) -> Call:
    return Call(as_user=await _user(v))


@case("enrol_second_factor")
async def _enrol(v: Victim) -> Call:
    return Call(as_user=await _user(v))


@case("confirm_second_factor")
async def _confirm(v: Victim) -> Call:
    person = await _person(v)
    secret = (await enrol_second_factor(person.ctx)).secret
    return Call(as_user=person.user.id, body={"code": code_now(secret)})


@case("drop_second_factor")
async def _drop(v: Victim) -> Call:
    person = await _person(v)
    return Call(as_user=person.user.id, body={"code": code_now(await with_second_factor(person))})


@case("change_password")
async def _change_password(v: Victim) -> Call:
    body = {"current": PASSWORD, "new": "quiet harbour bicycle"}
    return Call(as_user=await _user(v), body=body)


async def _with_provider(v: Victim, **call: object) -> Call:
    await set_identity_provider(v.ctx, **PROVIDER, client_secret="s3cret-s3cret")  # type: ignore[arg-type]
    return Call(**call)  # type: ignore[arg-type]


@case("set_identity_provider")
async def _set_provider(_: Victim) -> Call:
    return Call(body={**PROVIDER, "label": f"Acme {new_id('lab')}", "client_secret": "s3cret"}, names_objects=False)


@case("get_identity_provider")
async def _get_provider(v: Victim) -> Call:
    return await _with_provider(v)


@case("delete_identity_provider")
async def _delete_provider(v: Victim) -> Call:
    return await _with_provider(v)
