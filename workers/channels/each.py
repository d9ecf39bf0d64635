"""Messages of a provider that takes one with each request: several requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from domain.messaging.channel_model import Outcome, OutgoingMessage

# A whole batch of the sender: one after the other, a provider that hangs would outlast the time of its pass.
AT_ONCE = 16


async def each(
    messages: Sequence[OutgoingMessage], send: Callable[[OutgoingMessage], Awaitable[Outcome]]
) -> list[Outcome]:
    """One outcome for each, in their order; what goes wrong with one does not touch the others."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(message: OutgoingMessage) -> Outcome:
        async with slots:
            try:
                return await send(message)
            except Exception as failed:
                return Outcome("unknown", "channel_failed", f"{type(failed).__name__}: {failed}")

    return list(await asyncio.gather(*map(one, messages)))
