"""Secrets at rest: AES-256-GCM, bound to the place a value belongs to, so that a ciphertext moved elsewhere does not open.

Two layers. The server's secret keys (DUNWELL_SECRET_KEY) seal what belongs to no tenant, and wrap each tenant's data keys. Those
seal the tenant's own values, so that forgetting one tenant's keys makes all of it unreadable for ever. Each ciphertext names its
key, so that keys can be changed while old values stay readable.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.kernel.randomness import RandomSource

_NONCE_BYTES = 12
_NAME_BYTES = 4
KEY_BYTES = 32
_nonces = RandomSource(_NONCE_BYTES)


class Sealer:
    """Seals with the first of the server's secret keys (32 bytes each) and opens with any of them."""

    def __init__(self, *keys: bytes) -> None:
        self._current = _name_of(keys[0])
        self._keys = {_name_of(key): AESGCM(key) for key in keys}
        self._hashing = hmac.digest(keys[0], b"dunwell keyed hash", "sha256")

    @classmethod
    def from_text(cls, text: str) -> Sealer:
        """From the setting DUNWELL_SECRET_KEY: 32 random bytes in base64, the current key first, older ones after a comma.

        Raises ValueError otherwise.
        """
        return cls(*(_key_of(part.strip()) for part in text.split(",")))

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Key name, nonce and ciphertext; `place` names owner, table and row and must be given again to open it."""
        nonce = _nonces.next()
        return self._current + nonce + self._keys[self._current].encrypt(nonce, plain, _bound(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """The plain bytes; raises cryptography's InvalidTag if key or place is another."""
        named = self._keys.get(sealed[:_NAME_BYTES])
        if named is not None:
            return _opened(named, sealed[_NAME_BYTES:], place)
        # Values sealed before ciphertexts named their key.
        for key in self._keys.values():
            try:
                return _opened(key, sealed, place)
            except InvalidTag:
                continue
        raise InvalidTag

    @property
    def mark(self) -> bytes:
        """How every value begins that is sealed with the first of the keys."""
        return self._current

    def keyed_hash(self, text: str) -> bytes:
        """HMAC-SHA256 for what belongs to no tenant and is short-lived: it changes with the server's current key."""
        return hmac.digest(self._hashing, text.encode(), "sha256")

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the first of the keys."""
        return sealed.startswith(self.mark)


class TenantKeys:
    """One tenant's keys, unwrapped: data keys by number, the one that seals now, and the key of its search hashes."""

    __slots__ = ("_current", "_keys", "_search", "_tenant_id")

    def __init__(self, tenant_id: str, keys: Mapping[int, bytes], current: int, search: bytes) -> None:
        self._tenant_id = tenant_id
        self._keys = {number: AESGCM(key) for number, key in keys.items()}
        self._current = current
        self._search = search

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Key number (2 bytes), nonce and ciphertext, bound to the tenant and `place` (table, row, field)."""
        nonce = _nonces.next()
        bound = _bound((self._tenant_id, *place))
        return self._current.to_bytes(2, "big") + nonce + self._keys[self._current].encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, *place: str) -> bytes:
        """The plain bytes; raises cryptography's InvalidTag at another place or without the key it names."""
        key = self._keys.get(int.from_bytes(sealed[:2], "big"))
        if key is None:
            raise InvalidTag
        return _opened(key, sealed[2:], (self._tenant_id, *place))

    def search_hash(self, text: str) -> bytes:
        """HMAC-SHA256 under the tenant's search key: equal for equal texts, tells nothing without the key."""
        return hmac.digest(self._search, text.encode(), "sha256")

    @property
    def mark(self) -> bytes:
        """How every value begins that is sealed with the key that seals now."""
        return self._current.to_bytes(2, "big")

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""
        return sealed.startswith(self.mark)


def new_key_text() -> str:
    """A fresh value for DUNWELL_SECRET_KEY."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


_installed: Sealer | None = None


def install_sealer(sealer: Sealer) -> None:
    """Makes `sealer` the one this process uses; called once while starting."""
    global _installed
    _installed = sealer


def sealer() -> Sealer:
    """The sealer of this process."""
    if _installed is None:
        raise RuntimeError("no secret key was installed")
    return _installed


def _key_of(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as malformed:
        raise ValueError("DUNWELL_SECRET_KEY is not base64") from malformed
    if len(raw) != KEY_BYTES:
        raise ValueError("DUNWELL_SECRET_KEY is not 32 bytes long")
    return raw


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"dunwell key name|" + key).digest()[:_NAME_BYTES]


def _bound(place: tuple[str, ...]) -> bytes:
    return "|".join(place).encode()


def _opened(key: AESGCM, sealed: bytes, place: tuple[str, ...]) -> bytes:
    return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(place))
