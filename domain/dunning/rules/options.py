"""PURE: what holds for a whole version of a plan, beside its steps, and how it is read from JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from domain.dunning.rules.condition_fields import STEP_FIELDS
from domain.dunning.rules.json_places import is_whole, unknown_fields
from domain.kernel.errors import FieldError, InvalidInput
from domain.kernel.money import Money
from domain.kernel.predicate import Predicate, faults, predicate_from

Anchor = Literal["receivable", "oldest_open", "balance"]
EnterAt = Literal["first", "by_age", "last", "skip"]

MOST_PER_DAY = 1_000_000
MOST_NOTICES = 1_000
MOST_DAYS = 365
MOST_MINIMUMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDebt:
    """Where a debt enters that is late already when its case opens; at most `per_day` of a plan begin on one day, None for 500."""

    enter_at: EnterAt = "by_age"
    per_day: int | None = None


# Without slots, so that what is compiled can be kept beside the fields.
@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What holds for all steps of a version; the defaults are what plans did before there were options.

    `stop_when` is a predicate in its JSON form; `minimum_amount` is net of unapplied credit, at most one for each currency.
    `learn_pay_day`: what is written before the due date is written as long before the day of the month on which the customer pays.
    `next_channel_when_unread_days`: so many days after a notice that nobody has read, its step is written through its next channel.
    `raise_when_no_reply_days`: so many days after an overdue notice without a sign of the customer, the next step falls due.
    """

    anchor: Anchor = "receivable"
    combine: bool = False
    minimum_amount: tuple[Money, ...] = ()
    old_debt: OldDebt = field(default_factory=OldDebt)
    stop_when: dict[str, Any] | None = None
    maximum_notices: int | None = None
    learn_pay_day: bool = False
    next_channel_when_unread_days: int | None = None
    raise_when_no_reply_days: int | None = None

    @property
    def minds_silence(self) -> bool:
        """Whether anything happens because a notice is not read or not answered."""
        return self.next_channel_when_unread_days is not None or self.raise_when_no_reply_days is not None

    @property
    def learns(self) -> bool:
        """Whether anything has to be known of how the customer behaves."""
        return self.learn_pay_day or self.raise_when_no_reply_days is not None

    @cached_property
    def stops(self) -> Predicate | None:
        """`stop_when`, ready to be asked."""
        return None if self.stop_when is None else predicate_from(self.stop_when, STEP_FIELDS)


_NUMBERS = {
    "maximum_notices": (1, MOST_NOTICES),
    "next_channel_when_unread_days": (1, MOST_DAYS),
    "raise_when_no_reply_days": (1, MOST_DAYS),
}
_FLAGS = ("combine", "learn_pay_day")
_KNOWN = {"anchor", "minimum_amount", "old_debt", "stop_when", *_NUMBERS, *_FLAGS}


def parse_options(raw: Mapping[str, Any], at: str = "/options") -> PlanOptions:
    """The options out of their JSON form; raises InvalidInput with a pointer to every wrong place."""
    errors = faults_of_options(raw, at)
    if errors:
        raise InvalidInput("invalid_input", errors[0].detail, tuple(errors))
    return options_from(raw)


def options_from(raw: Mapping[str, Any]) -> PlanOptions:
    """The options of a JSON form that has been checked before; what it leaves out has its default."""
    told = {name: value for name, value in raw.items() if value is not None}
    if "minimum_amount" in told:
        amounts = told["minimum_amount"]
        told["minimum_amount"] = tuple(Money.parse(one["amount"], one["currency"]) for one in amounts)
    if "old_debt" in told:
        told["old_debt"] = OldDebt(**told["old_debt"])
    return PlanOptions(**told)


def faults_of_options(raw: Any, at: str = "/options") -> list[FieldError]:
    """Every wrong place of the JSON form of options."""
    if not isinstance(raw, Mapping):
        return [FieldError(at, "malformed_options", "Options are an object.")]
    return [*unknown_fields(at, raw, _KNOWN), *_faults(raw, at)]


def _faults(raw: Mapping[str, Any], at: str) -> Iterator[FieldError]:
    if raw.get("anchor", "receivable") not in get_args(Anchor):
        yield FieldError(f"{at}/anchor", "unknown_anchor", f"An anchor is one of {', '.join(get_args(Anchor))}.")
    for name in _FLAGS:
        if not isinstance(raw.get(name, False), bool):
            yield FieldError(f"{at}/{name}", "malformed_flag", f"{name} is true or false.")
    for name, (least, most) in _NUMBERS.items():
        if raw.get(name) is not None and not is_whole(raw[name], least, most):
            yield FieldError(f"{at}/{name}", "number_out_of_range", f"{name} is {least} to {most}.")
    yield from _faults_of_minimums(raw.get("minimum_amount", ()), f"{at}/minimum_amount")
    yield from _faults_of_old_debt(raw.get("old_debt", {}), f"{at}/old_debt")
    if raw.get("stop_when") is not None:
        yield from faults(raw["stop_when"], STEP_FIELDS, f"{at}/stop_when")


def _faults_of_minimums(raw: Any, at: str) -> Iterator[FieldError]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) > MOST_MINIMUMS:
        yield FieldError(
            at, "malformed_minimum_amount", f"minimum_amount is a list of at most {MOST_MINIMUMS} amounts."
        )
        return
    seen: set[str] = set()
    for position, one in enumerate(raw):
        here = f"{at}/{position}"
        try:
            money = Money.parse(one["amount"], one["currency"])
        except InvalidInput as wrong:
            yield from (FieldError(f"{here}{error.pointer}", error.code, error.detail) for error in wrong.errors)
        except (TypeError, KeyError, AttributeError):
            yield FieldError(here, "malformed_minimum_amount", "An amount has amount and currency.")
        else:
            if money.amount < 0 or money.currency in seen:
                yield FieldError(here, "malformed_minimum_amount", "One amount of zero or more for each currency.")
            seen.add(money.currency)


def _faults_of_old_debt(raw: Any, at: str) -> Iterator[FieldError]:
    if not isinstance(raw, Mapping):
        yield FieldError(at, "malformed_old_debt", "old_debt is an object.")
        return
    yield from unknown_fields(at, raw, {"enter_at", "per_day"})
    if raw.get("enter_at", "by_age") not in get_args(EnterAt):
        yield FieldError(f"{at}/enter_at", "unknown_entry", f"enter_at is one of {', '.join(get_args(EnterAt))}.")
    if raw.get("per_day") is not None and not is_whole(raw["per_day"], 1, MOST_PER_DAY):
        yield FieldError(f"{at}/per_day", "number_out_of_range", f"per_day is 1 to {MOST_PER_DAY}.")
