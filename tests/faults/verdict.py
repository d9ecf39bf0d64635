"""What must be true once everything has come to rest; each violation is one sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from tests.faults.crowd import CHANNEL_OF_THE_CRM, MOST_NOTICES

# States in which a notice has come to rest.
_SENT, _UNKNOWN = "sent", "unknown"
_AT_REST = {_SENT, _UNKNOWN, "cancelled", "failed"}
Arrivals = Mapping[str, list[float]]
"""By notice id: when it arrived outside, by the monotonic clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What was seen from outside; `held` are debts that were surely on hold between two instants, `crowd` the tenant with a cap."""

    arrivals: Arrivals
    paid_at: Mapping[str, float]
    held: Sequence[tuple[str, float, float]]
    crowd: str


async def violations(database_url: str, seen: Witness) -> list[str]:
    """All of them; empty if the engine has kept its word."""
    database = await asyncpg.connect(database_url)
    try:
        notices = await database.fetch(_NOTICES)
        named = await database.fetch(_NAMED)
        cases = await database.fetch(_CASES)
        events = await database.fetch(_EVENTS)
        gap = await database.fetch(_IN_THE_GAP)
    finally:
        await database.close()
    return [
        *_lost_or_doubled(notices, seen.arrivals),
        *_said_twice(named),
        *_after_payment(named, seen),
        *_while_on_hold(named, seen),
        *_more_than_the_cap(notices, seen),
        *_nothing_combined(named, seen),
        *_cases_left_behind(cases),
        *_gaps(events),
        *(f"a step at 02:30 of 8 March fell due at {row['due_at']}" for row in gap if row["due_at"] != _AFTER_THE_GAP),
        *(["no step fell into the gap"] if not gap else []),
    ]


# One that the contact policy keeps back waits for a later day than any trial has.
_NOTICES = """
  select id, tenant_id, customer_id, channel, state, reason, coalesce(next_attempt_at, offered_at) > now() as waits
  from notices order by id
"""
# A row for each debt that a notice names.
_NAMED = """
  select n.id, n.tenant_id, n.step_key, n.state, n.channel, coalesce(r.receivable_id, n.receivable_id) as receivable_id
  from notices n left join notice_receivables r on r.tenant_id = n.tenant_id and r.notice_id = n.id order by n.id
"""
_CASES = """
  select c.id, c.state, r.status, r.number, count(o.id) as decided, c.deferred_reasons <> '[]' as is_deferred
  from receivables r left join cases c on c.tenant_id = r.tenant_id and c.receivable_id = r.id
    left join occurrences o on o.tenant_id = c.tenant_id and o.case_id = c.id
  group by c.id, c.state, c.deferred_reasons, r.status, r.number, r.id order by r.id
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
        if state == "queued" and notice["waits"] and not times:
            continue
        if state not in _AT_REST:
            yield f"{notice['id']} is still {state}"
        elif state == _SENT and times != 1:
            yield f"{notice['id']} is told as sent and arrived {times} times"
        elif state == _UNKNOWN and times > 1:
            yield f"{notice['id']} is told as unknown and arrived {times} times"
        elif state in ("cancelled", "failed") and times:
            yield f"{notice['id']} is told as {state} ({notice['reason']}) and arrived {times} times"


def _said_twice(named: list[Any]) -> Iterator[str]:
    left = Counter((n["receivable_id"], n["step_key"]) for n in named if n["state"] in (_SENT, _UNKNOWN))
    yield from (f"step {step} reminded of {debt} {count} times" for (debt, step), count in left.items() if count > 1)


def _after_payment(named: list[Any], seen: Witness) -> Iterator[str]:
    for notice in _sent_by_us(named):
        paid = seen.paid_at.get(notice["receivable_id"])
        late = [at for at in seen.arrivals.get(notice["id"], ()) if paid is not None and at > paid]
        yield from (f"{notice['id']} was sent {at - (paid or 0):.3f} s after its payment was committed" for at in late)


def _while_on_hold(named: list[Any], seen: Witness) -> Iterator[str]:
    held: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for receivable_id, since, until in seen.held:
        held[receivable_id].append((since, until))
    for notice in _sent_by_us(named):
        for since, until in held.get(notice["receivable_id"], ()):
            if any(since < at < until for at in seen.arrivals.get(notice["id"], ())):
                yield f"{notice['id']} was sent while {notice['receivable_id']} was on hold"


def _more_than_the_cap(notices: list[Any], seen: Witness) -> Iterator[str]:
    mine = (notice for notice in notices if notice["tenant_id"] == seen.crowd and notice["id"] in seen.arrivals)
    counted = Counter(notice["customer_id"] for notice in mine)
    yield from (
        f"{one} got {count} notices, more than the cap" for one, count in counted.items() if count > MOST_NOTICES
    )
    if MOST_NOTICES not in counted.values():
        yield "nobody came up to the cap"


def _nothing_combined(named: list[Any], seen: Witness) -> Iterator[str]:
    several = Counter(one["id"] for one in named if one["tenant_id"] == seen.crowd and one["state"] == _SENT)
    if not any(count > 1 for count in several.values()):
        yield "no notice told of several debts"


def _sent_by_us(named: list[Any]) -> Iterator[Any]:
    """Between the last question of a CRM and its sending lies time that is nobody's promise."""
    return (one for one in named if one["state"] == _SENT and one["channel"] != CHANNEL_OF_THE_CRM)


def _cases_left_behind(cases: list[Any]) -> Iterator[str]:
    for case in cases:
        if case["id"] is None:
            if case["status"] == "open":
                yield f"receivable {case['number']} never got a case"
        elif case["status"] == "open" and case["state"] == "active" and not (case["decided"] or case["is_deferred"]):
            yield f"{case['id']} never decided anything"
        elif case["status"] == "paid" and case["state"] != "closed":
            yield f"{case['id']} is {case['state']} although its receivable is paid"


def _gaps(events: list[Any]) -> Iterator[str]:
    for stream in events:
        if not stream["count"] == stream["last"] == stream["last_sequence"] or stream["first"] != 1:
            yield f"events of {stream['tenant_id']}: {dict(stream)}"
