"""What the API says when the story is over: every list that the checks and the report need, read once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from cli.demo.client import Client

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The API's side of the story, as plain JSON objects."""

    customers: list[Json]
    receivables: list[Json]
    payments: list[Json]
    cases: list[Json]
    notices: list[Json]
    escalations: list[Json]
    tasks: list[Json]
    events: list[Json]

    @property
    def last_sequence(self) -> int:
        """The number of the newest event."""
        return max((event["sequence"] for event in self.events), default=0)


async def read_books(client: Client) -> Books:
    """Reads all lists; nothing may be going on meanwhile."""

    async def everything(path: str) -> list[Json]:
        return [one async for one in client.list(path)]

    lists = await asyncio.gather(
        *(
            everything(f"/v1/{name}")
            for name in ("customers", "receivables", "payments", "cases", "notices", "escalations", "tasks", "events")
        )
    )
    customers, receivables, payments, cases, notices, escalations, tasks, events = lists
    return Books(
        customers=customers,
        receivables=receivables,
        payments=payments,
        cases=cases,
        notices=notices,
        escalations=escalations,
        tasks=tasks,
        events=events,
    )
