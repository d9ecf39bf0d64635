"""PURE: a case that stands for all that a customer owes in one currency: which debt it follows, what it asks for, what was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from domain.dunning.rules.facts import LastOccurrence, SettledAs, decided_again
from domain.dunning.rules.rounds import Round
from domain.kernel.money import Money
from domain.kernel.records import record

_LOST = ("bounced", "failed")
# What was passed over has not been said to anybody: such a rung has not been entered.
_PASSED_OVER = frozenset({"superseded", "old_debt", "due_date_passed", "branched_over", "stopped", "before_migration"})


@record(frozen=True, slots=True, kw_only=True)
class Member:
    """An open receivable that an account's case stands for."""

    receivable_id: str
    number: str
    amount: Money
    open_amount: Money
    disputed_amount: Money
    issued_on: date
    due_on: date
    due_on_is_provisional: bool = False
    grace_days: int = 0
    minimum_days_between: int = 0

    @property
    def due_amount(self) -> Money:
        """What is open and not disputed."""
        return self.open_amount - self.disputed_amount


@record(frozen=True, slots=True, kw_only=True)
class Past:
    """One occurrence of a case, with the receivable that it was about."""

    step_key: str
    about: str | None
    decided_at: datetime
    last: LastOccurrence


def anchor_of(members: Iterable[Member]) -> Member | None:
    """The oldest debt that the customer is to be reminded of.

    One whose due date is not settled yet, or that is contested as a whole, leads only where there is no other.
    """
    return min(
        members, key=lambda m: (m.due_on_is_provisional, not m.due_amount, m.due_on, m.receivable_id), default=None
    )


def listed(members: Iterable[Member], anchor: Member, today: date) -> tuple[Member, ...]:
    """What a notice about the whole balance names, oldest first: the anchor, and all that is due by then or today."""
    until = max(anchor.due_on, today)
    others = (
        m for m in members if m is not anchor and m.due_on <= until and m.due_amount and not m.due_on_is_provisional
    )
    return tuple(sorted((anchor, *others), key=lambda m: (m.due_on, m.receivable_id)))


def next_due_on(members: Iterable[Member], anchor: Member, today: date) -> date | None:
    """The day on which the next member falls due that a notice of today would not name."""
    until = max(anchor.due_on, today)
    return min((m.due_on for m in members if m.due_on > until and not m.due_on_is_provisional), default=None)


def settled_as(statuses: Iterable[str]) -> SettledAs:
    """How it came that an account owes nothing: paid if anything was."""
    found = set(statuses)
    if found == {"written_off"}:
        return "written_off"
    return "cancelled" if found == {"cancelled"} else "paid"


def said(
    past: Sequence[Past], anchor: Member, open_ids: Iterable[str], since: datetime | None, *, lists_all: bool
) -> tuple[dict[str, LastOccurrence], Round | None]:
    """What was decided about the anchor, by step, and the round so far if it was about others too.

    A step that was decided only about others, or in an earlier round, is to be decided again: it counts as withdrawn, and only its
    number goes on. An escalation holds as long as the debt that it was raised about is open.
    """
    by_step: dict[str, list[Past]] = {}
    for one in past:
        by_step.setdefault(one.step_key, []).append(one)
    still_open = set(open_ids)
    occurrences = {key: _standing(found, anchor.receivable_id, still_open) for key, found in by_step.items()}
    entered = [one for one in past if _entered(one) and (since is None or one.decided_at >= since)]
    if all(one.about == anchor.receivable_id for one in entered):
        return occurrences, None
    times: dict[str, datetime] = {}
    for one in entered:
        times[one.step_key] = max(times.get(one.step_key, one.decided_at), one.decided_at)
    return occurrences, Round(entered=times, lists_all=lists_all)


def _standing(found: Sequence[Past], anchor_id: str, open_ids: set[str]) -> LastOccurrence:
    number = max(one.last.number for one in found)
    reminded = max((one.last.reminded_at for one in found if one.last.reminded_at), default=None)
    for one in found:
        if one.last.is_escalation and one.last.outcome == "done" and one.about in open_ids:
            return replace(one.last, number=number)
    own = [one for one in found if one.about == anchor_id and not one.last.withdrawn]
    for last in last_of_each(own).values():
        return replace(last, number=number, reminded_at=reminded)
    return LastOccurrence(number=number, outcome="skipped", reminded_at=reminded, withdrawn=True, elsewhere=True)


def last_of_each(past: Iterable[Past]) -> dict[str, LastOccurrence]:
    """The last occurrence of each step, of those in their order, with what the earlier ones leave behind."""
    found: dict[str, LastOccurrence] = {}
    for one in past:
        found[one.step_key] = decided_again(found.get(one.step_key), one.last)
    return found


def _entered(past: Past) -> bool:
    """Whether the case has been on the step; what was written and reached nobody does not count."""
    return not past.last.withdrawn and past.last.notice_state not in _LOST and not is_passed_over(past.last)


def is_passed_over(last: LastOccurrence) -> bool:
    """Whether the step was left out without a word."""
    return last.outcome == "skipped" and bool(_PASSED_OVER & set(last.reasons))
