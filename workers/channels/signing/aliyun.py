"""PURE: Alibaba Cloud's signature version 3, ACS3-HMAC-SHA256 (help.aliyun.com, "Request syntax and signature method V3")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def signed_headers(
    *,
    host: str,
    action: str,
    version: str,
    query: Mapping[str, str],
    body: bytes,
    access_key_id: str,
    access_key_secret: str,
    at: datetime,
    nonce: str,
    path: str = "/",
    method: str = "POST",
) -> dict[str, str]:
    """All headers of one request, `authorization` among them; `at` is aware."""
    hashed = hashlib.sha256(body).hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashed,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            method,
            path,
            canonical_query(query),
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            names,
            hashed,
        ]
    )
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(access_key_secret.encode(), to_sign.encode(), "sha256").hex()
    credential = f"Credential={access_key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": f"{ALGORITHM} {credential}"}


def canonical_query(query: Mapping[str, str]) -> str:
    """Parameters by name, percent-encoded as RFC 3986 has it."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
