"""PURE: what is wrong with the JSON form of steps, place by place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, get_args

from domain.dunning.rules.actions import faults_of_action
from domain.dunning.rules.condition_fields import BRANCH_FIELDS, STEP_FIELDS
from domain.dunning.rules.json_places import is_whole, unknown_fields
from domain.kernel.errors import FieldError
from domain.kernel.predicate import faults

RelativeTo = Literal["due_date", "issue_date", "new_due_date", "previous_step", "promise", "discount_date", "month_end"]
CatchUp = Literal["latest", "all", "skip"]

MOST_STEPS = 100
MOST_BRANCHES = 20
MOST_FAULTS = 100
EARLIEST_OFFSET, LATEST_OFFSET = -365, 3650
# Further back lies another month's end.
EARLIEST_BEFORE_MONTH_END = -27

_KEY = re.compile(r"[a-z0-9_-]{1,50}", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_KNOWN = {
    "key",
    "offset_days",
    "time_of_day",
    "action",
    "relative_to",
    "window",
    "condition",
    "requires_approval",
    "catch_up",
    "branches",
}


def faults_of_steps(raw: Any, at: str = "/steps") -> list[FieldError]:
    """At most 100 wrong places; more steps than a plan may have are not looked at one by one."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return [FieldError(at, "malformed_steps", "Steps are a list.")]
    if len(raw) > MOST_STEPS:
        return [FieldError(at, "too_many_steps", f"A plan has at most {MOST_STEPS} steps.")]
    every = (error for position, step in enumerate(raw) for error in _of_step(f"{at}/{position}", step))
    return list(islice([*islice(every, MOST_FAULTS), *_repeated_keys(raw, at)], MOST_FAULTS))


def _of_step(at: str, step: Any) -> Iterator[FieldError]:
    if not isinstance(step, Mapping):
        yield FieldError(at, "malformed_step", "A step is an object.")
        return
    yield from unknown_fields(at, step, _KNOWN)
    if not isinstance(step.get("key"), str) or not _KEY.fullmatch(step["key"]):
        yield FieldError(f"{at}/key", "malformed_key", "A key is 1 to 50 of a-z, 0-9, _ and -.")
    yield from _of_day(at, step)
    yield from _of_time(at, step)
    if step.get("condition") is not None:
        yield from faults(step["condition"], STEP_FIELDS, f"{at}/condition")
    if not isinstance(step.get("requires_approval", False), bool):
        yield FieldError(f"{at}/requires_approval", "malformed_flag", "requires_approval is true or false.")
    if step.get("catch_up", "latest") not in get_args(CatchUp):
        yield FieldError(f"{at}/catch_up", "unknown_catch_up", f"catch_up is one of {', '.join(get_args(CatchUp))}.")
    yield from _of_branches(f"{at}/branches", step.get("branches", ()))
    yield from faults_of_action(f"{at}/action", step.get("action"))


def _of_day(at: str, step: Mapping[str, Any]) -> Iterator[FieldError]:
    base = step.get("relative_to", "due_date")
    if base not in get_args(RelativeTo):
        known = ", ".join(get_args(RelativeTo))
        yield FieldError(f"{at}/relative_to", "unknown_base", f"relative_to is one of {known}.")
    earliest = {"previous_step": 0, "month_end": EARLIEST_BEFORE_MONTH_END}.get(str(base), EARLIEST_OFFSET)
    if not is_whole(step.get("offset_days"), earliest, LATEST_OFFSET):
        yield FieldError(f"{at}/offset_days", "offset_out_of_range", f"offset_days is {earliest} to {LATEST_OFFSET}.")


def _of_time(at: str, step: Mapping[str, Any]) -> Iterator[FieldError]:
    window = step.get("window")
    if window is None:
        if not _is_time(step.get("time_of_day")):
            yield FieldError(f"{at}/time_of_day", "malformed_time", "A time of day is 00:00 to 23:59.")
        return
    if step.get("time_of_day") is not None:
        yield FieldError(f"{at}/window", "window_and_time_of_day", "A step has a time of day or a window, not both.")
    if not isinstance(window, Mapping):
        yield FieldError(f"{at}/window", "malformed_window", "A window has from and to.")
        return
    yield from unknown_fields(f"{at}/window", window, {"from", "to"})
    wrong = [end for end in ("from", "to") if not _is_time(window.get(end))]
    for end in wrong:
        yield FieldError(f"{at}/window/{end}", "malformed_time", "A time of day is 00:00 to 23:59.")
    if not wrong and window["from"] > window["to"]:
        yield FieldError(f"{at}/window", "empty_window", "A window closes after it has opened, on the same day.")


def _of_branches(at: str, branches: Any) -> Iterator[FieldError]:
    if not isinstance(branches, Sequence) or isinstance(branches, str) or len(branches) > MOST_BRANCHES:
        yield FieldError(at, "malformed_branches", f"Branches are a list of at most {MOST_BRANCHES}.")
        return
    for position, branch in enumerate(branches):
        here = f"{at}/{position}"
        if not isinstance(branch, Mapping):
            yield FieldError(here, "malformed_branch", "A branch has when, and go_to or stop.")
            continue
        yield from unknown_fields(here, branch, {"when", "go_to", "stop"})
        yield from faults(branch.get("when"), BRANCH_FIELDS, f"{here}/when")
        go_to, stop = branch.get("go_to"), branch.get("stop", False)
        if not isinstance(stop, bool) or stop is (go_to is not None):
            yield FieldError(here, "malformed_branch", "A branch either goes to a step or stops.")
        elif go_to is not None and not (isinstance(go_to, str) and _KEY.fullmatch(go_to)):
            yield FieldError(f"{here}/go_to", "malformed_key", "A branch goes to the key of a step.")


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _repeated_keys(raw: Sequence[Any], at: str) -> Iterator[FieldError]:
    seen: set[Any] = set()
    for position, step in enumerate(raw):
        key = step.get("key") if isinstance(step, Mapping) else None
        if isinstance(key, str):
            if key in seen:
                yield FieldError(f"{at}/{position}/key", "repeated_key", f"Another step has the key {key!r}.")
            seen.add(key)
