"""Use cases of notice intents: an integrator takes notices, sends them by itself, and says what came of it.

A notice is in one pair of hands at a time. It is looked at under lock when it is handed out, as our own sender does; a payment that
comes after that is the integrator's to ask for (`check_notice`), just before it sends. A lease that ends without a word returns the
notice to the queue, and whoever takes it next is told that it was possibly sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, FieldError, InvalidInput
from domain.kernel.scopes import Scope
from domain.kernel.usecase import use_case
from domain.messaging import intent_store, store
from domain.messaging.gatekeeping import judge
from domain.messaging.intent_model import AckOutcome, ClaimedNotices, NoticeCheck, NoticeIntent
from domain.messaging.lock_facts import lock_offered
from domain.messaging.model import Notice
from domain.messaging.rules.intents import (
    acknowledged,
    given_back,
    handed_out,
    offered_later,
    outcome_of,
    unwanted,
    was_handed_out,
)
from domain.messaging.rules.sending import delivery_of
from domain.storage.audit_chain import audited
from domain.storage.tenancy import hold_active
from domain.storage.transaction import transaction

MOST_NOTICES = 100
LEASE_SECONDS = (10, 86_400)
"""The shortest and the longest lease."""
_TOKEN_BYTES = 24


@use_case("notices:send")
async def claim_notices(
    ctx: Context, *, channel: str | None = None, limit: int = 20, lease_seconds: int = 300
) -> ClaimedNotices:
    """Hands out notices that wait for an integrator, of one channel or of all; they are its own until the lease ends.

    Needs `pii:read` besides, since recipients are told. What is not owed or wanted any more is cancelled and not handed out.
    """
    ctx.require(Scope.PII_READ)
    _check(limit, lease_seconds)
    async with transaction(ctx):
        if not await hold_active(ctx):
            return ClaimedNotices(intents=[])
        ids = await intent_store.lock_offered(ctx, channel, limit)
        judged = await judge(ctx, await lock_offered(ctx, ids))
        ended = [
            unwanted(one.notice, one.reason, asked_by_holder=False) for one in judged if one.reason and not one.until
        ]
        later = [offered_later(one.notice, one.until, one.reason) for one in judged if one.reason and one.until]
        until = intent_store.lease_end(lease_seconds)
        intents = [_intent(one.notice, until) for one in judged if not one.reason]
        await _save(ctx, [*ended, *later, *(intent.notice for intent in intents)])
        await intent_store.set_tokens(ctx, {intent.notice.id: intent.lease_token for intent in intents})
        emit(ctx, *(_event(notice, "queued") for notice in ended))
    return ClaimedNotices(intents=sorted(intents, key=lambda intent: (intent.notice.offered_at, intent.notice.id)))


@use_case("notices:send")
async def check_notice(ctx: Context, notice_id: str, *, lease_token: str) -> NoticeCheck:
    """Looks once more, under lock, whether a notice in hand is still wanted; if not it is cancelled and must not be sent.

    Raises NotFound and Conflict (`lease_lost`, `lease_expired`, `already_settled`).
    """
    async with transaction(ctx):
        notice = await _held(ctx, notice_id, lease_token)
        if notice.state == "cancelled":
            return NoticeCheck(is_wanted=False, reason=notice.reason, notice=notice)
        _expect_waiting(notice)
        if not intent_store.is_held(notice):
            raise Conflict("lease_expired", "The lease has ended; claim the notice again before it is sent.")
        active = await hold_active(ctx)
        (verdict,) = await judge(ctx, await lock_offered(ctx, [notice_id]))
        notice, reason = verdict.notice, verdict.reason if active else "tenant_not_active"
        if reason is None or verdict.until is not None:
            return NoticeCheck(is_wanted=reason is None, reason=reason, notice=notice)
        ended = unwanted(notice, reason, asked_by_holder=True)
        await _save(ctx, [ended])
        emit(ctx, _event(ended, "queued"))
    return NoticeCheck(is_wanted=False, reason=reason, notice=ended)


@use_case("notices:send")
async def acknowledge_notice(
    ctx: Context,
    notice_id: str,
    *,
    lease_token: str,
    outcome: AckOutcome,
    provider_message_id: str | None = None,
    code: str = "",
) -> Notice:
    """Says that a notice in hand was sent, or that it never will be; the same word again has the same answer.

    A late word counts as long as nobody else has taken the notice. Raises NotFound and Conflict (`lease_lost`, `notice_cancelled`,
    `acknowledged_otherwise`).
    """
    async with transaction(ctx):
        notice, token, known = await intent_store.lock_held(ctx, notice_id)
        _expect_token(token, lease_token)
        told = acknowledged(notice, outcome, known, code, provider_message_id, ctx.now())
        if told == notice:
            return notice
        await _save(ctx, [told])
        await store.add_deliveries(ctx, [delivery_of(told, outcome_of(outcome, code), ctx.now())])
        if told.state != notice.state:
            emit(ctx, _event(told, notice.state))
    return told


@use_case("notices:send")
async def release_notice(ctx: Context, notice_id: str, *, lease_token: str) -> Notice:
    """Gives a notice in hand back unsent: it waits as if it had not been taken. Giving it back again changes nothing.

    Raises NotFound and Conflict (`lease_lost`, `already_settled`).
    """
    async with transaction(ctx):
        notice, token, _ = await intent_store.lock_held(ctx, notice_id)
        if token is None and notice.state == "queued" and notice.offered_at is not None:
            return notice
        _expect_token(token, lease_token)
        _expect_waiting(notice)
        back = given_back(notice)
        await _save(ctx, [back])
        await intent_store.set_tokens(ctx, {notice_id: None})
    return back


def _intent(waiting: Notice, until: datetime) -> NoticeIntent:
    notice = handed_out(waiting, until)
    return NoticeIntent(
        notice=notice,
        lease_token=secrets.token_urlsafe(_TOKEN_BYTES),
        leased_until=until,
        attempt=notice.attempt_count,
        possibly_sent=was_handed_out(waiting),
    )


async def _held(ctx: Context, notice_id: str, lease_token: str) -> Notice:
    notice, token, _ = await intent_store.lock_held(ctx, notice_id)
    _expect_token(token, lease_token)
    return notice


async def _save(ctx: Context, notices: Sequence[Notice]) -> None:
    await intent_store.save(ctx, notices)
    for notice in notices:
        audited(ctx, notice.id)


def _event(notice: Notice, previous_state: str) -> NewEvent:
    return NewEvent(f"notice.{notice.state}", notice.id, {"notice": notice, "previous_state": previous_state})


def _expect_token(token: str | None, given: str) -> None:
    if token is None or not secrets.compare_digest(token.encode(), given.encode("utf-8", "replace")):
        raise Conflict(
            "lease_lost", "Somebody else has taken the notice meanwhile, or it was never held by this lease."
        )


def _expect_waiting(notice: Notice) -> None:
    if notice.state != "queued":
        raise Conflict("already_settled", f"The notice is {notice.state} already.")


def _check(limit: int, lease_seconds: int) -> None:
    errors = []
    if not 1 <= limit <= MOST_NOTICES:
        errors.append(FieldError("/limit", "out_of_range", f"limit is between 1 and {MOST_NOTICES}."))
    shortest, longest = LEASE_SECONDS
    if not shortest <= lease_seconds <= longest:
        detail = f"lease_seconds is between {shortest} and {longest}."
        errors.append(FieldError("/lease_seconds", "out_of_range", detail))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
