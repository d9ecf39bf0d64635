"""Takes back what tokens say before they expire: one token, a grant with all its tokens, a client, a user, a tenant."""

from __future__ import annotations

from domain.access.tokens import LIFETIME
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext
from domain.kernel.ids import new_id
from domain.storage.transaction import sql


async def revoke(ctx: AnyContext, *subjects: str) -> None:
    """From the commit of the open transaction on, refuses every token issued so far that names one of `subjects`.

    Subjects are ids: `tok_` (a token's jti), `gnt_` (a grant), `cli_`, `usr_`, `tnt_`. Tokens issued later are good again:
    their ids sort after `revoked_before`.
    """
    now = SystemClock().now()
    for subject in sorted(set(subjects)):
        await sql(ctx).execute(
            "insert into revocations (owner_id, subject, revoked_before, expires_at) values ($1, $2, $3, $4)"
            " on conflict (subject) do update set revoked_before = excluded.revoked_before,"
            " expires_at = excluded.expires_at, published_at = null",
            ctx.owner_id,
            subject,
            new_id("tok"),
            now + LIFETIME,
        )
