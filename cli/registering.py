"""`dunwell platform`, `dunwell signing-keys` and `dunwell user`: who may come in, and by which keys."""

from __future__ import annotations

import asyncio

import click
import msgspec

from cli.settings import settings_or_exit
from cli.users import invite
from domain.access.keys import rotate_signing_key
from domain.access.platforms import create_platform
from domain.access.roles import ROLES, Role
from domain.kernel.errors import DunwellError
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer


@click.group()
def platform() -> None:
    """Manage integrators."""


@platform.command("create")
@click.argument("name")
def create_platform_command(name: str) -> None:
    """Register the integrator NAME and print its client; the secret is shown only here."""
    settings = settings_or_exit()

    async def create() -> dict[str, object]:
        await DB.open(settings.database_url, max_connections=1)
        made, client = await create_platform(name)
        await DB.close()
        return {"platform_id": made.id, "client_id": client.client_id, "client_secret": client.client_secret}

    click.echo(msgspec.json.encode(asyncio.run(create())).decode())


@click.group("signing-keys")
def signing_keys() -> None:
    """Manage the keys that sign access tokens."""


@signing_keys.command("rotate")
def rotate_signing_keys_command() -> None:
    """Make a new key and print when it begins to sign; it is published at once, the old one until its tokens have expired."""
    settings = settings_or_exit()
    install_sealer(Sealer.from_text(settings.secret_key))

    async def rotate() -> dict[str, object]:
        await DB.open(settings.database_url, max_connections=1)
        kid, active_at = await rotate_signing_key()
        await DB.close()
        return {"kid": kid, "active_at": active_at}

    click.echo(msgspec.json.encode(asyncio.run(rotate())).decode())


@click.group()
def user() -> None:
    """Manage the people of a tenant."""


@user.command("invite")
@click.option("--tenant", required=True, help="The tenant's id.")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(ROLES), default="admin", show_default=True)
def invite_user_command(tenant: str, name: str, email: str, role: Role) -> None:
    """Invite a user, such as a tenant's first admin, and print the link; it is shown only here."""
    settings = settings_or_exit()
    try:
        click.echo(asyncio.run(invite(settings, tenant, name=name, email=email, role=role)))
    except (DunwellError, ValueError) as refused:
        raise click.ClickException(str(refused)) from refused
