"""What people do about a debt: activities that happened, tasks to be done, escalations out of the ordinary ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.kernel.money import Money

ActivityKind = Literal["call", "visit", "letter", "message", "note"]
ActivityOutcome = Literal["reached", "no_answer", "promised", "refused", "disputed", "other"]
TaskState = Literal["open", "completed", "cancelled"]
EscalationLevel = Literal["management", "service_suspension", "legal", "agency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened with a customer, perhaps about one receivable."""

    id: str
    customer_id: str
    receivable_id: str | None
    kind: ActivityKind
    outcome: ActivityOutcome | None
    summary: str
    occurred_at: datetime
    recorded_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something a user should do; one that a reminder plan opened names its case, step or notice."""

    id: str
    customer_id: str | None
    receivable_id: str | None
    case_id: str | None
    step_key: str | None
    notice_id: str | None
    title: str
    description: str
    assignee: str | None
    role: str | None = None
    """Whoever has this role may do it; the tenant says what its roles are."""
    due_at: datetime | None
    state: TaskState
    completion_note: str | None
    completed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A case has left the ordinary ladder; `open_amount` is what was owed at that moment."""

    id: str
    customer_id: str
    receivable_id: str
    case_id: str
    step_key: str
    level: EscalationLevel
    open_amount: Money
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task that the engine wants done."""

    title: str
    description: str = ""
    assignee: str | None = None
    role: str | None = None
    due_at: datetime | None = None
    customer_id: str | None = None
    receivable_id: str | None = None
    case_id: str | None = None
    step_key: str | None = None
    notice_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationDraft:
    """An escalation that the engine wants raised."""

    customer_id: str
    receivable_id: str
    case_id: str
    step_key: str
    level: EscalationLevel
    open_amount: Money
