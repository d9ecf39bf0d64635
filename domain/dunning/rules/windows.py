"""PURE: the hours of a day in which a step may be carried out."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.dunning.rules.steps import Step
from domain.kernel.calendar import instant_of, zone

OUTSIDE_WINDOW = "outside_window"


def opens_again_at(step: Step, now: datetime, time_zone: str) -> datetime | None:
    """None while the step's window is open, or if it has none; else the next instant at which it opens.

    Seconds are not looked at, so a window that opens and closes at the same minute is open for that minute. On a day whose clocks
    are moved over the window, it does not open.
    """
    if step.hours is None or _is_open(step, now, time_zone):
        return None
    day, opens = now.astimezone(zone(time_zone)).date(), step.hours[0]
    while True:
        at = instant_of(day, opens, time_zone)
        if at > now and _is_open(step, at, time_zone):
            return at
        day += timedelta(days=1)


def _is_open(step: Step, at: datetime, time_zone: str) -> bool:
    assert step.hours is not None
    clock = at.astimezone(zone(time_zone)).time().replace(second=0, microsecond=0)
    return step.hours[0] <= clock <= step.hours[1]
