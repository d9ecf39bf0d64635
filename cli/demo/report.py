"""The end of the story in words: two customers' timelines, and the table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cli.demo.books import Books, Json
from cli.demo.outside import Outside
from cli.demo.plan import CALL_STEP, EMAIL_STEPS

_LEFT_THE_HOUSE = ("sent", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalTable:
    """What the story came to; the same however often the worker died and Redis forgot."""

    receivables: dict[str, int]
    notices: dict[str, int]
    not_reminded: dict[str, int]
    payments: dict[str, int]
    tasks: dict[str, int]
    escalations: dict[str, int]
    cases: dict[str, int]


def final_table(books: Books) -> FinalTable:
    """A notice that left the house counts whether or not the mail server's answer arrived."""
    return FinalTable(
        receivables=_sorted(Counter(receivable["status"] for receivable in books.receivables)),
        notices=_sorted(Counter(n["step_key"] for n in books.notices if n["state"] in _LEFT_THE_HOUSE)),
        not_reminded=_sorted(_not_reminded(books)),
        payments=_sorted(_payments(books)),
        tasks=_sorted(Counter(_task_kind(task) for task in books.tasks if task["notice_id"] is None)),
        escalations=_sorted(Counter(escalation["level"] for escalation in books.escalations)),
        cases=_sorted(Counter(case["state"] for case in books.cases)),
    )


def table_lines(table: FinalTable, outside: Outside, books: Books) -> Iterator[str]:
    """The table, one row a line."""
    rows: list[tuple[str, object]] = [("receivables", sum(table.receivables.values()))]
    rows += [(f"  {status.replace('_', ' ')}", count) for status, count in table.receivables.items()]
    rows.append(("notices sent", sum(table.notices.values())))
    rows += [(f"  {step}", table.notices.get(step, 0)) for step in _in_plan_order(table.notices)]
    rows.append(("steps not carried out", sum(table.not_reminded.values())))
    rows += [(f"  {reason}", count) for reason, count in table.not_reminded.items()]
    rows.append(("payments", sum(table.payments.values())))
    rows += [(f"  {kind}", count) for kind, count in table.payments.items()]
    rows.append(("tasks opened", sum(table.tasks.values())))
    rows += [(f"  {kind}", count) for kind, count in table.tasks.items()]
    rows.append(("escalations", sum(table.escalations.values())))
    rows += [(f"  {level}", count) for level, count in table.escalations.items()]
    rows.append(("mails received", len(outside.mails)))
    rows.append(("webhooks delivered", f"{len(outside.delivered_event_ids())} of {len(books.events)} events"))
    for label, value in rows:
        yield f"  {label:<40}{value:>8}" if isinstance(value, int) else f"  {label:<40}{value}"


def cases_to_tell(books: Books) -> list[Json]:
    """The case that was paid after the most reminders, and one that was escalated or, where none was, one paid after few."""
    reminders = Counter(notice["case_id"] for notice in books.notices if notice["state"] in _LEFT_THE_HOUSE)
    by_reminders = sorted(books.cases, key=lambda case: (reminders[case["id"]], case["id"]))
    closed = [case for case in by_reminders if case["state"] == "closed"]
    escalated = [case for case in by_reminders if case["state"] == "escalated"]
    return closed[-1:] + (escalated[-1:] or closed[:-1][:1])


def timeline_lines(case: Json, timeline: Json, books: Books) -> Iterator[str]:
    """One receivable's life, line by line, as the API tells it."""
    receivable = next(r for r in books.receivables if r["id"] == case["receivable_id"])
    customer = next(c for c in books.customers if c["id"] == case["customer_id"])
    notices = {notice["id"]: notice for notice in books.notices}
    yield f"{customer['name']}: {receivable['number']}, {_money(receivable['amount'])}, due {receivable['due_on']}"
    entries = [(receivable["issued_on"], "issued")]
    entries += [_step_entry(step, notices, books) for step in timeline["past"]]
    entries += _money_entries(receivable, books)
    for day, text in sorted(entries, key=lambda entry: entry[0]):
        yield f"  {day}  {text}"
    owed = _money(receivable["open_amount"])
    yield f"  {'':10}  now {case['state']}, {owed} open, {len(timeline['future'])} steps to come"


def _step_entry(step: Json, notices: dict[str, Json], books: Books) -> tuple[str, str]:
    """What a step did, or why it did nothing."""
    notice = notices.get(step["notice_id"] or "")
    if notice is not None:
        told = f"{notice['state']} to {notice['recipient']}: {notice['subject']}"
    elif step["escalation_id"] is not None:
        told = next(f"raised: {one['level']}" for one in books.escalations if one["id"] == step["escalation_id"])
    elif step["task_id"] is not None and step["outcome"] == "done":
        told = next(
            f"task for {one['assignee']}: {one['title']}" for one in books.tasks if one["id"] == step["task_id"]
        )
    else:
        told = f"{step['outcome']}: {', '.join(step['reasons'])}"
    return step["decided_at"][:10], f"{_padded(step['step_key'])} {told}"


def _money_entries(receivable: Json, books: Books) -> list[tuple[str, str]]:
    return [
        (payment["received_on"], f"{_padded('payment')} {_money(allocation['amount'])}")
        for payment in books.payments
        for allocation in payment["allocations"]
        if allocation["receivable_id"] == receivable["id"]
    ]


def _not_reminded(books: Books) -> Counter[str]:
    """Why steps were left out, from the events that told it."""
    reasons: Counter[str] = Counter()
    for event in books.events:
        if event["type"] == "case.step_skipped":
            step = event["data"]["occurrence"]
            reasons[f"{step['outcome']}: {', '.join(step['reasons'])}"] += 1
    return reasons


def _task_kind(task: Json) -> str:
    """A task of the plan, or one that the engine opened because it has no address to write to."""
    return "call a customer" if task["step_key"] == CALL_STEP else "find an address"


def _payments(books: Books) -> Counter[str]:
    """In full, in part, or more than was owed, by what the money did to its receivable."""
    received: defaultdict[str, int] = defaultdict(int)
    for payment in books.payments:
        for allocation in payment["allocations"]:
            received[allocation["receivable_id"]] += 1
    kinds: Counter[str] = Counter()
    status = {receivable["id"]: receivable["status"] for receivable in books.receivables}
    for payment in books.payments:
        of = [allocation["receivable_id"] for allocation in payment["allocations"]]
        if float(payment["unapplied_amount"]["amount"]) > 0:
            kinds["more than owed"] += 1
        elif any(received[one] > 1 or status[one] != "paid" for one in of):
            kinds["in part"] += 1
        else:
            kinds["in full"] += 1
    return kinds


def _in_plan_order(notices: dict[str, int]) -> list[str]:
    return [*EMAIL_STEPS, *sorted(set(notices) - set(EMAIL_STEPS))]


def _money(money: Json) -> str:
    return f"{money['amount']} {money['currency']}"


def _padded(text: str) -> str:
    return f"{text:<17}"


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
