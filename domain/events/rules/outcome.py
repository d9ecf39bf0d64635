"""PURE: what a receiver's answer means, and what becomes of a delivery and its endpoint after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from domain.events.rules.backoff import wait_after

# Statuses with which a receiver may say when to come back.
_MAY_ASK_TO_WAIT = frozenset({429, 503})
LONGEST_WAIT = timedelta(hours=24)
# An endpoint that has accepted nothing for this long is switched off when a delivery is given up.
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Answer:
    """`delivered` (2xx), `retry` or `gone` (410: never again); `error` is a stable code, None when delivered."""

    kind: Literal["delivered", "retry", "gone"]
    error: str | None = None
    wait: timedelta = timedelta(0)


def answer_of(status: int | None, error: str | None, retry_after: str | None, at: datetime) -> Answer:
    """Reads an HTTP status, or the code of what went wrong before one came; a redirect is a failure, never followed."""
    if status is None or error is not None:
        return Answer("retry", error or "no_answer")
    if 200 <= status <= 299:
        return Answer("delivered")
    if status == 410:
        return Answer("gone", "gone")
    wait = wait_asked_for(retry_after, at) if status in _MAY_ASK_TO_WAIT else timedelta(0)
    return Answer("retry", "redirect" if 300 <= status <= 399 else "http_status", wait)


def wait_asked_for(retry_after: str | None, at: datetime) -> timedelta:
    """`Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3), at most LONGEST_WAIT; nonsense is no wait."""
    if retry_after is None:
        return timedelta(0)
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after[:10]), LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return timedelta(0)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - at, timedelta(0)), LONGEST_WAIT)


def next_attempt_at(answer: Answer, attempt: int, delivery_id: str, at: datetime) -> datetime | None:
    """When a failed delivery is tried again: on schedule, or later if the receiver asked for it; None to give it up."""
    scheduled = wait_after(attempt, delivery_id)
    return None if scheduled is None else at + max(scheduled, answer.wait)


def is_beyond_hope(failing_since: datetime | None, at: datetime) -> bool:
    """Whether an endpoint has failed for so long that giving up one delivery gives up the endpoint."""
    return failing_since is not None and at - failing_since >= GIVE_UP_AFTER
