"""PURE: whether a notice is still wanted at the moment of sending, and what an attempt makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from domain.kernel.phones import mask_known
from domain.messaging.channel_model import Outcome
from domain.messaging.model import Delivery, Notice, NoticeReceivable
from domain.messaging.rules.contact_policy import OPTED_OUT, THIRD_PARTY_BLOCK
from domain.messaging.rules.retry import next_attempt_at

ON_HOLD = "on_hold"
LONGEST_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtNow:
    """How a receivable stands under lock; `due_on` is None while the due date is provisional."""

    receivable_id: str
    open_amount: Decimal
    disputed_amount: Decimal
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsAtSending:
    """What is true under lock just before a notice leaves.

    `due_on` is None while the due date is provisional; `address` is None if the contact is gone or has none. `time_zone` is the
    contact's. `policy_version` names the tenant's contact policy, None if it set none. `debts` are all that the notice names, by
    receivable; the amounts beside are those of its only one.
    """

    open_amount: Decimal
    disputed_amount: Decimal
    due_on: date | None
    address: str | None
    opted_out_channels: tuple[str, ...]
    is_on_hold: bool = False
    is_third_party: bool = False
    time_zone: str = "UTC"
    country: str | None = None
    policy_version: int | None = None
    invalid_channels: tuple[str, ...] = ()
    plan_objection: str | None = None
    """Why the plan that it was made for lets nothing be sent at this moment."""
    debts: Mapping[str, DebtNow] = field(default_factory=dict)


def objection(notice: Notice, facts: FactsAtSending) -> str | None:
    """Why the notice must not be sent, or None. Its text cannot change any more, so a changed fact cancels it.

    An alert tells staff what was true when it was raised, so nothing that has changed since takes it back.
    """
    if notice.audience == "staff":
        return None
    changed = _changed_among(notice, facts.debts) if notice.receivables else _changed(notice, facts)
    if changed is not None:
        return changed
    if facts.is_on_hold:
        return ON_HOLD
    return facts.plan_objection or _objection_of_contact(notice, facts)


def _objection_of_contact(notice: Notice, facts: FactsAtSending) -> str | None:
    """Whether the one who is written to still wants it and is still found there."""
    if facts.address is None:
        return "no_address"
    if notice.channel in facts.opted_out_channels:
        return OPTED_OUT
    if facts.is_third_party:
        return THIRD_PARTY_BLOCK
    if facts.address != notice.recipient:
        return "address_changed"
    if notice.channel in facts.invalid_channels:
        return "address_invalid"
    return None


def _changed(then: Notice | NoticeReceivable, now: FactsAtSending | DebtNow) -> str | None:
    if not now.open_amount:
        return "receivable_paid"
    if now.open_amount != then.open_amount.amount:
        return "amount_changed"
    if now.disputed_amount != then.disputed_amount.amount:
        return "dispute_changed"
    # Notices of before this was kept do not say by which due date they were written.
    return "due_date_changed" if then.due_on is not None and now.due_on != then.due_on else None


def _changed_among(notice: Notice, debts: Mapping[str, DebtNow]) -> str | None:
    """One that has changed is enough: the text names it."""
    reasons = (_changed(one, debts[one.receivable_id]) for one in notice.receivables)
    return next((reason for reason in reasons if reason), None)


def cancelled(notice: Notice, reason: str) -> Notice:
    """The notice, not sent: this attempt did not happen."""
    return replace(
        notice, state="cancelled", reason=reason, attempt_count=notice.attempt_count - 1, version=notice.version + 1
    )


def postponed(notice: Notice, until: datetime, rule: str) -> Notice:
    """The notice, not sent and not given up: it waits until `until`, because of a rule of the contact policy."""
    return replace(
        notice,
        state="queued",
        reason=rule,
        next_attempt_at=until,
        attempt_count=notice.attempt_count - 1,
        version=notice.version + 1,
    )


def after_attempt(notice: Notice, outcome: Outcome, now: datetime) -> Notice:
    """The notice after the attempt that it counted last."""
    settled = replace(notice, reason=None, version=notice.version + 1)
    if outcome.provider_message_id is not None:
        settled = replace(settled, provider_message_id=outcome.provider_message_id[:LONGEST_ID])
    match outcome.kind:
        case "accepted" if outcome.awaits_confirmation:
            return replace(settled, state="awaiting_confirmation")
        case "accepted":
            return replace(settled, state="sent", sent_at=now)
        case "retryable":
            again_at = next_attempt_at(notice.attempt_count, now, outcome.retry_after)
            if again_at is None:
                return replace(settled, state="failed", reason="retries_exhausted")
            return replace(settled, state="queued", next_attempt_at=again_at)
        case "rejected" if outcome.invalid_address and notice.audience == "customer":
            return replace(settled, state="bounced", reason=outcome.code, bounced_at=now)
        case "rejected":
            return replace(settled, state="failed", reason=outcome.code)
        case "unknown":
            return replace(settled, state="unknown", reason=outcome.code)
        case _:
            assert_never(outcome.kind)


def delivery_of(notice: Notice, outcome: Outcome, now: datetime) -> Delivery:
    """The record of the attempt; what the other side said is kept as printable text of bounded length, without addresses."""
    return Delivery(
        notice_id=notice.id,
        number=notice.attempt_count,
        outcome=outcome.kind,
        code=outcome.code[:100],
        detail=_without_addresses(notice, _printable(outcome.detail))[:500],
        attempted_at=now,
    )


def _without_addresses(notice: Notice, text: str) -> str:
    """Providers like to repeat whom they could not reach, sometimes in another case, as punycode or with the country's number."""
    return mask_known(text, notice.recipient, keep=notice.message_id.strip("<>"))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
