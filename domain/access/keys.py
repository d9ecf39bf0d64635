"""The key that signs access tokens: made once, sealed in the database, shared by all processes."""

from __future__ import annotations

from joserfc.jwk import ECKey

from domain.kernel.clock import SystemClock
from domain.storage.sealing import sealer
from domain.storage.transaction import unbound

_LOCK = 0x6B657973


async def signing_key() -> ECKey:
    """The newest signing key (P-256, ES256); the first caller of all processes makes it."""
    async with unbound() as tx:
        await tx.execute(f"select pg_advisory_xact_lock({_LOCK})")
        row = await tx.fetchrow("select id, sealed_private_key from signing_keys order by created_at desc limit 1")
        if row is not None:
            pem = sealer().open(row["sealed_private_key"], "signing_keys", row["id"])
            return ECKey.import_key(pem, {"use": "sig", "alg": "ES256", "kid": row["id"]})
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        await tx.execute(
            "insert into signing_keys (id, sealed_private_key, created_at) values ($1, $2, $3)",
            key.kid,
            sealer().seal(key.as_pem(private=True), "signing_keys", str(key.kid)),
            SystemClock().now(),
        )
        return key
