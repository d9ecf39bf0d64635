"""Use case of mails that come in: returned ones, and answers of people."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.usecase import use_case
from domain.messaging.receipts import are_known, record_receipts
from domain.messaging.rules.mail_reports import read_mail

LARGEST_MAIL = 25_000_000
"""Bytes."""
NOT_OURS = "belongs_to_no_notice"
KNOWN = "known_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEmail:
    """What a mail was good for: how many receipts were recorded, or why it was ignored."""

    recorded_count: int
    ignored: str | None


@use_case("notices:send")
async def receive_email(ctx: Context, content: bytes) -> InboundEmail:
    """Takes a mail as it came in (message/rfc822) to an address of ours, and records what it tells of a notice of this tenant.

    A mail that tells nothing is ignored and says why; the same mail again is `known_already`. Raises InvalidInput above 25 MB.
    """
    if len(content) > LARGEST_MAIL:
        raise InvalidInput.at("", "too_large", f"A mail has at most {LARGEST_MAIL} bytes.")
    reading = read_mail(content, ctx.now())
    if not reading.receipts:
        return InboundEmail(recorded_count=0, ignored=reading.ignored)
    recorded = await record_receipts(ctx, reading.receipts, account_id=None)
    if recorded:
        return InboundEmail(recorded_count=recorded, ignored=None)
    known = await are_known(ctx, [receipt.notice_id for receipt in reading.receipts if receipt.notice_id])
    return InboundEmail(recorded_count=0, ignored=KNOWN if known else NOT_OURS)
