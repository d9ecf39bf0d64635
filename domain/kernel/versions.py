"""Lost updates: a caller may say which version it has read."""

from __future__ import annotations

from domain.kernel.errors import PreconditionFailed


def expect(current: int, expected: int | None) -> None:
    """Raises PreconditionFailed if the caller read another version than the `current` one; None expects nothing."""
    if expected is not None and expected != current:
        raise PreconditionFailed.stale(current)
