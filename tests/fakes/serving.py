"""What the fakes have in common: a port, and the ways in which any server fails."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

Trouble = Literal["silent", "lost", "garbage", "list", "hangs_up"]


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """The address of a running server."""
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class Script:
    """What goes wrong next, in this order; a status is answered with these headers, a dict in place of the real answer.

    silent: nothing is done and nothing answered. lost: it is done, but the answer never comes. garbage, list: an answer that is
    no JSON, or no object. hangs_up: the connection breaks.
    """

    coming: deque[Trouble | int | dict[str, Any]] = field(default_factory=deque)
    headers: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: web.Request, act: Callable[[], web.Response]) -> web.StreamResponse:
        """The real answer of `act`, unless something goes wrong."""
        match self.coming.popleft() if self.coming else None:
            case None:
                return act()
            case int() as status:
                return web.Response(status=status, text="<html>no</html>", headers=self.headers)
            case dict() as told:
                return web.json_response(told)
            case "garbage":
                return web.Response(text="<html>Welcome to the captive portal</html>")
            case "list":
                return web.json_response([1])
            case "hangs_up":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case trouble:
                if trouble == "lost":
                    act()
                await asyncio.Event().wait()
        raise AssertionError
