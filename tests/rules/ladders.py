"""Steps, facts and moments for tests of the plan language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.dunning.rules.decide import Decision, decide
from domain.dunning.rules.facts import ApprovalFacts, CaseFacts, ContactFacts
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.steps import Step, parse_steps
from domain.dunning.rules.verdicts import after
from domain.kernel.money import Money

DUE = date(2026, 3, 10)
PLAIN = PlanOptions()
WANG = ContactFacts(
    id="con_1",
    name="Wang",
    role="billing",
    sealed_email=b"e",
    sealed_phone=b"p",
    locale=None,
    opted_out=False,
)


def step(key: str, offset_days: int = 0, **fields: Any) -> dict[str, Any]:
    """A step in its JSON form; an e-mail at 09:00 unless `fields` say otherwise."""
    action = fields.pop("action", {"type": "email", "template": "overdue_notice"})
    time = {} if "window" in fields else {"time_of_day": "09:00"}
    return {"key": key, "offset_days": offset_days, "action": action, **time, **fields}


def task(key: str, offset_days: int = 0, **fields: Any) -> dict[str, Any]:
    """A step that opens a task."""
    return step(key, offset_days, action={"type": "task", "title": "Call"}, **fields)


def ladder(*raw: dict[str, Any]) -> list[Step]:
    """The steps as cases walk through them."""
    return parse_steps(raw)


def facts(**overrides: Any) -> CaseFacts:
    """100 CNY, due on 10 March 2026, of a customer in Shanghai whom one contact answers for."""
    plain = CaseFacts(
        due_on=DUE,
        issued_on=date(2026, 2, 8),
        time_zone="Asia/Shanghai",
        open_amount=cny(100),
        unapplied_amount=cny(0),
        disputed_amount=cny(0),
        contacts=(WANG,),
    )
    return replace(plain, **overrides)


def cny(amount: int) -> Money:
    """An amount in yuan."""
    return Money(Decimal(amount), "CNY")


def day(offset: int, hour: int = 9, minute: int = 0) -> datetime:
    """The instant at which it is this hour in Shanghai, so many days after the due date."""
    midnight = datetime(DUE.year, DUE.month, DUE.day, tzinfo=UTC) - timedelta(hours=8)
    return midnight + timedelta(days=offset, hours=hour, minutes=minute)


def told(decision: Decision) -> dict[str, str]:
    """What became of each step, with reasons."""
    return {one.step.key: " ".join([one.outcome, *one.reasons]) for one in decision.steps}


def lived(
    steps: Sequence[Step], known: CaseFacts, instants: Sequence[datetime], options: PlanOptions = PLAIN
) -> tuple[dict[str, str], CaseFacts, Decision]:
    """The engine looks at these instants: what became of each step, what is known in the end, and the last decision."""
    became: dict[str, str] = {}
    for now in instants:
        decision = decide(steps, known, now, options)
        became |= told(decision)
        known = after(known, decision.steps, now)
    return became, known, decision


def said(known: CaseFacts, key: str, state: Any, number: int = 1) -> CaseFacts:
    """The facts once somebody was asked about a step, or has answered."""
    return replace(known, approvals={**known.approvals, (key, number): ApprovalFacts(id="apr_1", state=state)})


def when(field: str, op: str, value: Any) -> dict[str, Any]:
    """A comparison in its JSON form."""
    return {"field": field, "op": op, "value": value}
