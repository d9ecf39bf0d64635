"""PURE: what becomes of one step that is due: it is decided, or it has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.dunning.rules.actions import NoticeAction, is_writing
from domain.dunning.rules.bases import base_of, last_sense
from domain.dunning.rules.conditions import is_met
from domain.dunning.rules.contact import reached
from domain.dunning.rules.facts import (
    ApprovalFacts,
    CaseFacts,
    ContactFacts,
    LastOccurrence,
    OutcomeKind,
    decided_again,
    new_due_date,
)
from domain.dunning.rules.holds import reasons_to_hold
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.pay_day import BEFORE_PAY_DAY, before_pay_day
from domain.dunning.rules.schedule import Pending, on_day
from domain.dunning.rules.silence import NO_REPLY, is_raised
from domain.dunning.rules.steps import Step, is_gated
from domain.dunning.rules.windows import OUTSIDE_WINDOW, opens_again_at
from domain.kernel.calendar import local_date
from domain.kernel.records import record

MISSED = "missed"
CONDITION_NOT_MET = "condition_not_met"
MAXIMUM_NOTICES = "maximum_notices"
AWAITING_APPROVAL = "awaiting_approval"
APPROVAL_REJECTED = "approval_rejected"
ONE_RUNG_A_DAY = "one_rung_a_day"
MOVED_BY_STEPS = frozenset({"previous_step", "new_due_date"})
"""What a step may count from that another one makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """What a step of a plan that is only tried would have come to."""

    outcome: OutcomeKind
    reasons: tuple[str, ...] = ()
    contact: ContactFacts | None = None
    channel: str | None = None
    needs_approval: bool = False


@record(frozen=True, slots=True, kw_only=True)
class DecidedStep:
    """What becomes of one step; `contact` is the one to write to through `channel` if it is a notice that goes out.

    `branch` is the position of the branch that was taken. `approval` is what let it through.
    """

    step: Step
    number: int
    due_at: datetime
    outcome: OutcomeKind
    reasons: tuple[str, ...] = ()
    contact: ContactFacts | None = None
    channel: str | None = None
    branch: int | None = None
    approval: ApprovalFacts | None = None
    allowed_by: tuple[str, ...] = ()
    """The rules of the contact policy that were asked and allowed it."""
    would_be: WouldBe | None = None
    """In a plan that is only tried, what it would have been."""


@record(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A step that is due and has to wait: `until` an instant, or, if None, for somebody.

    One that `blocks` lets nothing after it be decided. `asks` says that nobody has been asked yet to approve it.
    """

    step: Step
    number: int
    due_at: datetime
    reason: str
    until: datetime | None = None
    blocks: bool = False
    asks: bool = False


@record(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a case walks through: the steps of its version and what holds for all of them, looked at now."""

    steps: Sequence[Step]
    options: PlanOptions
    now: datetime

    def position_of(self, step: Step) -> int:
        """Where the step stands in the order of the plan."""
        return next(position for position, one in enumerate(self.steps) if one.key == step.key)


def judge(plan: Plan, pair: Pending, facts: CaseFacts) -> DecidedStep | Waiting:
    """What becomes of a step that is due, if nothing that is due later takes its place.

    First whether it still makes sense, then whether now is the time, whether its condition holds, whether anything holds it, and
    last whether somebody has to approve it: nobody is asked about what would not go out.
    """
    step = pair[1]
    due_at = _falls_due(pair, facts)
    number = next_number(step, facts)
    gated = is_gated(step) and not facts.asks_nobody
    approval = facts.approvals.get((step.key, number)) if gated else None
    if reason := _too_late(plan, (due_at, step), facts, approval):
        return _not_done(step, number, due_at, "skipped", (reason,))
    if step.window is not None and (until := opens_again_at(step, plan.now, facts.time_zone)):
        return Waiting(step=step, number=number, due_at=due_at, reason=OUTSIDE_WINDOW, until=until)
    if facts.occurrences and _is_usual(step) and _wrote_just_now(plan, facts):
        # What stood between the two, and would have let only the later one be sent, has gone with the first.
        until = on_day(local_date(plan.now, facts.time_zone) + timedelta(days=1), step, facts.time_zone)
        return Waiting(step=step, number=number, due_at=due_at, reason=ONE_RUNG_A_DAY, until=until)
    if step.when is not None and not is_met(step.when, facts, plan.now):
        return _not_done(step, number, due_at, "skipped", (CONDITION_NOT_MET,))
    if reasons := (*reasons_to_hold(step, facts), *enough(plan.options, step, facts)):
        return _not_done(step, number, due_at, "held", reasons)
    if gated and (approval is None or approval.state == "open"):
        asks = approval is None
        return Waiting(step=step, number=number, due_at=due_at, reason=AWAITING_APPROVAL, blocks=True, asks=asks)
    if approval is not None and approval.state == "rejected":
        return replace(_not_done(step, number, due_at, "skipped", (APPROVAL_REJECTED,)), approval=approval)
    return _done(step, number, due_at, facts, approval, _why(plan, pair, facts))


def _is_usual(step: Step) -> bool:
    """Whether it is a notice of which, of several that are due at once, only the last is sent."""
    is_alone = step.catch_up == "latest" and step.relative_to not in MOVED_BY_STEPS and not is_gated(step)
    return is_alone and is_writing(step.action)


def _wrote_just_now(plan: Plan, facts: CaseFacts) -> bool:
    past = ((step, facts.occurrences.get(step.key)) for step in plan.steps)
    return any(one and one.reminded_at == plan.now and not one.elsewhere and _is_usual(step) for step, one in past)


def skipped(step: Step, number: int, due_at: datetime, reason: str) -> DecidedStep:
    """The step, left out for this reason."""
    return _not_done(step, number, due_at, "skipped", (reason,))


def next_number(step: Step, facts: CaseFacts) -> int:
    """The number of the step's next occurrence: more than 1 only after a notice that was withdrawn."""
    past = facts.occurrences.get(step.key)
    return past.number + 1 if past else 1


def after(facts: CaseFacts, decided: Sequence[DecidedStep], now: datetime) -> CaseFacts:
    """The facts as they are once what was decided now has happened."""
    past = facts.occurrences
    happened = {
        one.step.key: decided_again(past.get(one.step.key), _happened(one, now, facts.time_zone)) for one in decided
    }
    set_now = new_due_date(happened.values())
    return replace(facts, occurrences={**past, **happened}, new_due_on=set_now or facts.new_due_on)


def _happened(one: DecidedStep, now: datetime, time_zone: str) -> LastOccurrence:
    action, new_due_on = one.step.action, None
    if one.contact is not None and isinstance(action, NoticeAction) and action.new_due_days is not None:
        new_due_on = local_date(now, time_zone) + timedelta(days=action.new_due_days)
    return LastOccurrence(
        number=one.number,
        outcome=one.outcome,
        reasons=one.reasons,
        is_escalation=one.step.action.type == "escalation",
        reminded_at=now if one.contact is not None else None,
        due_at=one.due_at,
        decided_at=now,
        branch=one.branch,
        notice_state="queued" if one.contact is not None else None,
        notice_channel=one.channel,
        left_at=now if one.contact is not None else None,
        new_due_on=new_due_on,
    )


def _falls_due(pair: Pending, facts: CaseFacts) -> datetime:
    past = facts.occurrences.get(pair[1].key)
    return pair[0] if past is None or past.again_at is None else max(pair[0], past.again_at)


def _why(plan: Plan, pair: Pending, facts: CaseFacts) -> tuple[str, ...]:
    """What the customer's behaviour has to do with it that the step is carried out now."""
    past = facts.occurrences.get(pair[1].key)
    if past is not None and past.again_because is not None:
        return (past.again_because,)
    if plan.options.raise_when_no_reply_days is not None and is_raised(plan.steps, pair, facts):
        return (NO_REPLY,)
    if facts.pay_day is not None and before_pay_day(plan.steps, pair[1], facts) is not None:
        return (BEFORE_PAY_DAY,)
    return ()


def _done(
    step: Step,
    number: int,
    due_at: datetime,
    facts: CaseFacts,
    approval: ApprovalFacts | None,
    why: tuple[str, ...],
) -> DecidedStep:
    found = reached(step, step.action, facts) if is_writing(step.action) else None
    return DecidedStep(
        step=step,
        number=number,
        due_at=due_at,
        outcome="done",
        reasons=why,
        contact=found.contact if found else None,
        channel=found.channel if found else None,
        approval=approval,
    )


def _not_done(step: Step, number: int, due_at: datetime, outcome: OutcomeKind, reasons: tuple[str, ...]) -> DecidedStep:
    return DecidedStep(step=step, number=number, due_at=due_at, outcome=outcome, reasons=reasons)


def _too_late(plan: Plan, pair: Pending, facts: CaseFacts, approval: ApprovalFacts | None) -> str | None:
    due_at, step = pair
    if step.relative_to == "due_date":
        sense = last_sense(step, facts.due_on, facts)
    else:
        base = base_of(plan.steps, plan.position_of(step), facts)
        sense = last_sense(step, base, facts) if base is not None else None
    if sense is not None and local_date(plan.now, facts.time_zone) > sense[0]:
        return sense[1]
    # Waiting for a person is not the same as having been missed.
    if step.catch_up == "skip" and approval is None:
        return MISSED if local_date(plan.now, facts.time_zone) > local_date(due_at, facts.time_zone) else None
    return None


def enough(options: PlanOptions, step: Step, facts: CaseFacts) -> tuple[str, ...]:
    """The reason not to write once more, if the plan has written as often as it may."""
    most = options.maximum_notices
    return (MAXIMUM_NOTICES,) if most is not None and is_writing(step.action) and facts.notices_sent >= most else ()
