"""PURE: the ladder of an account whose oldest debt was paid: it goes on with the next oldest and leaves no rung out.

Kill Bill #2297: an account with several unpaid invoices paid the oldest, and the next check, made for the paid one, found the next
invoice old enough for BLOCKED; WARNING was never entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.dunning.rules.rounds import Round
from domain.dunning.rules.schedule import Pending
from domain.kernel.calendar import instant_of, local_date, zone


def re_anchored(ordered: Sequence[Pending], so_far: Round, now: datetime, time_zone: str) -> list[Pending]:
    """The whole ladder, in order, of the debt that the account follows now: when each rung is to be entered.

    A rung that the customer has been on in this round comes by the age of this debt. Where notices name all that is overdue, it has
    been said of this debt as well: it comes again only if its time is as long after the last notice of that rung or a higher one as
    the plan would have it wait. Of the others each waits for the one before it as long as the plan
    itself would have it wait, and none is reached before the one below: the second of them is later than `now` while the first is
    not decided.
    """
    reached = max((n for n, (_, step) in enumerate(ordered) if step.key in so_far.entered), default=-1)
    if reached < 0:
        return list(ordered)
    moved = _on_known_rungs(ordered, reached, so_far, time_zone)
    before = max(so_far.entered.values())
    for position in range(reached + 1, len(ordered)):
        at, step = ordered[position]
        at = max(at, _later(before, _gap(ordered, position, time_zone), at, time_zone))
        moved.append((at, step))
        before = max(at, now)
    return moved


def _on_known_rungs(ordered: Sequence[Pending], reached: int, so_far: Round, time_zone: str) -> list[Pending]:
    if not so_far.lists_all:
        return list(ordered[: reached + 1])
    kept: list[Pending] = []
    latest: datetime | None = None
    for position in range(reached, -1, -1):
        at, step = ordered[position]
        entered = so_far.entered.get(step.key)
        latest = max(latest, entered) if latest and entered else latest or entered
        # Nothing comes before the first rung: it keeps the distance of the one after it.
        if latest is None or at >= _later(latest, _gap(ordered, max(position, 1), time_zone), at, time_zone):
            kept.append((at, step))
    return kept[::-1]


def _gap(ordered: Sequence[Pending], position: int, time_zone: str) -> int:
    """How many days the plan leaves between a rung and the one before it."""
    if not 0 < position < len(ordered):
        return 0
    own, previous = (local_date(ordered[n][0], time_zone) for n in (position, position - 1))
    return (own - previous).days


def _later(before: datetime, days: int, at: datetime, time_zone: str) -> datetime:
    """`days` after the day of `before`, at the time of day of `at`; never before `before` itself."""
    day = local_date(before, time_zone) + timedelta(days=days)
    return max(before, instant_of(day, at.astimezone(zone(time_zone)).time(), time_zone))
