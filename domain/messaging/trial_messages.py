"""A test message through an account, to whoever tries it out: no notice, no customer, no contact policy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from email.utils import parseaddr

import msgspec

from domain.importing.source import add_chunk, chunks, drop_chunks
from domain.kernel.clock import SystemClock
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, InvalidInput, NotFound, TooManyRequests
from domain.kernel.money import Money
from domain.kernel.phones import mask_known
from domain.kernel.usecase import use_case
from domain.messaging import account_store as store
from domain.messaging.account_model import AccountRef, ChannelAccount
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.notices import MESSAGE_ID_HOST
from domain.messaging.providers import silent_providers
from domain.messaging.rules.variables import notice_variables, texts_of
from domain.messaging.staff_providers import KNOWING_WHOM
from domain.messaging.ways import Accounts, send_through
from domain.operations import work
from domain.operations.model import ClaimedOperation, Operation, Progress
from domain.storage.transaction import sql, transaction

MOST_TESTS = 20
"""Through one account in an hour."""
_HOUR = timedelta(hours=1)
_SUBJECT = "Dunwell: test message"
_BODY = "This is a test message of Dunwell. If you can read it, the channel account works.\n"


@use_case("channels:write")
async def send_test_message(
    ctx: Context, account_id: str, *, recipient: str | None = None, template_key: str | None = None
) -> Operation:
    """Sends a test through the account, disabled or not; the operation's result is the outcome as the provider gave it.

    Without a recipient it goes to the account's own address, if it has one. A provider that only takes approved texts gets the one
    of `template_key`, else the first that is mapped, with made-up values. Raises TooManyRequests.
    """
    async with transaction(ctx):
        account = await store.get(ctx, account_id, lock=True)
        to = recipient or _own_address(account)
        if to is None:
            raise InvalidInput.at("/recipient", "missing_field", "This account has no address of its own to send to.")
        if account.provider in silent_providers():
            raise Conflict(
                "provider_sends_nothing", "Messages of this channel are sent by the integrator, not from here."
            )
        templates = account.settings.get("templates")
        if template_key is not None and templates is not None and template_key not in templates:
            raise InvalidInput.at("/template_key", "template_not_mapped", "The account maps no template of this key.")
        await _not_too_many(ctx, account_id)
        key = template_key or next(iter(templates or ()), "test")
        operation = await work.add(ctx, "channel_test", {"account_id": account_id, "template_key": key})
        await add_chunk(ctx, operation.id, 0, to.encode())
    return operation


async def run_test_message(ctx: Context, claimed: ClaimedOperation, accounts: Accounts) -> None:
    """Runs a `channel_test`. What a dead worker began is not begun again: the message may have left."""
    recipient = b"".join([chunk async for chunk in chunks(ctx, claimed.id)]).decode()
    if claimed.position:
        outcome = Outcome("unknown", "sender_died", "The sender ended before it recorded an outcome.")
    else:
        async with transaction(ctx):
            await work.advance(ctx, claimed.id, Progress(), 1)
        outcome = await _attempt(ctx, claimed, recipient, accounts)
    shown = mask_known(outcome.detail.replace("\x00", ""), recipient)[:500]
    result = {
        "outcome": outcome.kind,
        "code": outcome.code[:100],
        "detail": shown,
        "provider_message_id": outcome.provider_message_id,
    }
    async with transaction(ctx):
        await drop_chunks(ctx, claimed.id)
        await work.finish(ctx, claimed.id, result=result)


async def _attempt(ctx: Context, claimed: ClaimedOperation, recipient: str, accounts: Accounts) -> Outcome:
    try:
        async with transaction(ctx):
            account = await store.get(ctx, claimed.input["account_id"])
        channel = await accounts.channel(ctx, AccountRef(account.id, account.version, account.provider))
    except (LookupError, NotFound, ValueError, msgspec.MsgspecError) as failed:
        return Outcome("retryable", "channel_unavailable", f"The account could not be opened: {failed}")
    return (await send_through(channel, [_message(ctx, claimed, recipient)]))[0]


def _message(ctx: Context, claimed: ClaimedOperation, recipient: str) -> OutgoingMessage:
    today, amount = ctx.today(), Money(Decimal("1.00"), ctx.base_currency)
    key, _, locale = claimed.input["template_key"].partition(":")
    return OutgoingMessage(
        notice_id=claimed.id,
        message_id=f"<{claimed.id}@{MESSAGE_ID_HOST}>",
        recipient=recipient,
        subject=_SUBJECT,
        body=_BODY,
        locale=locale or ctx.locale,
        template_key=key,
        variables=texts_of(
            notice_variables(
                locale or ctx.locale,
                customer_name="Test",
                contact_name="Test",
                company_name="Test",
                number="TEST-1",
                amount=amount,
                open_amount=amount,
                disputed_amount=Money.zero(ctx.base_currency),
                issued_on=today,
                due_on=today,
                today=today,
            )
        ),
    )


def _own_address(account: ChannelAccount) -> str | None:
    """Where a mail server's own sender reads; the account itself where its provider knows whom to call."""
    if account.provider in KNOWING_WHOM:
        return account.id
    sender = account.settings.get("from") if account.channel == "email" else None
    return parseaddr(sender)[1] if sender else None


async def _not_too_many(ctx: Context, account_id: str) -> None:
    since = SystemClock().now() - _HOUR
    made = await sql(ctx).fetchval(
        "select count(*) from operations where tenant_id = $1 and kind = 'channel_test' and created_at > $2"
        " and input ->> 'account_id' = $3",
        ctx.tenant_id,
        since,
        account_id,
    )
    if made >= MOST_TESTS:
        raise TooManyRequests(
            "too_many_test_messages",
            f"An account sends at most {MOST_TESTS} test messages in an hour.",
            retry_after_seconds=int(_HOUR.total_seconds()),
        )
