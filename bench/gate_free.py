"""The API with authentication and gate replaced by a context that is always the same: the baseline of the gate benchmark."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from litestar import Litestar

from api.app import create_app, resources
from domain.access.profile import context_for
from domain.kernel.context import Actor, AnyContext, Context
from domain.kernel.logs import configure_logs
from domain.kernel.scopes import TENANT_SCOPES
from domain.kernel.settings import Settings


class FixedAuthentication:
    """Gives every request the context of one tenant and client, without looking at anything."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, scope: Any) -> AnyContext:
        """A context of the request's own, as the routes expect one."""
        state = scope["state"]
        state["context"] = replace(self._context, request_id=state["request_id"])
        context: AnyContext = state["context"]
        return context


def _free_app() -> Litestar:
    """For the tenant that BENCH_TENANT names."""
    settings = Settings.from_environment()
    configure_logs(settings.log_level)
    made = create_app(settings)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with resources(app.state, settings):
            context = await context_for(os.environ["BENCH_TENANT"], Actor("client", "cli_bench"), TENANT_SCOPES)
            app.state.authentication = FixedAuthentication(context)
            yield

    made._lifespan_managers = [lifespan]
    return made


app = _free_app()
