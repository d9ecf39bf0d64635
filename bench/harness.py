"""What benchmarks share: servers and a database of their own, interleaved rounds, results as text and JSON."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from cli.servers import ServerUrls, own_database
from domain.access.clients import create_client
from domain.access.model import NewClient, Tenant
from domain.access.platforms import create_platform
from domain.access.tenants import create_tenant
from domain.kernel.context import Actor, PlatformContext
from domain.kernel.scopes import PLATFORM_SCOPES, TENANT_SCOPES
from domain.storage.engine import DB
from domain.storage.migrate import migrate
from domain.storage.sealing import Sealer, install_sealer, new_key_text

RESULTS = Path(__file__).parent / "results"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, the limit it is held against, and how it was measured."""

    name: str
    value: float
    unit: str
    limit: str
    met: bool
    how: str


def report(figures: list[Figure], name: str) -> None:
    """Prints the figures and stores them with the machine they were measured on."""
    for figure in figures:
        verdict = "met" if figure.met else "MISSED"
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
        print(
            f"  {verdict:<6} {figure.name}: {value} {figure.unit} (limit {figure.limit})\n         {figure.how}",
            flush=True,
        )
    RESULTS.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    content = {"machine": machine, "figures": [asdict(figure) for figure in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


@asynccontextmanager
async def open_database(urls: ServerUrls, secret_key: str | None = None) -> AsyncIterator[None]:
    """The migrated database, open in this process."""
    await migrate(urls.database_url)
    install_sealer(Sealer.from_text(secret_key or new_key_text()))
    await DB.open(urls.database_url, max_connections=8)
    try:
        yield
    finally:
        await DB.close()


@asynccontextmanager
async def another_database(urls: ServerUrls) -> AsyncIterator[ServerUrls]:
    """A second, empty database on the same server, dropped afterwards."""
    database = own_database(urls, "bench")
    own = await asyncio.to_thread(database.__enter__)
    try:
        yield own
    finally:
        await asyncio.to_thread(database.__exit__, None, None, None)


async def a_live_tenant() -> tuple[Tenant, NewClient]:
    """A tenant on the system clock, and a client of it with all scopes."""
    platform_made, _ = await create_platform("Bench")
    ctx = PlatformContext(platform_id=platform_made.id, actor=Actor("operator", "bench"), scopes=PLATFORM_SCOPES)
    tenant = await create_tenant(
        ctx, name="Bench", mode="live", base_currency="CNY", time_zone="Asia/Shanghai", locale="zh-CN"
    )
    return tenant, await create_client(ctx, tenant.id, name="bench", scopes=sorted(TENANT_SCOPES))


async def interleaved(rounds: int, *subjects: Callable[[], Awaitable[T]]) -> list[list[T]]:
    """Each subject's figures, measured in turns so that the machine's moods fall on all of them alike."""
    figures: list[list[T]] = [[] for _ in subjects]
    for _ in range(rounds):
        for n, subject in enumerate(subjects):
            figures[n].append(await subject())
    return figures


def median_ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


@contextmanager
def server(app: str, port: int, environment: dict[str, str]) -> Iterator[int]:
    """`app` served by one uvicorn process with uvloop and httptools; its process id."""
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)
