"""Reminder plans and their versions, cases that walk through one of them, and what became of each step on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.dunning.rules.control import PlanMode, PlanRelease
from domain.dunning.rules.facts import ApprovalState, CaseState, CloseReason, OutcomeKind
from domain.dunning.rules.options import Anchor, PlanOptions
from domain.dunning.rules.steps import ActionType, Step
from domain.kernel.pii import ADDRESS
from domain.kernel.records import record

PlanState = Literal["draft", "published"]
DelayReason = Literal[
    "forgot",
    "process_stuck",
    "invoice_lost",
    "cash_shortage",
    "dispute",
    "unwilling",
    "unreachable",
    "other",
]
PlanVersionState = Literal["draft", "published", "retired"]

__all__ = [
    "Approval",
    "ApprovalState",
    "Case",
    "CaseReceivable",
    "CaseState",
    "CloseReason",
    "DelayReason",
    "Occurrence",
    "PlanFault",
    "PlanLint",
    "PlanMode",
    "PlanPreset",
    "PlanRelease",
    "PlanState",
    "PlanVersion",
    "PlanVersionState",
    "ReminderPlan",
    "ReminderSettings",
    "ShadowEffect",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """One form of a plan; once published it never changes, and the cases that walk through it keep it."""

    id: str
    number: int
    state: PlanVersionState
    steps: list[Step]
    options: PlanOptions = field(default_factory=PlanOptions)
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPlan:
    """A dunning procedure. The default plan, once published, is the one that receivables get for which nothing else is chosen.

    A plan that `does_nothing` has no steps: where it applies nobody is reminded, and that is a choice like any other. Where a rule
    chooses the plan (a segment, or that it is the default one) only `rollout_percent` of the customers get it, always the same.

    A plan in mode `shadow` is only tried: its cases say what would have been done, and nothing is. While a plan is paused, since
    `paused_at`, its cases wait and nothing is sent for it. With the release `manual` its notices wait as `proposed` for somebody who
    releases them.
    """

    id: str
    external_id: str | None
    name: str
    is_default: bool
    does_nothing: bool = False
    rollout_percent: int = 100
    mode: PlanMode = "live"
    paused_at: datetime | None = None
    release: PlanRelease = "automatic"
    state: PlanState
    published_version: PlanVersion | None
    draft_version: PlanVersion | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPreset:
    """A plan that comes with Dunwell, in the tenant's language, to be installed as a draft. `source` says where the ladder comes from.

    `channels` are all that a step may use; where a tenant has only e-mail every step that writes goes that way.
    """

    key: str
    name: str
    description: str
    source: str
    channels: list[str]
    steps: list[Step]
    options: PlanOptions = field(default_factory=PlanOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSettings:
    """How one receivable is reminded where it differs: each null leaves it to the plan, and `plan_id` to what else chooses a plan.

    A case in which no step has been decided yet takes the plan; one that has acted keeps its own. Days of grace, 0 to 365, move
    the steps after the due date. Two notices are at least `minimum_days_between` days, 1 to 365, apart: a step that would write
    earlier is moved, not skipped. `delay_reason` says why the customer pays late, as far as anybody knows: steps of a plan may ask.
    """

    receivable_id: str
    plan_id: str | None
    grace_days: int | None
    minimum_days_between: int | None
    delay_reason: DelayReason | None = None
    version: int
    created_at: datetime
    updated_at: datetime


@record(frozen=True, slots=True, kw_only=True)
class Case:
    """One receivable, or all that a customer owes in one currency, walking through one plan version.

    The anchor says which: `receivable` follows the receivable that it names; `oldest_open` and `balance` name a currency instead and
    follow the due date of the oldest open receivable, of which they stand for all. `round_started_at` is when such a case was last
    taken up after nothing was owed. `enters_on` is the customer's day on which a debt that was old when it came begins to be
    reminded. A `combined` case is decided together with the customer's others. `next_action_at` is None when no step is to come.
    `deferred_reasons` say why a step that is due waits, `deferred_until` until when, None if nobody knows; `deferred_step` is the
    key of the step that the contact policy makes wait.
    """

    id: str
    receivable_id: str | None
    customer_id: str
    anchor: Anchor = "receivable"
    currency: str | None = None
    plan_id: str
    plan_version_id: str
    state: CaseState
    close_reason: CloseReason | None
    next_action_at: datetime | None
    deferred_reasons: list[str]
    deferred_until: datetime | None = None
    deferred_step: str | None = None
    opened_at: datetime
    closed_at: datetime | None
    version: int
    round_started_at: datetime | None = None
    enters_on: date | None = None
    combined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReceivable:
    """A receivable that a case stands for, settled or not, and since when."""

    receivable_id: str
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowEffect:
    """What a step would have come to, and whom it would have written to, had its plan not only been tried.

    `recipient` is masked for everybody; `needs_approval` says that somebody would have been asked first.
    """

    outcome: OutcomeKind
    reasons: list[str]
    channel: str | None
    contact_id: str | None
    recipient: str | None = field(metadata=ADDRESS)
    needs_approval: bool


@record(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One step that fell due in one case: when, what became of it and why, what it made and which receivable it was about.

    The reasons of one that is done say why the contact policy made it wait, or what of the customer's behaviour moved or repeated it.
    Occurrences of before this was kept name no receivable; theirs is the case's.
    """

    id: str
    case_id: str
    step_key: str
    number: int
    due_at: datetime
    decided_at: datetime
    outcome: OutcomeKind
    reasons: list[str]
    action: ActionType
    notice_id: str | None
    task_id: str | None
    escalation_id: str | None
    charge_id: str | None
    approval_id: str | None
    branch: int | None = None
    """Which of the step's branches was taken, counted from 0; None if none held."""
    shadow: ShadowEffect | None = None
    """What would have been done, in a plan that is only tried."""
    anchor_receivable_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A step of a case that fell due and that somebody has to approve. `decided_by` is the user or client who did.

    `action` is what the step does; `title` what a step says that is nothing but an approval.
    """

    id: str
    case_id: str
    customer_id: str
    receivable_id: str
    step_key: str
    number: int
    action: ActionType
    title: str | None
    state: ApprovalState
    due_at: datetime
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """One place of a plan that is wrong, or that somebody should know of: RFC 6901 pointer, stable code, explanation.

    Errors stand against publishing, warnings do not.
    """

    severity: Literal["error", "warning"]
    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLint:
    """Everything that stands against publishing a plan, empty if nothing does."""

    faults: list[PlanFault]
