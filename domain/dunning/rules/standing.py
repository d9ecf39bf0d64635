"""PURE: everything that is in the way of a case now, whether its next step is due or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.collections.hold_model import WITHOUT_END
from domain.dunning.rules.decide import DUE_DATE_PROVISIONAL
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.holds import reasons_to_hold
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.projection import Expected, Outlook, Wait
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import MAXIMUM_NOTICES, enough
from domain.dunning.rules.waiting import ON_HOLD

NOT_DUE_YET = "not_due_yet"
NO_STEP_LEFT = "no_step_left"


def next_expected(outlook: Outlook) -> Expected | None:
    """The next step that is not left out; if all are, the first."""
    expected = outlook.expected
    return next((one for one in expected if one.decided.outcome != "skipped"), expected[0] if expected else None)


def stands_against(facts: CaseFacts, outlook: Outlook, options: PlanOptions, now: datetime) -> Iterator[Wait]:
    """What is in the way of an active case, for itself or for the step that comes next; nothing if that is carried out now.

    A step that is not due yet is judged by what is known now: that nobody could be written to is no secret until its day.
    """
    if facts.is_settled:
        yield Wait(facts.settled_as)
        return
    if facts.due_on_is_provisional:
        yield Wait(DUE_DATE_PROVISIONAL)
    if facts.held_until is not None and facts.held_until > now:
        yield Wait(ON_HOLD, None if facts.held_until == WITHOUT_END else facts.held_until)
    upcoming = next_expected(outlook)
    if upcoming is not None:
        yield from _against(upcoming.decided.step, facts, options)
        if upcoming.decided.due_at > now:
            yield Wait(NOT_DUE_YET, upcoming.acts_at)
    elif outlook.waiting:
        step, reason = outlook.waiting[0]
        yield Wait(reason)
        yield from _against(step, facts, options)
    else:
        yield Wait(NO_STEP_LEFT)


def _against(step: Step, facts: CaseFacts, options: PlanOptions) -> Iterator[Wait]:
    yield from (Wait(reason) for reason in reasons_to_hold(step, facts))
    if enough(options, step, facts):
        yield Wait(MAXIMUM_NOTICES)
