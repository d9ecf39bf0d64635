"""PURE: what the fields of activities and tasks may hold, and what may be done with a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from domain.collections.model import ActivityKind, ActivityOutcome, TaskState
from domain.kernel.errors import Conflict, FieldError, InvalidInput

_LONGEST = {"title": 300, "description": 10_000, "summary": 10_000, "assignee": 200, "note": 10_000}
_REQUIRED = frozenset({"title", "summary"})
_INSTANTS = frozenset({"due_at", "occurred_at"})
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_CHOICES = {"kind": get_args(ActivityKind), "outcome": get_args(ActivityOutcome)}


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raises InvalidInput naming every wrong field among those given."""
    errors = tuple(_wrong(fields))
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, errors)


def in_utc(instant: datetime | None) -> datetime | None:
    """The same instant, told in UTC as all instants are."""
    return instant.astimezone(UTC) if instant else None


def expect_open(state: TaskState) -> None:
    """Raises Conflict unless the task is still to be done."""
    if state == "completed":
        raise Conflict("task_already_completed", "The task has been completed.")
    if state == "cancelled":
        raise Conflict("task_already_cancelled", "The task has been cancelled.")


def _wrong(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, value in fields.items():
        if value is None or value == "":
            if name in _REQUIRED:
                yield FieldError(f"/{name}", "required", f"{name} must not be empty.")
        elif name in _LONGEST and len(value) > _LONGEST[name]:
            yield FieldError(f"/{name}", "too_long", f"{name} has at most {_LONGEST[name]} characters.")
        elif name in _CHOICES and value not in _CHOICES[name]:
            yield FieldError(f"/{name}", "unknown_value", f"{value!r} is not one of {', '.join(_CHOICES[name])}.")
        elif name in _INSTANTS and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            yield FieldError(f"/{name}", "instant_out_of_range", f"{name} is between {_FIRST_YEAR} and {_LAST_YEAR}.")
