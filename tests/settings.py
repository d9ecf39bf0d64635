"""Settings for tests."""

from __future__ import annotations

from domain.kernel.settings import Settings


def settings_for(database_url: str, redis_url: str, secret_key: str, **others: str) -> Settings:
    """Settings on the given servers; `others` are environment variables."""
    return Settings.from_environment(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DUNWELL_SECRET_KEY": secret_key,
            "DUNWELL_ALLOW_PRIVATE_WEBHOOKS": "1",
            "DUNWELL_MAX_CONNECTIONS": "20",
            # All tests come from one address, within few minutes.
            "DUNWELL_TOKEN_ADDRESS_RATE": "0",
            "DUNWELL_SIGN_IN_RATE": "0",
            **others,
        }
    )
