"""The hourly task: forgets what nobody may ask for again."""

from __future__ import annotations

from typing import Any

from domain.access.retention import delete_old_idempotency_keys


async def forget_old_answers(worker: dict[str, Any]) -> int:
    """Deletes stored answers whose Idempotency-Key has expired."""
    return await delete_old_idempotency_keys()
