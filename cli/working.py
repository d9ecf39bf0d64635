"""`dunwell worker` and `dunwell worker-health`."""

from __future__ import annotations

import asyncio

import click

from cli.settings import settings_or_exit
from workers.main import is_healthy
from workers.main import run as run_worker


@click.command()
@click.option("--metrics-port", type=int, default=None, help="Serve Prometheus metrics on this loopback port.")
def worker(metrics_port: int | None) -> None:
    """Remind, send, post webhooks and run long operations; any number may run at once."""
    run_worker(settings_or_exit(), metrics_port)


@click.command("worker-health")
def worker_health() -> None:
    """Succeed if a worker has given a sign of life within the last seconds."""
    if not asyncio.run(is_healthy(settings_or_exit())):
        raise click.ClickException("no worker has given a sign of life")
    click.echo("A worker is alive.")
