"""Hashes and verifies passwords with argon2id (RFC 9106), off the event loop: each takes tens of milliseconds on purpose."""

from __future__ import annotations

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.access.rules.passwords import normalised

_hasher = PasswordHasher()
# Verified in place of a hash that does not exist, so that an unknown user costs the same time as a known one.
_NOBODYS = _hasher.hash("nobody has this password")


async def hash_password(password: str) -> str:
    """An encoded argon2id hash with a salt of its own."""
    return await anyio.to_thread.run_sync(_hasher.hash, normalised(password))


async def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; without a hash the same work is done for nothing."""
    matches = await anyio.to_thread.run_sync(_verify, password_hash or _NOBODYS, normalised(password))
    return matches and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's and should be made anew."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
