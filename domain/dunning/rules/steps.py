"""PURE: the steps of a reminder plan, and how they are read from JSON with a pointer to each wrong place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from domain.collections.model import EscalationLevel
from domain.kernel.errors import FieldError, InvalidInput

MOST_STEPS = 100
EARLIEST_OFFSET, LATEST_OFFSET = -365, 3650

_KEY = re.compile(r"[a-z0-9_-]{1,50}", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAction:
    """Send the customer's contact an e-mail made from a template."""

    type: Literal["email"] = "email"
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAction:
    """Open a task for a user."""

    type: Literal["task"] = "task"
    title: str
    assignee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAction:
    """Take the case out of the ordinary ladder."""

    type: Literal["escalation"] = "escalation"
    level: EscalationLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAction:
    """Add what a charge rule comes to, up to the day on which the step is carried out, to what is owed."""

    type: Literal["charge"] = "charge"
    charge_rule_id: str


Action = EmailAction | TaskAction | EscalationAction | ChargeAction
ActionType = Literal["email", "task", "escalation", "charge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of a plan: `offset_days` after the due date (negative: before), at a local time such as `09:00`."""

    key: str
    offset_days: int
    time_of_day: str
    action: Action


def parse_steps(raw: Sequence[Mapping[str, Any]]) -> list[Step]:
    """The steps of a plan out of their JSON form; raises InvalidInput with a pointer to every wrong place."""
    if len(raw) > MOST_STEPS:
        raise InvalidInput.at("/steps", "too_many_steps", f"A plan has at most {MOST_STEPS} steps.")
    errors = [error for position, step in enumerate(raw) for error in _wrong_in_step(f"/steps/{position}", step)]
    errors += _repeated_keys(raw)
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
    return [step_from(step) for step in raw]


def step_from(raw: Mapping[str, Any]) -> Step:
    """A step from its JSON form, which has been checked before."""
    action = raw["action"]
    made: Action
    match action["type"]:
        case "email":
            made = EmailAction(template=action["template"])
        case "task":
            made = TaskAction(title=action["title"], assignee=action.get("assignee"))
        case "charge":
            made = ChargeAction(charge_rule_id=action["charge_rule_id"])
        case _:
            made = EscalationAction(level=action["level"])
    return Step(key=raw["key"], offset_days=raw["offset_days"], time_of_day=raw["time_of_day"], action=made)


def templates_of(steps: Sequence[Step]) -> dict[str, list[int]]:
    """The keys of the e-mail templates that the steps use, with the positions of those steps."""
    used: dict[str, list[int]] = {}
    for position, step in enumerate(steps):
        if isinstance(step.action, EmailAction):
            used.setdefault(step.action.template, []).append(position)
    return used


def charge_rules_of(steps: Sequence[Step]) -> dict[str, list[int]]:
    """The ids of the charge rules that the steps use, with the positions of those steps."""
    used: dict[str, list[int]] = {}
    for position, step in enumerate(steps):
        if isinstance(step.action, ChargeAction):
            used.setdefault(step.action.charge_rule_id, []).append(position)
    return used


def _wrong_in_step(at: str, step: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unknown(at, step, {"key", "offset_days", "time_of_day", "action"})
    if not _is_text(step.get("key"), 50) or not _KEY.fullmatch(step["key"]):
        yield FieldError(f"{at}/key", "malformed_key", "A key is 1 to 50 of a-z, 0-9, _ and -.")
    offset = step.get("offset_days")
    if not isinstance(offset, int) or isinstance(offset, bool) or not EARLIEST_OFFSET <= offset <= LATEST_OFFSET:
        yield FieldError(
            f"{at}/offset_days", "offset_out_of_range", f"offset_days is {EARLIEST_OFFSET} to {LATEST_OFFSET}."
        )
    if not isinstance(step.get("time_of_day"), str) or not _TIME.fullmatch(step["time_of_day"]):
        yield FieldError(f"{at}/time_of_day", "malformed_time", "A time of day is 00:00 to 23:59.")
    yield from _wrong_in_action(f"{at}/action", step.get("action"))


def _wrong_in_action(at: str, action: Any) -> Iterator[FieldError]:
    if not isinstance(action, Mapping):
        yield FieldError(at, "required", "A step has an action.")
        return
    check = _ACTIONS.get(str(action.get("type")))
    if check is None:
        yield FieldError(f"{at}/type", "unknown_action", f"An action is one of {', '.join(_ACTIONS)}.")
        return
    yield from check(at, action)


def _wrong_in_email(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unknown(at, action, {"type", "template"})
    if not _is_text(action.get("template"), 100):
        yield FieldError(f"{at}/template", "required", "An e-mail needs the key of a template.")


def _wrong_in_task(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unknown(at, action, {"type", "title", "assignee"})
    if not _is_text(action.get("title"), 300):
        yield FieldError(f"{at}/title", "required", "A task needs a title of at most 300 characters.")
    if action.get("assignee") is not None and not _is_text(action["assignee"], 200):
        yield FieldError(f"{at}/assignee", "malformed_assignee", "An assignee is a text of at most 200 characters.")


def _wrong_in_escalation(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unknown(at, action, {"type", "level"})
    if action.get("level") not in get_args(EscalationLevel):
        levels = ", ".join(get_args(EscalationLevel))
        yield FieldError(f"{at}/level", "unknown_level", f"A level is one of {levels}.")


def _wrong_in_charge(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unknown(at, action, {"type", "charge_rule_id"})
    if not _is_text(action.get("charge_rule_id"), 40):
        yield FieldError(f"{at}/charge_rule_id", "required", "A charge needs the id of a charge rule.")


_ACTIONS: dict[str, Callable[[str, Mapping[str, Any]], Iterator[FieldError]]] = {
    "email": _wrong_in_email,
    "task": _wrong_in_task,
    "escalation": _wrong_in_escalation,
    "charge": _wrong_in_charge,
}


def _repeated_keys(raw: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    seen: set[Any] = set()
    for position, step in enumerate(raw):
        key = step.get("key")
        if isinstance(key, str):
            if key in seen:
                yield FieldError(f"/steps/{position}/key", "repeated_key", f"Another step has the key {key!r}.")
            seen.add(key)


def _unknown(at: str, given: Mapping[str, Any], known: set[str]) -> Iterator[FieldError]:
    for name in given:
        if name not in known:
            pointer = str(name).replace("~", "~0").replace("/", "~1")
            yield FieldError(f"{at}/{pointer}", "unknown_field", f"There is no field {name!r} here.")


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest
