"""The reminders' tasks: react to what happened, decide what is due, send what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from domain.collections.holds import expire_holds, tenants_with_ending_holds
from domain.dunning.engine import run_due_cases, tenants_with_due_cases
from domain.dunning.reactions import react, tenants_to_react
from domain.kernel.clock import SystemClock
from domain.ledger.overdue import announce_overdue, tenants_turning_overdue
from domain.ledger.planned_dates import announce_missed_dates, tenants_with_planned_dates
from domain.messaging.channel_model import Channel
from domain.messaging.letters import make_letters, tenants_awaiting_letters
from domain.messaging.sending import (
    send_in_lanes,
    settle_expired_sends,
    tenants_with_due_notices,
    tenants_with_expired_sends,
)
from domain.messaging.ways import Accounts
from workers.tasks.passes import Pass, until_idle


async def remind(worker: dict[str, Any]) -> int:
    """Turns events and the passing of time into cases, steps and queued notices."""
    handled: int = await worker["remind"]()
    return handled


async def send(worker: dict[str, Any]) -> int:
    """Hands queued notices to their channels."""
    handled: int = await worker["send"]()
    return handled


def reminding() -> Pass:
    """The pass behind `remind`."""

    async def run() -> int:
        now = SystemClock().now
        handled = await until_idle(tenants_to_react, react)
        handled += await until_idle(lambda: tenants_turning_overdue(now()), announce_overdue)
        handled += await until_idle(lambda: tenants_with_planned_dates(now()), announce_missed_dates)
        handled += await until_idle(lambda: tenants_with_ending_holds(now()), expire_holds)
        handled += await until_idle(lambda: tenants_with_due_cases(now()), run_due_cases)
        return handled

    return Pass("remind", run)


def sending(channels: Mapping[str, Channel], accounts: Accounts | None = None) -> Pass:
    """The pass behind `send`."""

    async def run() -> int:
        now = SystemClock().now
        handled = await until_idle(lambda: tenants_with_expired_sends(now()), settle_expired_sends)
        handled += await until_idle(tenants_awaiting_letters, make_letters)
        return handled + await until_idle(
            lambda: tenants_with_due_notices(now()), partial(send_in_lanes, channels=channels, accounts=accounts)
        )

    return Pass("send", run)
