"""Takes back what tokens say before they expire: one token, a grant with all its tokens, a client, a user, a tenant."""

from __future__ import annotations

from datetime import timedelta

from domain.access.tokens import LIFETIME
from domain.kernel.clock import SystemClock
from domain.kernel.context import AnyContext
from domain.kernel.ids import new_id
from domain.storage.transaction import sql, wait_after_commit

FOR_GOOD = f"tok_7{'z' * 25}"
"""Sorts after every token id: whatever names the subject is refused, even a token that is being issued at this moment."""
MARGIN = timedelta(minutes=1)
"""For clocks that differ: a row outlives the last token that it could refuse by this much."""


async def revoke(ctx: AnyContext, *subjects: str, for_good: bool = False) -> None:
    """From the commit of the open transaction on, refuses every token issued so far that names one of `subjects`.

    Subjects are ids: `tok_` (a token's jti), `gnt_` (a grant), `cli_`, `usr_`, `tnt_`. Tokens issued later are good again:
    their ids sort after `revoked_before`. Not so `for_good`, for what may have no new tokens, which tokens and grants never
    may: it also refuses a token that was issued between this statement and the commit.
    """
    wanted = set(subjects)
    ending = {subject for subject in wanted if for_good or subject.startswith(("tok_", "gnt_"))}
    await _write(ctx, ending, FOR_GOOD)
    await _write(ctx, wanted - ending, new_id("tok"))
    wait_after_commit(ctx)


async def bar(ctx: AnyContext, subject: str) -> None:
    """Refuses every token that names `subject`, now and later, until `unbar`."""
    await sql(ctx).execute("select door_revoke($1, $2, $3, 'infinity')", ctx.owner_id, [subject], FOR_GOOD)
    wait_after_commit(ctx)


async def unbar(ctx: AnyContext, subject: str) -> None:
    """Ends `bar`: tokens issued from now on are good, those from before stay refused."""
    await sql(ctx).execute(
        "select door_unbar($1, $2, $3, $4)",
        ctx.owner_id,
        subject,
        new_id("tok"),
        SystemClock().now() + LIFETIME + MARGIN,
    )
    wait_after_commit(ctx)


async def _write(ctx: AnyContext, subjects: set[str], revoked_before: str) -> None:
    """Through a door, because a subject may have been revoked before by its platform or by its tenant, whose row it is."""
    if subjects:
        await sql(ctx).execute(
            "select door_revoke($1, $2, $3, $4)",
            ctx.owner_id,
            sorted(subjects),
            revoked_before,
            SystemClock().now() + LIFETIME + MARGIN,
        )
