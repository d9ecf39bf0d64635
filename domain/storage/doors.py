"""Asks the narrow doors: functions of the database that tell workers which tenants have something to do, and nothing more."""

from __future__ import annotations

from typing import Any

from domain.storage.transaction import unbound


async def tenants_through(door: str, *arguments: Any) -> list[str]:
    """The ids of the tenants that `door`, a function of the migrations, names across tenants; for workers only."""
    places = ", ".join(f"${n}" for n in range(1, len(arguments) + 1))
    async with unbound() as tx:
        return [row[0] for row in await tx.fetch(f"select * from {door}({places})", *arguments)]
