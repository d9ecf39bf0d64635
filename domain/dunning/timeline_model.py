"""What was and will be in a case, told in full: each step with its channel, recipient and text, and what is in its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.dunning.assigning_model import EffectivePlan
from domain.dunning.model import Case, Occurrence
from domain.dunning.rules.facts import CloseReason, OutcomeKind
from domain.dunning.rules.steps import ActionType
from domain.kernel.pii import ADDRESS
from domain.kernel.records import record
from domain.messaging.model import ChannelName, NoticeState, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A stable code and what it means, in the language asked for."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Something in the way of a step: a stable code, what it means, and until when; null if nobody knows.

    Codes are an open set: whoever meets one that he does not know takes the step as not allowed.
    """

    code: str
    message: str
    until: datetime | None = None


@record(frozen=True, slots=True, kw_only=True)
class PastStep(Occurrence):
    """An occurrence with what became of its notice; `reason_details` are its reasons in words, `notice_reason` the notice's."""

    reason_details: list[Reason] = field(default_factory=list)
    channel: ChannelName | None = None
    contact_id: str | None = None
    recipient: str | None = field(default=None, metadata=ADDRESS)
    notice_state: NoticeState | None = None
    notice_reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureStep:
    """A step that has not been decided yet: when it falls due, when it will be decided, and what will become of it as things stand.

    `blockers` are all that keeps it back until `expected_at`, and, where it does not come to be done, why. What it writes is told with
    the amounts, addresses and templates of now: `subject` and `body` only where texts were asked for, made by the renderer that sends.
    The number of a letter is not known before: its text shows a sample.
    """

    step_key: str
    due_at: datetime
    action: ActionType
    outcome: OutcomeKind = "done"
    reasons: list[str] = field(default_factory=list)
    expected_at: datetime
    reason_details: list[Reason] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)
    channel: ChannelName | None = None
    contact_id: str | None = None
    recipient: str | None = field(default=None, metadata=ADDRESS)
    template_key: str | None = None
    tone: Tone | None = None
    locale: str | None = None
    letter: bool = False
    new_due_on: date | None = None
    subject: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStep:
    """A step that has no day yet, and why: it counts from a day that is not known, or somebody has to approve one before it."""

    step_key: str
    action: ActionType
    reason: str
    blockers: list[Blocker] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTimeline:
    """What happened in a case, and what will happen if nothing changes; `closes_as` is how its ladder would end by itself."""

    case: Case
    past: list[PastStep]
    future: list[FutureStep]
    waiting: list[WaitingStep] = field(default_factory=list)
    closes_as: CloseReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableExplanation:
    """Why a receivable is, or is not, being reminded of: by which plan, what comes next and when, and all that is in the way now.

    `next_step` is the next one that is not left out, null if there is none whose day is known; `eligible_from` is when it will be
    decided as things stand. `is_allowed` says that nothing is in its way. `last_step` is what was decided last.
    """

    receivable_id: str
    customer_id: str
    plan: EffectivePlan
    case: Case | None
    last_step: PastStep | None
    next_step: FutureStep | None
    eligible_from: datetime | None
    is_allowed: bool
    blockers: list[Blocker]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSimulation:
    """What a version of a plan would do from `starts_at` on: the steps in order, those without a day, and how the ladder would end.

    `is_complete` says that no step was cut off by the number of steps or days asked for.
    """

    plan_id: str
    plan_version_id: str
    number: int
    starts_at: datetime
    steps: list[FutureStep]
    waiting: list[WaitingStep]
    closes_as: CloseReason | None
    is_complete: bool
