"""PURE: what claims, acknowledgements and releases make of a notice that an integrator sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.kernel.errors import Conflict
from domain.messaging.channel_model import Outcome
from domain.messaging.intent_model import AckOutcome
from domain.messaging.model import Notice, OutcomeKind

INTEGRATOR_FAILED = "integrator_failed"
NOT_ACKNOWLEDGED = "not_acknowledged"


def handed_out(notice: Notice, leased_until: datetime) -> Notice:
    """The notice in the hands of an integrator, once more."""
    return replace(
        notice, attempt_count=notice.attempt_count + 1, claimed_until=leased_until, version=notice.version + 1
    )


def given_back(notice: Notice) -> Notice:
    """The notice as if it had not been handed out the last time."""
    return replace(notice, attempt_count=notice.attempt_count - 1, claimed_until=None, version=notice.version + 1)


def offered_later(notice: Notice, until: datetime, rule: str) -> Notice:
    """The notice that waits on, because of a rule of the contact policy: nobody is offered it before `until`."""
    return replace(notice, offered_at=until, reason=rule, version=notice.version + 1)


def unwanted(notice: Notice, reason: str, *, asked_by_holder: bool) -> Notice:
    """A notice that must not be sent any more: cancelled, or unknown where an earlier holder may have sent it.

    Its present holder, if it asks, has not sent it yet.
    """
    ended = replace(notice, offered_at=None, claimed_until=None, version=notice.version + 1)
    if notice.attempt_count > 1 if asked_by_holder else was_handed_out(notice):
        return replace(ended, state="unknown", reason=NOT_ACKNOWLEDGED)
    return replace(ended, state="cancelled", reason=reason, attempt_count=notice.attempt_count - int(asked_by_holder))


def was_handed_out(notice: Notice) -> bool:
    """Whether somebody had it in hand and has neither settled it nor given it back."""
    return notice.claimed_until is not None


def acknowledged(
    notice: Notice, outcome: AckOutcome, known: OutcomeKind | None, code: str, message_id: str | None, now: datetime
) -> Notice:
    """The notice after its holder's word; the same notice if that word was heard before (`known`).

    Raises Conflict: `notice_cancelled`, and `acknowledged_otherwise` where another word or a receipt says the contrary.
    """
    if notice.state == "cancelled":
        raise Conflict("notice_cancelled", f"The notice was cancelled before it was sent: {notice.reason}.")
    if known is not None:
        if known != outcome_of(outcome, code).kind:
            raise Conflict("acknowledged_otherwise", "The notice was acknowledged with the other outcome.")
        return notice
    is_open = notice.state in ("queued", "unknown")
    if outcome == "failed" and not is_open:
        raise Conflict("acknowledged_otherwise", f"A receipt has told that the notice was {notice.state}.")
    settled = replace(notice, offered_at=None, claimed_until=None, version=notice.version + 1)
    if outcome == "failed":
        return replace(settled, state="failed", reason=code or INTEGRATOR_FAILED)
    sent = replace(settled, sent_at=now, provider_message_id=message_id or notice.provider_message_id)
    return replace(sent, state="sent", reason=None) if is_open else sent


def outcome_of(outcome: AckOutcome, code: str) -> Outcome:
    """An acknowledgement as an attempt to send it is recorded."""
    if outcome == "sent":
        return Outcome("accepted", code or "acknowledged", "")
    return Outcome("rejected", code or INTEGRATOR_FAILED, "")
