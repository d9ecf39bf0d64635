"""PURE: the steps of a reminder plan, and how they are read from JSON with a pointer to each wrong place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from functools import cached_property
from typing import Any

import msgspec

from domain.dunning.rules.actions import (
    Action,
    ActionType,
    AlertAction,
    ApprovalAction,
    ChargeAction,
    EmailAction,
    EscalationAction,
    NoticeAction,
    TaskAction,
    WebhookAction,
    action_from,
    is_writing,
)
from domain.dunning.rules.condition_fields import BRANCH_FIELDS, STEP_FIELDS
from domain.dunning.rules.step_faults import (
    EARLIEST_OFFSET,
    LATEST_OFFSET,
    MOST_BRANCHES,
    MOST_STEPS,
    CatchUp,
    RelativeTo,
    faults_of_steps,
)
from domain.kernel.errors import InvalidInput
from domain.kernel.predicate import Predicate, predicate_from

__all__ = [
    "EARLIEST_OFFSET",
    "LATEST_OFFSET",
    "MOST_BRANCHES",
    "MOST_STEPS",
    "Action",
    "ActionType",
    "AlertAction",
    "ApprovalAction",
    "Branch",
    "CatchUp",
    "ChargeAction",
    "EmailAction",
    "EscalationAction",
    "NoticeAction",
    "RelativeTo",
    "Step",
    "TaskAction",
    "WebhookAction",
    "Window",
    "charge_rules_of",
    "is_gated",
    "parse_steps",
    "step_from",
    "templates_of",
]


# Structs, since a step is written down without what it leaves at its default; with a dict, to keep what is compiled.
class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of a day in which a step may be carried out, both ends included, in the customer's local time."""

    opens: str = msgspec.field(name="from")
    closes: str = msgspec.field(name="to")


class Branch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """Where to go on once the step is decided, if `when`, a predicate in its JSON form, holds: at a later step, or nowhere."""

    when: dict[str, Any]
    go_to: str | None = None
    stop: bool = False

    @cached_property
    def test(self) -> Predicate:
        """`when`, ready to be asked."""
        return predicate_from(self.when, BRANCH_FIELDS)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One rung of a plan: `offset_days` after a day (negative: before), at a local time such as `09:00` or in a window."""

    key: str
    offset_days: int
    time_of_day: str | None = None
    action: Action
    relative_to: RelativeTo = "due_date"
    window: Window | None = None
    condition: dict[str, Any] | None = None
    requires_approval: bool = False
    catch_up: CatchUp = "latest"
    branches: tuple[Branch, ...] = ()

    @cached_property
    def starts_at(self) -> str:
        """The local time at which the step falls due."""
        return self.window.opens if self.window is not None else self.time_of_day or "00:00"

    @cached_property
    def hours(self) -> tuple[time, time] | None:
        """First and last local time at which it may be carried out; None at any."""
        if self.window is None:
            return None
        return time.fromisoformat(self.window.opens), time.fromisoformat(self.window.closes)

    @cached_property
    def when(self) -> Predicate | None:
        """`condition`, ready to be asked."""
        return None if self.condition is None else predicate_from(self.condition, STEP_FIELDS)


_OPTIONAL = ("time_of_day", "condition")


def parse_steps(raw: Sequence[Mapping[str, Any]]) -> list[Step]:
    """The steps of a plan out of their JSON form; raises InvalidInput with a pointer to every wrong place."""
    errors = faults_of_steps(raw)
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
    return [step_from(step) for step in raw]


def step_from(raw: Mapping[str, Any]) -> Step:
    """A step from its JSON form, which has been checked before."""
    told = {name: raw[name] for name in _OPTIONAL if raw.get(name) is not None}
    # What says no more than the default is left out, so that it is not written down either.
    if raw.get("relative_to", "due_date") != "due_date":
        told["relative_to"] = raw["relative_to"]
    if raw.get("catch_up", "latest") != "latest":
        told["catch_up"] = raw["catch_up"]
    if raw.get("requires_approval"):
        told["requires_approval"] = True
    if raw.get("window") is not None:
        told["window"] = Window(opens=raw["window"]["from"], closes=raw["window"]["to"])
    if raw.get("branches"):
        told["branches"] = tuple(_branch(branch) for branch in raw["branches"])
    return Step(key=raw["key"], offset_days=raw["offset_days"], action=action_from(raw["action"]), **told)


def is_gated(step: Step) -> bool:
    """Whether somebody has to approve before the step is carried out."""
    return step.requires_approval or isinstance(step.action, ApprovalAction)


def templates_of(steps: Sequence[Step]) -> dict[str, list[int]]:
    """The keys of the templates that the steps use, with the positions of those steps."""
    used: dict[str, list[int]] = {}
    for position, step in enumerate(steps):
        if is_writing(step.action) or isinstance(step.action, AlertAction):
            used.setdefault(step.action.template, []).append(position)
    return used


def charge_rules_of(steps: Sequence[Step]) -> dict[str, list[int]]:
    """The ids of the charge rules that the steps use, with the positions of those steps."""
    used: dict[str, list[int]] = {}
    for position, step in enumerate(steps):
        if isinstance(step.action, ChargeAction):
            used.setdefault(step.action.charge_rule_id, []).append(position)
    return used


def _branch(raw: Mapping[str, Any]) -> Branch:
    if raw.get("stop"):
        return Branch(when=raw["when"], stop=True)
    return Branch(when=raw["when"], go_to=raw["go_to"])
