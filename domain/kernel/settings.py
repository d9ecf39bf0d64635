"""What the environment says; read once while starting, passed on from there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a process."""

    database_url: str
    """PostgreSQL 15 or later."""
    redis_url: str
    """Redis 6.2 or later, `redis://host:port/db` or `unix:///path`."""
    secret_key: str
    """32 random bytes in base64; seals secrets at rest."""
    public_url: str
    """Where clients reach the API; the issuer of tokens."""
    smtp_url: str
    """The mail server, `smtp://host:port` or `smtps://user:password@host:port`."""
    mail_from: str
    """The sender of reminders."""
    mail_bounces: str = ""
    """Where reminders that cannot be delivered come back to, `bounces@mail.example`; each with its notice's id behind a plus."""
    mail_replies: str = ""
    """Where answers to reminders come to, likewise."""
    allow_private_webhooks: bool
    """Development only: webhooks may go to loopback and private addresses."""
    log_level: str
    max_connections: int
    """PostgreSQL connections of one process."""
    client_rate: int
    """Requests a minute of one OAuth client; 0 sets no limit."""
    tenant_rate: int
    """Requests a minute of all clients of one tenant; 0 sets no limit."""
    token_client_rate: int
    """Requests a minute to the token endpoint that claim one client; 0 sets no limit."""
    token_address_rate: int
    """Requests a minute to the token endpoint from one IP address; 0 sets no limit."""
    sign_in_rate: int
    """Sign-in attempts a minute from one IP address; 0 sets no limit."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises ValueError naming what is missing."""
        missing = [name for name in ("DATABASE_URL", "REDIS_URL", "DUNWELL_SECRET_KEY") if not environment.get(name)]
        if missing:
            raise ValueError(f"not set in the environment: {', '.join(missing)}")
        return cls(
            database_url=environment["DATABASE_URL"],
            redis_url=environment["REDIS_URL"],
            secret_key=environment["DUNWELL_SECRET_KEY"],
            public_url=environment.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=environment.get("SMTP_URL", "smtp://127.0.0.1:25"),
            mail_from=environment.get("MAIL_FROM", "reminders@dunwell.example"),
            mail_bounces=environment.get("MAIL_BOUNCES", ""),
            mail_replies=environment.get("MAIL_REPLIES", ""),
            allow_private_webhooks=environment.get("DUNWELL_ALLOW_PRIVATE_WEBHOOKS") == "1",
            log_level=environment.get("LOG_LEVEL", "INFO").upper(),
            max_connections=int(environment.get("DUNWELL_MAX_CONNECTIONS", "10")),
            client_rate=int(environment.get("DUNWELL_CLIENT_RATE", "6000")),
            tenant_rate=int(environment.get("DUNWELL_TENANT_RATE", "12000")),
            token_client_rate=int(environment.get("DUNWELL_TOKEN_CLIENT_RATE", "600")),
            token_address_rate=int(environment.get("DUNWELL_TOKEN_ADDRESS_RATE", "1200")),
            sign_in_rate=int(environment.get("DUNWELL_SIGN_IN_RATE", "30")),
        )
