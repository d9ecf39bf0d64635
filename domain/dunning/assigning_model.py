"""What chooses a reminder plan, and what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.dunning.rules.assigning import LosingReason, PlanSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReminderSettings:
    """The plan of all receivables of one customer that have none of their own. Cases that have not acted yet take it at once."""

    customer_id: str
    plan_id: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAssignment:
    """A rule: customers of this segment get this plan. Of several the one with the smallest priority is asked first.

    It counts for cases that are opened from now on; applying the assignments moves those that have not acted yet.
    """

    id: str
    segment_id: str
    plan_id: str
    priority: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReevaluation:
    """That all cases which have not acted are to get the plan that applies now; workers see to it."""

    requested_at: datetime
    assignment_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WinningPlan:
    """The plan that applies and by what; with the source `none` no plan does, and nobody is reminded."""

    source: PlanSource
    plan_id: str | None = None
    plan_name: str | None = None
    plan_version_id: str | None = None
    version: int | None = None
    does_nothing: bool = False
    assignment_id: str | None = None
    segment_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LosingPlan:
    """A plan that might have applied, and why it does not."""

    source: PlanSource
    plan_id: str
    plan_name: str
    version: int | None
    does_nothing: bool
    assignment_id: str | None
    segment_id: str | None
    reason: LosingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectivePlan:
    """Which plan would apply if a case were opened now. A running case may walk through another one: `case_plan_id`."""

    customer_id: str
    receivable_id: str | None
    winner: WinningPlan
    losers: list[LosingPlan]
    case_id: str | None = None
    case_plan_id: str | None = None
