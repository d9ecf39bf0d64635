"""PURE: what the conditions of a plan are told of a case."""

from __future__ import annotations

from datetime import datetime

from domain.dunning.rules.contact import reachable_channels
from domain.dunning.rules.facts import CaseFacts, OutcomeKind
from domain.kernel.calendar import local_date
from domain.kernel.money import Money
from domain.kernel.predicate import Predicate, Value, holds


def is_met(condition: Predicate, facts: CaseFacts, now: datetime, outcome: OutcomeKind | None = None) -> bool:
    """Whether a condition holds at `now`; `outcome` is the step's own, which only its branches know."""
    return holds(condition, _values(facts, now, outcome))


def _values(facts: CaseFacts, now: datetime, outcome: OutcomeKind | None) -> dict[str, Value | None]:
    """Days count by the customer's calendar; nothing is overdue while it is not known when it is due."""
    last, days = facts.last_notice, days_overdue(facts, now)
    return {
        "open_amount": facts.open_amount,
        "due_amount": facts.due_amount,
        "overdue_amount": facts.due_amount if days else Money.zero(facts.open_amount.currency),
        "days_overdue": days,
        "grade": facts.grade,
        "tags": facts.tags,
        "currency": facts.open_amount.currency,
        "reachable_channels": reachable_channels(facts.contacts),
        "last_notice_state": last.notice_state if last else None,
        "last_notice_channel": last.notice_channel if last else None,
        "delay_reason": facts.delay_reason,
        "notices_sent": facts.notices_sent,
        "customer_locale": facts.locale,
        "is_escalated": facts.is_escalated,
        "outcome": outcome,
    }


def days_overdue(facts: CaseFacts, now: datetime) -> int:
    """Calendar days since the due date where the customer lives; 0 on it and before."""
    if facts.due_on_is_provisional:
        return 0
    return max((local_date(now, facts.time_zone) - facts.due_on).days, 0)
