"""Tells what happened in a tenant: a line for each thing, in local time, without ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.collections.escalations import list_escalations
from domain.collections.tasks import list_tasks
from domain.dunning.approvals import list_approvals
from domain.dunning.cases import case_timeline, list_cases
from domain.dunning.model import Occurrence
from domain.dunning.timeline_model import CaseTimeline
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.kernel.paging import PageRequest
from domain.ledger.model import Receivable
from domain.messaging.model import Notice
from domain.messaging.notices import list_notices
from tests.scenarios.golden.debtors import Debtor

Owners = Mapping[str, tuple[Debtor, Receivable]]
_ALL = PageRequest(limit=200)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened to an invoice."""

    at: datetime
    time_zone: str
    who: str
    number: str
    due_on: date
    told: str

    def __str__(self) -> str:
        """Local time, the day counted from the due date, who, which invoice, what."""
        local = self.at.astimezone(ZoneInfo(self.time_zone))
        days = (local.date() - self.due_on).days
        return f"{local:%Y-%m-%d %H:%M} {days:+4d}  {self.who} | {self.number} | {self.told}"


async def lines_of(ctx: Context, done: Sequence[Line], owners: Owners) -> list[str]:
    """All that happened, in order: what people did comes before what follows from it."""
    results = await _results(ctx)
    found = list(done)
    for case in (await list_cases(ctx, _ALL)).items:
        assert case.receivable_id is not None
        debtor, receivable = owners[case.receivable_id]
        timeline = await case_timeline(ctx, case.id)
        for at, told in _of_case(timeline, results):
            found.append(Line(at, debtor.time_zone, debtor.name, receivable.number or "", receivable.due_on, told))
    for approval in (await list_approvals(ctx, _ALL)).items:
        debtor, receivable = owners[approval.receivable_id]
        told = f"? {approval.step_key} asks for approval, which is {approval.state}"
        at, due_on = approval.requested_at, receivable.due_on
        found.append(Line(at, debtor.time_zone, debtor.name, receivable.number or "", due_on, told))
    return [str(line) for line in sorted(found, key=lambda line: line.at)]


async def _results(ctx: Context) -> dict[str, str]:
    """What steps made, by id."""
    found: dict[str, str] = {}
    page: PageRequest | None = _ALL
    while page is not None:
        notices = await list_notices(ctx, page)
        found |= {notice.id: _notice(notice) for notice in notices.items}
        page = PageRequest(limit=200, after=notices.next_key) if notices.next_key else None
    for task in (await list_tasks(ctx, _ALL)).items:
        found[task.id] = f"task for {task.role or 'anybody'}: {task.title}"
    for escalation in (await list_escalations(ctx, _ALL)).items:
        found[escalation.id] = f"escalation to {escalation.level} with {_money(escalation.open_amount)}"
    for approval in (await list_approvals(ctx, _ALL)).items:
        found[approval.id] = f"approval {approval.state}"
    return found


def _notice(notice: Notice) -> str:
    said = notice.subject or f"{notice.body[:60]}..."
    told = [f"{notice.channel} {notice.state}", _money(notice.open_amount - notice.disputed_amount), said]
    if notice.letter is not None:
        # Of letters made at the same instant nobody says which is numbered first.
        told.insert(1, "with a letter")
    if notice.new_due_on is not None:
        told.insert(1, f"new due date {notice.new_due_on}")
    return ", ".join(told)


def _of_case(timeline: CaseTimeline, results: Mapping[str, str]) -> Iterator[tuple[datetime, str]]:
    case = timeline.case
    for past in timeline.past:
        yield past.decided_at, _occurrence(past, results)
    if case.closed_at is not None:
        yield case.closed_at, f"= closed as {case.close_reason}"
    elif case.state != "active":
        last = max(past.decided_at for past in timeline.past)
        yield last, f"= {case.state}"


def _occurrence(past: Occurrence, results: Mapping[str, str]) -> str:
    reasons = f" ({', '.join(past.reasons)})" if past.reasons else ""
    made = [past.notice_id, past.task_id, past.escalation_id, past.charge_id, past.approval_id]
    told = "; ".join(results.get(one, "?") for one in made if one is not None)
    again = f" #{past.number}" if past.number > 1 else ""
    return f"{past.step_key}{again} {past.outcome}{reasons}{': ' if told else ''}{told}"


def _money(money: Money) -> str:
    return f"{money.amount} {money.currency}"
