"""PURE: the signatures of group robots.

The two look alike and are opposite: DingTalk signs timestamp and secret under the secret, Feishu signs nothing at all under
a key made of timestamp and secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """Base64, to be percent-encoded into the query; `milliseconds` since 1970, UTC.

    Source: open.dingtalk.com, "Customize robot security settings".
    """
    return _hmac_sha256(secret.encode(), f"{milliseconds}\n{secret}".encode())


def feishu_signature(secret: str, seconds: int) -> str:
    """Base64, for the body's `sign`; `seconds` since 1970, UTC, within an hour of the receiver's clock.

    Source: open.feishu.cn, "Custom bot usage guide", signature verification.
    """
    return _hmac_sha256(f"{seconds}\n{secret}".encode(), b"")


def _hmac_sha256(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
