"""Secrets at rest open only with the same key, at the same place."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from domain.storage.sealing import Sealer, new_key_text


def test_a_sealed_secret_opens_at_its_place_and_nowhere_else() -> None:
    sealer = Sealer.from_text(new_key_text())
    sealed = sealer.seal(b"secret", "tnt_1", "webhook_endpoints", "whe_1")
    assert sealer.open(sealed, "tnt_1", "webhook_endpoints", "whe_1") == b"secret"
    with pytest.raises(InvalidTag):
        sealer.open(sealed, "tnt_2", "webhook_endpoints", "whe_1")
    with pytest.raises(InvalidTag):
        Sealer.from_text(new_key_text()).open(sealed, "tnt_1", "webhook_endpoints", "whe_1")


@pytest.mark.parametrize("key", ["", "short", "AAAA", "not base64!"])
def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="DUNWELL_SECRET_KEY"):
        Sealer.from_text(key)
