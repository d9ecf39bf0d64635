"""Time-based one-time codes (RFC 6238, SHA-1, six digits, 30 seconds), each good once."""

from __future__ import annotations

import hmac

import pyotp

from domain.access import user_store as store
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context

STEP_SECONDS = 30
WINDOW = 1
"""Codes of so many steps before and after are good too: clocks differ and people type slowly."""


def new_secret() -> str:
    """160 random bits in base 32 (RFC 4226 section 4)."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, email: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Dunwell")


def matching_counter(secret: str, code: str, now_seconds: float) -> int | None:
    """The step whose code this is, None if it is none within the window; every candidate is compared."""
    totp, current, found = pyotp.TOTP(secret), int(now_seconds) // STEP_SECONDS, None
    for counter in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(counter).encode(), code.encode()):
            found = counter
    return found


async def code_is_good(ctx: Context, user_id: str, code: str) -> bool:
    """Whether it is a code of the user's secret that was not used before; it is used up, in the open transaction."""
    secret = (await store.credentials(ctx, user_id)).totp_secret
    if secret is None:
        return False
    counter = matching_counter(secret.decode(), "".join(code.split()), SystemClock().now().timestamp())
    return counter is not None and await store.use_totp_counter(ctx, user_id, counter)
