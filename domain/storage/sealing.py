"""Secrets at rest: AES-256-GCM, bound to the place a value belongs to, so that a ciphertext moved elsewhere does not open."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Sealer:
    """Seals and opens byte strings with the server's secret key (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    @classmethod
    def from_text(cls, key: str) -> Sealer:
        """From the setting DUNWELL_SECRET_KEY: 32 random bytes in base64; raises ValueError otherwise."""
        try:
            raw = base64.b64decode(key, validate=True)
        except binascii.Error as malformed:
            raise ValueError("DUNWELL_SECRET_KEY is not base64") from malformed
        if len(raw) != 32:
            raise ValueError("DUNWELL_SECRET_KEY is not 32 bytes long")
        return cls(raw)

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Nonce and ciphertext; `place` names tenant, table and row and must be given again to open it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, "|".join(place).encode())

    def open(self, sealed: bytes, *place: str) -> bytes:
        """The plain bytes; raises cryptography's InvalidTag if key or place is another."""
        return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], "|".join(place).encode())


def new_key_text() -> str:
    """A fresh value for DUNWELL_SECRET_KEY."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


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
