"""PURE: Tencent Cloud's signature TC3-HMAC-SHA256 (cloud.tencent.com/document/api/382/52072), as its SDK and demo do it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED = "content-type;host"


def authorization(
    *, host: str, service: str, body: bytes, content_type: str, secret_id: str, secret_key: str, timestamp: int
) -> str:
    """The header of one POST; `timestamp` is in seconds since 1970 and must be within five minutes of the provider's."""
    day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    signature = signed(
        canonical_request(host, content_type, body), scope=scope, secret_key=secret_key, timestamp=timestamp
    )
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"


def canonical_request(host: str, content_type: str, body: bytes) -> str:
    """What is signed of a POST to `/` without a query."""
    return "\n".join(
        ["POST", "/", "", f"content-type:{content_type}", f"host:{host}", "", SIGNED, hashlib.sha256(body).hexdigest()]
    )


def signed(canonical: str, *, scope: str, secret_key: str, timestamp: int) -> str:
    """The signature in hexadecimal: the key is derived from day, service and a constant."""
    to_sign = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()
