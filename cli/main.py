"""The `dunwell` command."""

from __future__ import annotations

import asyncio
import importlib.util

import click
import msgspec
import uvicorn

from api.contracts import stale_contracts, write_contracts
from cli.audit import audit
from cli.keys import keys
from cli.users import invite
from domain.access.keys import rotate_signing_key
from domain.access.platforms import create_platform
from domain.access.roles import ROLES, Role
from domain.kernel.errors import DunwellError
from domain.kernel.settings import Settings
from domain.storage.engine import DB
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, install_sealer
from workers.main import is_healthy
from workers.main import run as run_worker


@click.group()
@click.version_option(package_name="dunwell")
def main() -> None:
    """Dunwell: the headless receivables and dunning engine."""


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database of DATABASE_URL up to date."""
    settings = _settings()
    asyncio.run(migrate(settings.database_url, Sealer.from_text(settings.secret_key)))
    click.echo("The database is up to date.")


main.add_command(audit)


@main.group()
def platform() -> None:
    """Manage integrators."""


@platform.command("create")
@click.argument("name")
def create_platform_command(name: str) -> None:
    """Register the integrator NAME and print its client; the secret is shown only here."""
    settings = _settings()

    async def create() -> dict[str, object]:
        await DB.open(settings.database_url, max_connections=1)
        made, client = await create_platform(name)
        await DB.close()
        return {"platform_id": made.id, "client_id": client.client_id, "client_secret": client.client_secret}

    click.echo(msgspec.json.encode(asyncio.run(create())).decode())


@main.group("signing-keys")
def signing_keys() -> None:
    """Manage the keys that sign access tokens."""


@signing_keys.command("rotate")
def rotate_signing_keys_command() -> None:
    """Make a new key and print when it begins to sign; it is published at once, the old one until its tokens have expired."""
    settings = _settings()
    install_sealer(Sealer.from_text(settings.secret_key))

    async def rotate() -> dict[str, object]:
        await DB.open(settings.database_url, max_connections=1)
        kid, active_at = await rotate_signing_key()
        await DB.close()
        return {"kid": kid, "active_at": active_at}

    click.echo(msgspec.json.encode(asyncio.run(rotate())).decode())


@main.group()
def user() -> None:
    """Manage the people of a tenant."""


@user.command("invite")
@click.option("--tenant", required=True, help="The tenant's id.")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(ROLES), default="admin", show_default=True)
def invite_user_command(tenant: str, name: str, email: str, role: Role) -> None:
    """Invite a user, such as a tenant's first admin, and print the link; it is shown only here."""
    settings = _settings()
    try:
        click.echo(asyncio.run(invite(settings, tenant, name=name, email=email, role=role)))
    except (DunwellError, ValueError) as refused:
        raise click.ClickException(str(refused)) from refused


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Answer REST and GraphQL requests."""
    _settings()
    uvicorn.run("api.asgi:app", host=host, port=port, log_config=None, access_log=False, server_header=False)


@main.command()
@click.option("--metrics-port", type=int, default=None, help="Serve Prometheus metrics on this loopback port.")
def worker(metrics_port: int | None) -> None:
    """Remind, send, post webhooks and run long operations; any number may run at once."""
    run_worker(_settings(), metrics_port)


@main.command("worker-health")
def worker_health() -> None:
    """Succeed if a worker has given a sign of life within the last seconds."""
    if not asyncio.run(is_healthy(_settings())):
        raise click.ClickException("no worker has given a sign of life")
    click.echo("A worker is alive.")


@main.command("export-contracts")
@click.option("--check", is_flag=True, help="Write nothing; fail if the committed files differ.")
def export_contracts(check: bool) -> None:
    """Write openapi/: the OpenAPI document, the GraphQL schema and the catalogue of webhook events."""
    stale = stale_contracts() if check else write_contracts()
    for name in stale:
        click.echo(f"openapi/{name} {'differs from the code; run make contracts' if check else 'written'}")
    if check and stale:
        raise SystemExit(1)


LOCAL_COMMANDS = (("cli.demo.command", "demo"), ("cli.development.command", "dev"))


def _add_local_commands() -> None:
    """`demo` and `dev` need the extra `local` (servers out of wheels), which a production installation leaves out."""
    if importlib.util.find_spec("aiosmtpd") is not None:
        for module, name in LOCAL_COMMANDS:
            main.add_command(getattr(importlib.import_module(module), name))


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except ValueError as missing:
        raise click.ClickException(str(missing)) from missing


main.add_command(keys)
_add_local_commands()

if __name__ == "__main__":
    main()
