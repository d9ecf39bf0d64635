"""The baseline of the read benchmark: a bare Litestar handler that selects the same row with raw asyncpg."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from litestar import Litestar, Request, get
from litestar.params import FromPath


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=10) as pool:
        app.state.pool = pool
        yield


@get("/bare/{receivable_id:str}")
async def bare(request: Request[Any, Any, Any], receivable_id: FromPath[str]) -> dict[str, Any]:
    """One row, without token, tenant or rules."""
    row = await request.app.state.pool.fetchrow("select * from receivables where id = $1", receivable_id)
    return dict(row)


app = Litestar([bare], lifespan=[lifespan], openapi_config=None, logging_config=None)
