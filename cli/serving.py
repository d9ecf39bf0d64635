"""`dunwell serve`."""

from __future__ import annotations

import click
import uvicorn

from cli.settings import settings_or_exit


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Answer REST and GraphQL requests."""
    settings_or_exit()
    uvicorn.run("api.asgi:app", host=host, port=port, log_config=None, access_log=False, server_header=False)
