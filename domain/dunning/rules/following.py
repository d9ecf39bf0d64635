"""PURE: which steps are decided again: what they wrote did not arrive, or could not leave for want of an account.

The ladder never goes back: once another step has written, what came before it stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.dunning.rules.actions import AlertAction, is_writing
from domain.dunning.rules.contact import reached, usable
from domain.dunning.rules.facts import CaseFacts, LastOccurrence
from domain.dunning.rules.holds import NO_CHANNEL_ACCOUNT, NO_USABLE_CHANNEL
from domain.dunning.rules.silence import UNREAD as UNREAD_STATES
from domain.dunning.rules.silence import some_days_later
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import Plan

BOUNCED = "bounced"
FAILED = "failed"
UNREAD = "unread"
FOLLOWING = frozenset({BOUNCED, FAILED, UNREAD})
"""Reasons of a step that was done once more: what had become of its notice before."""

_LOST = frozenset({BOUNCED, FAILED})
_NO_ACCOUNT = ((NO_USABLE_CHANNEL,), (NO_CHANNEL_ACCOUNT,))


def followed(plan: Plan, facts: CaseFacts) -> CaseFacts:
    """The facts with every step marked that is to be decided again.

    A bounced notice goes to the next address that there is, or to a person. A failed one goes to the next channel of its step by which
    somebody is reached; without one the failure stands. One that nobody has read goes to the next channel after the days that the plan
    gives it. A step that was held for want of an account is decided once there is one.
    """
    if not facts.occurrences or not any(_concerns(past, plan) for past in facts.occurrences.values()):
        return facts
    again = {}
    for step in plan.steps:
        past = facts.occurrences.get(step.key)
        if past is None or past.withdrawn or not _concerns(past, plan) or _is_passed(step, past, facts):
            continue
        if (marked := _again(plan, step, past, facts)) is not None:
            again[step.key] = marked
    return replace(facts, occurrences={**facts.occurrences, **again}) if again else facts


def _concerns(past: LastOccurrence, plan: Plan) -> bool:
    if past.notice_state is None:
        return past.outcome == "held" and past.reasons in _NO_ACCOUNT
    return past.notice_state in _LOST or _is_unread(past, plan)


def _is_unread(past: LastOccurrence, plan: Plan) -> bool:
    return plan.options.next_channel_when_unread_days is not None and past.notice_state in UNREAD_STATES


def _is_passed(step: Step, past: LastOccurrence, facts: CaseFacts) -> bool:
    """Whether another step has written since."""
    assert past.decided_at is not None
    return any(_wrote_since(other, past.decided_at) for key, other in facts.occurrences.items() if key != step.key)


def _wrote_since(other: LastOccurrence, instant: datetime) -> bool:
    return other.reminded_at is not None and other.reminded_at >= instant


def _again(plan: Plan, step: Step, past: LastOccurrence, facts: CaseFacts) -> LastOccurrence | None:
    if past.outcome == "held":
        return replace(past, withdrawn=True) if _has_account(step, facts) else None
    if past.notice_state == BOUNCED:
        return replace(past, withdrawn=True, again_because=BOUNCED)
    if not is_writing(step.action) or reached(step, step.action, facts) is None:
        return None
    if past.notice_state == FAILED:
        return replace(past, withdrawn=True, again_because=FAILED)
    days = plan.options.next_channel_when_unread_days
    assert days is not None
    at = some_days_later(step, past, days, facts, plan.now)
    return replace(past, again_at=at, again_because=UNREAD, withdrawn=at <= plan.now)


def _has_account(step: Step, facts: CaseFacts) -> bool:
    """Whether there is one by now; nobody knows without having asked."""
    if facts.usable_channels is None:
        return False
    if isinstance(step.action, AlertAction):
        return step.action.channel in facts.usable_channels
    return is_writing(step.action) and bool(usable(step.action.channels, facts))
