"""What tests of signing in need: a user with a password, and a sign-in that was begun."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyotp

from domain.access import user_store
from domain.access.invitations import accept_invitation
from domain.access.model import NewClient, Tenant
from domain.access.own_profile import confirm_second_factor, enrol_second_factor
from domain.access.profile import context_for
from domain.access.roles import Role, scopes_of
from domain.access.sign_ins import BegunSignIn, begin_sign_in
from domain.access.user_model import User
from domain.access.users import invite_user
from domain.kernel.clock import SystemClock
from domain.kernel.context import Actor, Context, PlatformContext
from domain.storage.transaction import transaction

PASSWORD = "plum orchard lantern"
SCOPES = frozenset({"receivables:read", "tasks:write", "webhooks:write"})


@dataclass(frozen=True)
class Person:
    """A user, in whose name `ctx` works."""

    user: User
    ctx: Context


async def a_user(ctx: Context, email: str = "li.na@acme.example", role: Role = "collector", **more: object) -> Person:
    """An active user."""
    invited = await invite_user(ctx, name="Li Na", email=email, role=role, **more)  # type: ignore[arg-type]
    token = invited.invitation_url.rpartition("/")[2]
    user = await accept_invitation(token, PASSWORD)
    return Person(user, await as_user(ctx, user))


async def as_user(ctx: Context, user: User) -> Context:
    """The context of the user's token."""
    return await context_for(ctx.tenant_id, Actor("user", user.id, "cli_app"), scopes_of(user.role))


async def with_second_factor(person: Person) -> str:
    """Sets up a second factor; its secret. The code that confirmed it may be used again."""
    secret = (await enrol_second_factor(person.ctx)).secret
    await confirm_second_factor(person.ctx, code=code_now(secret))
    async with transaction(person.ctx) as tx:
        await tx.execute("update users set totp_last_counter = null where id = $1", person.user.id)
        assert (await user_store.get(person.ctx, person.user.id)).has_second_factor
    return secret


def code_now(secret: str) -> str:
    """What the authenticator app shows."""
    return pyotp.TOTP(secret).at(int(SystemClock().now().timestamp()))


async def begun(
    platform: tuple[PlatformContext, NewClient], tenant: Tenant | None, redirect_uri: str = "https://crm.example/back"
) -> BegunSignIn:
    """An authorization request that was accepted."""
    return await begin_sign_in(
        client_id=platform[1].client_id,
        client_name="Harbour CRM",
        platform_id=platform[0].platform_id,
        tenant_id=tenant.id if tenant else None,
        redirect_uri=redirect_uri,
        scopes=SCOPES,
        state="st&te=1",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )


def token_in(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found, html
    return found[1]
