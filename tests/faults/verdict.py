"""What must be true once everything has come to rest; each violation is one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg

# States in which a notice has come to rest.
_SENT, _UNKNOWN = "sent", "unknown"
_AT_REST = {_SENT, _UNKNOWN, "cancelled", "failed"}
Arrivals = Mapping[str, list[float]]
"""By notice id: when it arrived at the mail server, by the monotonic clock."""


async def violations(database_url: str, arrivals: Arrivals, paid_at: Mapping[str, float]) -> list[str]:
    """All of them; empty if the engine has kept its word."""
    database = await asyncpg.connect(database_url)
    try:
        notices = await database.fetch(
            "select id, receivable_id, case_id, step_key, state, reason from notices order by id"
        )
        cases = await database.fetch(_CASES)
        events = await database.fetch(_EVENTS)
        gap = await database.fetch(_IN_THE_GAP)
    finally:
        await database.close()
    return [
        *_lost_or_doubled(notices, arrivals),
        *_said_twice(notices),
        *_after_payment(notices, arrivals, paid_at),
        *_cases_left_behind(cases),
        *_gaps(events),
        *(f"a step at 02:30 of 8 March fell due at {row['due_at']}" for row in gap if row["due_at"] != _AFTER_THE_GAP),
        *(["no step fell into the gap"] if not gap else []),
    ]


_CASES = """
  select c.id, c.state, r.status, r.number, count(o.id) as decided
  from receivables r left join cases c on c.tenant_id = r.tenant_id and c.receivable_id = r.id
    left join occurrences o on o.tenant_id = c.tenant_id and o.case_id = c.id
  group by c.id, c.state, r.status, r.number, r.id order by r.id
"""
_EVENTS = """
  select s.tenant_id, s.last_sequence, count(e.sequence) as count, coalesce(min(e.sequence), 1) as first,
    coalesce(max(e.sequence), 0) as last
  from event_streams s left join events e on e.tenant_id = s.tenant_id group by s.tenant_id, s.last_sequence
"""
# 02:30 does not exist in New York on 8 March 2026: half an hour after the gap began, clocks show 03:30 (UTC-4).
_AFTER_THE_GAP = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
_IN_THE_GAP = """
  select o.due_at from occurrences o join cases c on c.tenant_id = o.tenant_id and c.id = o.case_id
  join receivables r on r.tenant_id = c.tenant_id and r.id = c.receivable_id
  where o.step_key = 'first' and r.number like 'S-%' and r.due_on = '2026-03-05'
"""


def _lost_or_doubled(notices: list[Any], arrivals: Arrivals) -> Iterator[str]:
    known = {notice["id"] for notice in notices}
    yield from (f"{one} arrived, but no such notice was committed" for one in arrivals if one not in known)
    for notice in notices:
        times, state = len(arrivals.get(notice["id"], ())), notice["state"]
        if state not in _AT_REST:
            yield f"{notice['id']} is still {state}"
        elif state == _SENT and times != 1:
            yield f"{notice['id']} is told as sent and arrived {times} times"
        elif state == _UNKNOWN and times > 1:
            yield f"{notice['id']} is told as unknown and arrived {times} times"
        elif state in ("cancelled", "failed") and times:
            yield f"{notice['id']} is told as {state} ({notice['reason']}) and arrived {times} times"


def _said_twice(notices: list[Any]) -> Iterator[str]:
    left = Counter((n["case_id"], n["step_key"]) for n in notices if n["state"] in (_SENT, _UNKNOWN))
    yield from (f"step {step} of {case} reminded {count} times" for (case, step), count in left.items() if count > 1)


def _after_payment(notices: list[Any], arrivals: Arrivals, paid_at: Mapping[str, float]) -> Iterator[str]:
    for notice in notices:
        paid = paid_at.get(notice["receivable_id"])
        if notice["state"] != _SENT or paid is None:
            continue
        late = [at for at in arrivals.get(notice["id"], ()) if at > paid]
        yield from (f"{notice['id']} was sent {at - paid:.3f} s after its payment was committed" for at in late)


def _cases_left_behind(cases: list[Any]) -> Iterator[str]:
    for case in cases:
        if case["id"] is None:
            if case["status"] == "open":
                yield f"receivable {case['number']} never got a case"
        elif case["status"] == "open" and case["state"] == "active" and case["decided"] == 0:
            yield f"{case['id']} never decided anything"
        elif case["status"] == "paid" and case["state"] != "closed":
            yield f"{case['id']} is {case['state']} although its receivable is paid"


def _gaps(events: list[Any]) -> Iterator[str]:
    for stream in events:
        if not stream["count"] == stream["last"] == stream["last_sequence"] or stream["first"] != 1:
            yield f"events of {stream['tenant_id']}: {dict(stream)}"
