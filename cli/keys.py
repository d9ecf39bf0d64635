"""`dunwell keys`: change the keys that seal secrets and addresses, while the service runs.

A new key of the server comes in three steps, so that no process meets a value it cannot open: `old,new` in the DUNWELL_SECRET_KEY
of every process, then `new,old`, then `keys reseal`. A day later, when the stored answers of repeated requests are forgotten,
the old one may go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import click
import msgspec

from cli.settings import settings_or_exit
from domain.storage.engine import DB
from domain.storage.key_rotation import key_status, reseal_everything, rotate_data_keys
from domain.storage.sealing import Sealer, install_sealer


@click.group()
def keys() -> None:
    """Change the keys that seal secrets and addresses."""


@keys.command()
def rotate() -> None:
    """Give every tenant a new data key, which begins to seal after a minute."""
    if (done := _tell(rotate_data_keys)).not_rotated:
        raise click.ClickException(
            f"the audit log is broken (see `dunwell audit verify`) of {', '.join(done.not_rotated)}"
        )


@keys.command()
def reseal() -> None:
    """Seal anew whatever older keys sealed; may be stopped and run again."""
    _tell(reseal_everything)


@keys.command()
def status() -> None:
    """Count what is still sealed with older keys."""
    _tell(key_status)


def _tell(work: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        await DB.open(settings.database_url, max_connections=2)
        try:
            return await work()
        finally:
            await DB.close()

    settings = settings_or_exit()
    try:
        install_sealer(Sealer.from_text(settings.secret_key))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    told = asyncio.run(run())
    click.echo(msgspec.json.encode(told).decode())
    return told
