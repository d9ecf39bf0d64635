"""The keys that sign access tokens: made by one process, sealed in the database, read again by all others now and then.

A new key is published at once but signs only after `PUBLISHED_FIRST`, so that every verifier has had time to read it; the one before
stays published until none of its tokens can be valid any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey

from domain.kernel.clock import Clock, SystemClock, monotonic_seconds
from domain.storage.sealing import sealer
from domain.storage.transaction import unbound

PUBLISHED_FIRST = timedelta(minutes=10)
PUBLISHED_AFTER = timedelta(minutes=20)
"""Longer than a token's lifetime and the time other processes may go on signing before they read the keys again."""
_LOCK = 0x6B657973
_REREAD_SECONDS = 60.0
# Tokens can name any key; they make a process read the keys again at most this often.
_UNKNOWN_KEY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair (P-256, ES256) and when it begins to sign."""

    key: ECKey
    active_at: datetime

    @property
    def kid(self) -> str:
        """Its name, which tokens carry."""
        return str(self.key.kid)


def signer(keys: list[SigningKey], at: datetime) -> SigningKey:
    """The newest of the keys that are active: it signs."""
    return max((key for key in keys if key.active_at <= at), key=lambda key: key.active_at)


def published(keys: list[SigningKey], at: datetime) -> list[SigningKey]:
    """The keys that tokens may be verified with: all but those whose successor signs since `PUBLISHED_AFTER`."""
    kept = []
    for key in keys:
        followed_at = min((other.active_at for other in keys if other.active_at > key.active_at), default=None)
        if followed_at is None or at < followed_at + PUBLISHED_AFTER:
            kept.append(key)
    return kept


class Keyring:
    """The keys as this process last read them."""

    def __init__(self, keys: list[SigningKey], clock: Clock | None = None) -> None:
        self._keys = keys
        self._clock = clock or SystemClock()
        self._read_at = monotonic_seconds()
        self.reads = 0

    @classmethod
    async def open(cls, clock: Clock | None = None) -> Keyring:
        """Reads the keys; the first caller of all processes makes the first one."""
        return cls(await _read_keys(), clock)

    def signer(self) -> SigningKey:
        """The key that signs now."""
        return signer(self._keys, self._clock.now())

    def find(self, kid: str) -> ECKey | None:
        """The published key of this name."""
        return next((known.key for known in published(self._keys, self._clock.now()) if known.kid == kid), None)

    def jwks(self) -> dict[str, Any]:
        """The public halves of all published keys, as RFC 7517 wants them."""
        return {"keys": [known.key.as_dict(private=False) for known in published(self._keys, self._clock.now())]}

    async def freshen(self, kid: str | None = None) -> None:
        """Reads the keys again if that is long ago, or if `kid` is not among them and they were not read just now."""
        age = monotonic_seconds() - self._read_at
        unknown = kid is not None and all(known.kid != kid for known in self._keys)
        if age >= (_UNKNOWN_KEY_SECONDS if unknown else _REREAD_SECONDS):
            await self.read()

    async def read(self) -> None:
        """Reads the keys now."""
        self._read_at = monotonic_seconds()
        self.reads += 1
        self._keys = await _read_keys()


async def rotate_signing_key() -> tuple[str, datetime]:
    """Makes a new key, published from now on; its name, and when it begins to sign."""
    now = SystemClock().now()
    async with unbound() as tx:
        await tx.execute(f"select pg_advisory_xact_lock({_LOCK})")
        first = not await tx.fetchval("select exists (select from signing_keys)")
        made = await _make_key(tx, now if first else now + PUBLISHED_FIRST)
    return made.kid, made.active_at


async def _read_keys() -> list[SigningKey]:
    async with unbound() as tx:
        rows = await tx.fetch("select id, sealed_private_key, active_at from signing_keys order by active_at")
        if not rows:
            await tx.execute(f"select pg_advisory_xact_lock({_LOCK})")
            rows = await tx.fetch("select id, sealed_private_key, active_at from signing_keys order by active_at")
        if not rows:
            return [await _make_key(tx, SystemClock().now())]
    return [_key_of(row) for row in rows]


async def _make_key(tx: Any, active_at: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    await tx.execute(
        "insert into signing_keys (id, sealed_private_key, created_at, active_at) values ($1, $2, $3, $4)",
        key.kid,
        sealer().seal(key.as_pem(private=True), "signing_keys", str(key.kid)),
        SystemClock().now(),
        active_at,
    )
    return SigningKey(key, active_at)


def _key_of(row: Any) -> SigningKey:
    pem = sealer().open(row["sealed_private_key"], "signing_keys", row["id"])
    return SigningKey(ECKey.import_key(pem, {"use": "sig", "alg": "ES256", "kid": row["id"]}), row["active_at"])
