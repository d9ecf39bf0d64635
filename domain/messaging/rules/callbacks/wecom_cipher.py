"""PURE: signature and encryption of WeCom's callbacks (developer.work.weixin.qq.com/document/path/90968)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_RANDOM = 16
_LENGTH = 4
_AES_KEY_CHARACTERS = 43


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 in hexadecimal over the four values, sorted and joined."""
    # SHA-1 is what WeCom specifies.
    return hashlib.sha1(
        "".join(sorted((token, timestamp, nonce, encrypted))).encode(), usedforsecurity=False
    ).hexdigest()


def is_signed(given: str, token: str, timestamp: str, nonce: str, encrypted: str) -> bool:
    """Whether `given` is that signature; compared in constant time."""
    return hmac.compare_digest(signature(token, timestamp, nonce, encrypted).encode(), given.encode())


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey of 43 characters; raises ValueError."""
    if len(encoding_aes_key) != _AES_KEY_CHARACTERS:
        raise ValueError("An EncodingAESKey has 43 characters.")
    # The last character carries only four bits of the key, and WeCom draws it from all of base64.
    key = base64.b64decode(encoding_aes_key + "=", validate=True)
    if len(key) != algorithms.AES256.key_size // 8:
        raise ValueError("An EncodingAESKey has 32 bytes.")
    return key


def decrypted(key: bytes, encrypted: str, receive_id: str) -> bytes:
    """The message inside 16 random bytes, its length and the receiver's id; raises ValueError.

    AES-256-CBC, the IV is the key's beginning, padding as PKCS#7 with blocks of 32.
    """
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as malformed:
        raise ValueError("not base64") from malformed
    if not data:
        raise ValueError("empty")
    try:
        decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
    except ValueError as malformed:
        raise ValueError("not whole blocks") from malformed
    return _message_in(plain, receive_id)


def _message_in(plain: bytes, receive_id: str) -> bytes:
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise ValueError("wrong padding")
    content = plain[_RANDOM:-padding]
    length = int.from_bytes(content[:_LENGTH], "big")
    message, receiver = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
    if len(message) != length:
        raise ValueError("wrong length")
    if not hmac.compare_digest(receiver, receive_id.encode()):
        raise ValueError("for another corporation")
    return message
