"""PURE: how a debt that is old already enters a plan, and on which day, so that many of them do not come at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from domain.dunning.rules.options import EnterAt
from domain.dunning.rules.rounds import Entry
from domain.dunning.rules.schedule import Pending
from domain.kernel.calendar import instant_of, local_date, zone

OLD_DEBT = "old_debt"
PER_DAY = 500


def entry_of(on: date, opened_at: datetime, enter_at: EnterAt, time_zone: str) -> Entry | None:
    """How a case enters; None if it walks as any other: by age, and at once."""
    if enter_at == "by_age" and on <= local_date(opened_at, time_zone):
        return None
    return Entry(on=on, opened_at=opened_at, enter_at=enter_at)


def is_old(ordered: Sequence[Pending], due_on: date, now: datetime, time_zone: str) -> bool:
    """Whether the day of a step is over that was not before the due date; what is due today is not old."""
    today = local_date(now, time_zone)
    return any(due_on <= local_date(at, time_zone) < today for at, _ in ordered)


def entered(ordered: Sequence[Pending], entry: Entry, time_zone: str) -> tuple[list[Pending], frozenset[str]]:
    """The ladder, in order, as this case walks it, and the keys of the steps that it leaves out because the debt is old.

    Nothing happens before the entry. first: the first step since the due date comes then, the others as long after it as the plan
    says. by_age: the steps that have passed by then are due then, of which the latest e-mail goes out. skip: those of the days before
    are left out.
    last: all but the last step are left out, and that one comes then or at its own time. A debt that has no passed step any more,
    since its due date has moved, walks as any other.
    """
    passed = [pair for pair in ordered if local_date(pair[0], time_zone) <= entry.on]
    if not passed:
        return list(ordered), frozenset()
    begins_at = _begins_at(passed[-1][0], entry, time_zone)
    if entry.enter_at == "first":
        return _from_first(ordered, entry, begins_at, time_zone), frozenset()
    if entry.enter_at == "by_age":
        left_out: frozenset[str] = frozenset()
    elif entry.enter_at == "skip":
        left_out = frozenset(step.key for at, step in passed if local_date(at, time_zone) < entry.on)
    else:
        left_out = frozenset(step.key for _, step in ordered[:-1])
    moved = [(begins_at if step.key in left_out else max(at, begins_at), step) for at, step in ordered]
    return sorted(moved, key=_at), left_out


def places(old: int, taken: Mapping[date, int], per_day: int, first: date) -> Iterator[date]:
    """The days on which the next `old` cases enter: each day takes `per_day`, those in `taken` included."""
    day, room = first, per_day - taken.get(first, 0)
    for _ in range(old):
        while room <= 0:
            day += timedelta(days=1)
            room = per_day - taken.get(day, 0)
        yield day
        room -= 1


def _begins_at(last_passed: datetime, entry: Entry, time_zone: str) -> datetime:
    if entry.on <= local_date(entry.opened_at, time_zone):
        return entry.opened_at
    return instant_of(entry.on, last_passed.astimezone(zone(time_zone)).time(), time_zone)


def _from_first(ordered: Sequence[Pending], entry: Entry, begins_at: datetime, time_zone: str) -> list[Pending]:
    first = next((at for at, step in ordered if step.offset_days >= 0), ordered[0][0])
    later = max((entry.on - local_date(first, time_zone)).days, 0)
    moved = []
    for at, step in ordered:
        local = at.astimezone(zone(time_zone))
        own = instant_of(local.date() + timedelta(days=later), local.time(), time_zone) if at >= first else at
        moved.append((max(own, begins_at), step))
    return sorted(moved, key=_at)


def _at(pending: Pending) -> datetime:
    return pending[0]
