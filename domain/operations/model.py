"""An operation: long work that answers 202 at once, shows its progress and can be taken up again after a crash."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

OperationKind = Literal[
    "import", "clock_advance", "bank_statement", "bank_acceptance", "channel_test", "case_migration"
]
OperationState = Literal["pending", "running", "succeeded", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts of what was done so far; for an import, of rows."""

    processed: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFailure:
    """Why the whole operation failed; rows that failed alone are listed under `/errors`."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Long work and how far it is."""

    id: str
    kind: OperationKind
    state: OperationState
    dry_run: bool
    progress: Progress
    result: dict[str, Any] = field(default_factory=dict)
    error: OperationFailure | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationError:
    """One thing that could not be done: line and column of the input (line 1 is the header), code, explanation, the value.

    `number` counts the errors of one operation.
    """

    number: int = 0
    line: int
    column: str
    code: str
    detail: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedOperation:
    """An operation as its worker sees it: with its input, and the position up to which it was done before."""

    id: str
    kind: OperationKind
    dry_run: bool
    input: dict[str, Any]
    progress: Progress
    position: int
