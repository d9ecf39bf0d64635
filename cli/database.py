"""`dunwell migrate`."""

from __future__ import annotations

import asyncio

import click

from cli.settings import settings_or_exit
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database of DATABASE_URL up to date."""
    settings = settings_or_exit()
    asyncio.run(migrate(settings.database_url, Sealer.from_text(settings.secret_key)))
    click.echo("The database is up to date.")
