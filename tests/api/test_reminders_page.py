"""docs/reminders.md says what it says because this executes it, with the workers played in this process."""

from __future__ import annotations

from typing import Any

import httpx

from domain.access.profile import engine_context
from domain.dunning.migrations import run_migration
from domain.kernel.context import Context
from domain.messaging.trial_messages import run_test_message
from domain.operations import work
from tests.api.pages import play
from tests.factories_channels import FakeAccounts
from tests.scenarios.life import Mailbox
from workers.tasks.clock import drain, drive_clock


async def test_every_example_of_the_reminders_page_answers_what_it_shows(api: httpx.AsyncClient, ctx: Context) -> None:
    channels, accounts = {"email": Mailbox()}, FakeAccounts()

    async def workers(response: httpx.Response) -> None:
        """What is due by now is done, and so is the operation that a call has started."""
        if response.request.method == "GET":
            return
        if response.status_code == 202 and "kind" in response.json():
            await _operate(ctx.tenant_id, response.json(), channels, accounts)
        await drain(await engine_context(ctx.tenant_id), channels, accounts=accounts)

    await play(api, "reminders.md", least_calls=40, afterwards=workers)


async def _operate(
    tenant_id: str, operation: dict[str, Any], channels: dict[str, Mailbox], accounts: FakeAccounts
) -> None:
    ctx = await engine_context(tenant_id)
    claimed = await work.claim(ctx, operation["id"])
    assert claimed is not None
    if operation["kind"] == "clock_advance":
        await drive_clock(ctx, claimed, channels, accounts)
    elif operation["kind"] == "case_migration":
        await run_migration(ctx, claimed)
    else:
        await run_test_message(ctx, claimed, accounts)
