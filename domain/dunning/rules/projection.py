"""PURE: what will become of a case if nothing changes: the decisions of the future, taken by the rules that take the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.dunning.rules.bases import UNKNOWN_BASE
from domain.dunning.rules.decide import DEFAULTS, DUE_DATE_PROVISIONAL, MINIMUM_GAP, Decision, decide, pending_steps
from domain.dunning.rules.facts import CaseFacts, CloseReason
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.schedule import instant_at
from domain.dunning.rules.silence import leaving_now
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import AWAITING_APPROVAL, DecidedStep, after
from domain.dunning.rules.waiting import Waited, allowed_now
from domain.dunning.rules.windows import OUTSIDE_WINDOW, opens_again_at
from domain.messaging.rules.contact_policy import Contacted

OLD_DEBT_ENTRY = "old_debt_entry"
MOST_IDLE_LOOKS = 200
"""After how many looks in a row that decide nothing a step is taken to wait for ever: its window and the contact policy never meet."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What keeps a step back, by its reason code, and until when; None if nobody knows."""

    code: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What will be decided of a step, and when; `at` is in the past only for what is due already.

    `acts_at` is the instant of the decision itself, `waits` what keeps the step back until then.
    """

    at: datetime
    decided: DecidedStep
    acts_at: datetime
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be decided, in order, and which steps have no day yet, with the reason. `closes_as` is how the ladder ends."""

    expected: tuple[Expected, ...]
    waiting: tuple[tuple[Step, str], ...]
    closes_as: CloseReason | None = None
    kept_back: Mapping[str, tuple[Wait, ...]] = field(default_factory=dict)
    """What keeps each step back that has no day, by its key, where it is more than the reason."""


def project(
    steps: Sequence[Step],
    facts: CaseFacts,
    now: datetime,
    options: PlanOptions = DEFAULTS,
    waited: Waited | None = None,
) -> Outlook:
    """Steps from decision to decision, as the engine will, until nothing is left to look at; holds and contact policy included.

    What waits to be sent is taken to leave now, and nothing to be read or answered.
    While the due date is provisional, dates are told as they would be if it stood.
    """
    course = Course(steps, facts, options, now, waited)
    at: datetime | None = now
    while at is not None:
        decision = decide(steps, course.facts, at, options)
        at = course.take(at, allowed_now(decision, course.facts, at, course.waited))
    return course.outlook()


@dataclass(slots=True)
class Course:
    """A case on its way into the future: what is known of it there, and what was decided until then."""

    steps: Sequence[Step]
    facts: CaseFacts
    options: PlanOptions
    began_at: datetime
    waited: Waited | None = None
    last: Decision | None = None
    _expected: list[Expected] = field(default_factory=list)
    _waits: dict[str, dict[str, datetime | None]] = field(default_factory=dict)
    _more: tuple[str, ...] = ()
    _idle: int = 0

    def __post_init__(self) -> None:
        if self.facts.due_on_is_provisional:
            self._more = (DUE_DATE_PROVISIONAL,)
            self.facts = replace(self.facts, due_on_is_provisional=False)
        if self.options.minds_silence:
            self.facts = leaving_now(self.facts, self.began_at)

    def take(self, at: datetime, decision: Decision) -> datetime | None:
        """Goes on with what is decided at `at`; the next instant to look at, None if there is none."""
        for one in decision.steps:
            self._expected.append(self._told(one, at))
        self.note_waits(at, decision)
        self.facts = _contacted(after(self.facts, decision.steps, at), decision.steps, at)
        waits = decision.deferred_step
        self.waited = None if waits is None else Waited(waits, decision.deferred_reasons)
        self.last = decision
        next_at = decision.next_action_at
        self._idle = 0 if decision.steps else self._idle + 1
        return None if self._idle > MOST_IDLE_LOOKS else next_at

    def outlook(self) -> Outlook:
        """What was found."""
        closes_as = self.last.close_reason if self.last is not None else None
        kept_back = {
            key: tuple(Wait(code, until) for code, until in waits.items())
            for key, waits in self._waits.items()
            if waits
        }
        return Outlook(tuple(self._expected), self._left(), closes_as, kept_back)

    def _told(self, one: DecidedStep, at: datetime) -> Expected:
        own = instant_at(self.steps, self._position(one.step), self.facts)
        waits: dict[str, datetime | None] = self._waits.pop(one.step.key, {})
        if own is not None and own < one.due_at and (code := self._moved_by(one)) is not None:
            waits = {code: one.due_at, **waits}
        told = replace(one, reasons=(*one.reasons, *self._more))
        due_at = min(one.due_at, at) if at == self.began_at else at
        return Expected(due_at, told, at, tuple(Wait(code, until) for code, until in waits.items()))

    def note_waits(self, at: datetime, decision: Decision) -> None:
        """Why each step that is due is not decided now."""
        if decision.state != "active":
            return
        gone = {one.step.key for one in decision.steps}
        known = after(self.facts, decision.steps, at) if gone else self.facts
        for due_at, step in pending_steps(self.steps, known, at):
            if due_at <= at and step.key not in gone:
                self._waits.setdefault(step.key, {}).update(self._why(step, at, decision))
        if decision.deferred_step is not None:
            kept = dict.fromkeys(decision.deferred_reasons, decision.deferred_until)
            self._waits.setdefault(decision.deferred_step, {}).update(kept)

    def _moved_by(self, one: DecidedStep) -> str | None:
        if self.facts.entry is not None:
            return OLD_DEBT_ENTRY
        return MINIMUM_GAP if self.facts.minimum_days_between and one.contact is not None else None

    def _why(self, step: Step, at: datetime, decision: Decision) -> dict[str, datetime | None]:
        if (until := opens_again_at(step, at, self.facts.time_zone)) is not None:
            return {OUTSIDE_WINDOW: until}
        if found := _of_all(decision):
            until = decision.deferred_until
            return dict.fromkeys(found, until)
        return {AWAITING_APPROVAL: None} if AWAITING_APPROVAL in decision.deferred_reasons else {}

    def _left(self) -> tuple[tuple[Step, str], ...]:
        """The steps that are left once nothing moves any more: kept back, behind one that is, or without a day to count from."""
        if self.last is None or self.last.state != "active":
            return ()
        found = []
        for position, step in enumerate(self.steps):
            past = self.facts.occurrences.get(step.key)
            if past is not None and not past.withdrawn:
                continue
            if instant_at(self.steps, position, self.facts) is None:
                found.append((step, UNKNOWN_BASE[step.relative_to]))
            else:
                found.append((step, next(iter(self._waits.get(step.key) or self._last_reasons()))))
        return tuple(found)

    def _last_reasons(self) -> tuple[str, ...]:
        assert self.last is not None
        return self.last.deferred_reasons or (AWAITING_APPROVAL,)

    def _position(self, step: Step) -> int:
        return next(n for n, one in enumerate(self.steps) if one.key == step.key)


def _of_all(decision: Decision) -> tuple[str, ...]:
    """The reasons that hold whatever the step is; those that are about single steps are told of those."""
    return tuple(
        code for code in decision.deferred_reasons if code not in (MINIMUM_GAP, OUTSIDE_WINDOW, AWAITING_APPROVAL)
    )


def _contacted(facts: CaseFacts, steps: Sequence[DecidedStep], at: datetime) -> CaseFacts:
    """The facts with what is written in the history that the contact policy counts."""
    made = tuple(
        Contacted(at=at, channel=one.channel or "email", contact_id=one.contact.id) for one in steps if one.contact
    )
    if not made or facts.gate is None:
        return facts
    return replace(facts, gate=replace(facts.gate, history=(*facts.gate.history, *made)))
