"""Signing keys change without a token being refused: published first, signing later, published on for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from domain.access import keys as keys_module
from domain.access.keys import PUBLISHED_AFTER, PUBLISHED_FIRST, Keyring, rotate_signing_key
from domain.access.tokens import LIFETIME, Subject, TokenIssuer
from domain.kernel.clock import SystemClock
from domain.kernel.errors import Unauthenticated
from domain.storage.sealing import Sealer, install_sealer, new_key_text, sealer
from domain.storage.transaction import unbound


class MovedClock:
    """The machine's clock, moved ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


SUBJECT = Subject(client_id="cli_1", platform_id="plt_01jd3k0000000000000000000a", tenant_id=None)


async def test_a_key_is_published_signs_and_goes_without_refusing_a_token(database: str) -> None:
    clock = MovedClock()
    ring = await Keyring.open(clock)
    await rotate_signing_key()
    await ring.read()
    clock.ahead = PUBLISHED_FIRST * 2
    old = ring.signer().kid
    kid, _ = await rotate_signing_key()
    await ring.read()
    clock.ahead = PUBLISHED_FIRST - timedelta(seconds=5)
    issuer = TokenIssuer("https://issuer.example", ring, clock)
    before = issuer.issue(SUBJECT, frozenset({"tenants:read"}))
    assert {kid} <= {key["kid"] for key in ring.jwks()["keys"]}

    clock.ahead = PUBLISHED_FIRST + timedelta(seconds=5)
    assert ring.signer().kid == kid
    assert (await TokenIssuer("https://issuer.example", ring, clock).grant_of(before)).client_id == "cli_1"
    assert {old, kid} <= {key["kid"] for key in ring.jwks()["keys"]}

    clock.ahead = PUBLISHED_FIRST + PUBLISHED_AFTER + timedelta(seconds=5)
    assert {key["kid"] for key in ring.jwks()["keys"]} == {kid}
    with pytest.raises(Unauthenticated, match="not valid"):
        await TokenIssuer("https://issuer.example", ring, clock).grant_of(before)
    assert PUBLISHED_AFTER > LIFETIME


async def test_a_process_learns_of_a_new_key_but_garbage_does_not_make_it_read(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [1000.0]
    monkeypatch.setattr(keys_module, "monotonic_seconds", lambda: seconds[0])
    ring = await Keyring.open()
    issuer = TokenIssuer("https://issuer.example", ring)
    kid, _ = await rotate_signing_key()
    for _ in range(100):
        await ring.freshen("garbage")
    assert (ring.reads, ring.find(kid)) == (0, None)
    seconds[0] += 6
    for _ in range(100):
        await ring.freshen("garbage")
    assert ring.reads == 1
    assert ring.find(kid) is not None
    seconds[0] += 61
    with pytest.raises(Unauthenticated):
        await issuer.grant_of("x.y.z")
    assert ring.reads == 2


async def test_private_keys_are_sealed_at_rest(database: str) -> None:
    async with unbound() as tx:
        rows = await tx.fetch("select sealed_private_key from signing_keys")
    assert rows
    assert not any(b"PRIVATE" in row["sealed_private_key"] for row in rows)
    kept = sealer()
    install_sealer(Sealer.from_text(new_key_text()))
    try:
        with pytest.raises(InvalidTag):
            await Keyring.open()
    finally:
        install_sealer(kept)
