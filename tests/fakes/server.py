"""A small HTTP server on a free port of 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Runs the handler for every request; answers its address."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def misbehave(how: str, request: web.Request) -> web.StreamResponse | None:
    """`hang`: reads and never answers; `drop`: reads and hangs up; `garbage`, `500`, `502 html`; None for anything else."""
    match how:
        case "hang":
            await asyncio.sleep(30)
        case "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case "garbage":
            return web.Response(text="<html>what?</html>", content_type="text/html")
        case "500":
            return web.Response(status=500, text="oops")
        case "403 html":
            return web.Response(status=403, text="<html>gateway</html>", content_type="text/html")
    return None
