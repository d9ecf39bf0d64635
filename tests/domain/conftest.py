"""What every test of the use cases shares."""

from __future__ import annotations

import pytest

from domain.events import delivering, fan_out
from domain.messaging import confirmation_store, letters, outbox


@pytest.fixture(autouse=True)
def doors_name_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door names at most so many tenants, and the tenants of earlier tests must not hide the one asked for."""
    for module in (delivering, fan_out, confirmation_store, letters, outbox):
        monkeypatch.setattr(module, "_MOST_TENANTS", 1_000_000)
