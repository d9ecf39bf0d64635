"""The decision over a case: pure, told by the facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dunning.rules.contact import contact_for_email
from domain.dunning.rules.decide import DecidedStep, Decision, decide, pending_steps
from domain.dunning.rules.facts import CaseFacts, ContactFacts, LastOccurrence
from domain.dunning.rules.schedule import first_instant, instant_of_step
from domain.dunning.rules.steps import Action, ChargeAction, EmailAction, EscalationAction, Step, TaskAction
from domain.kernel.money import Money

DUE = date(2026, 3, 10)
EMAIL = EmailAction(template="overdue_notice")
TASK = TaskAction(title="Call them")
LEGAL = EscalationAction(level="legal")
FEE = ChargeAction(charge_rule_id="crl_1")
WANG = ContactFacts(id="con_1", name="Wang", role="billing", sealed_email=b"w@l.example", locale=None, opted_out=False)


def a_step(key: str, offset_days: int, action: Action = EMAIL, time_of_day: str = "09:00") -> Step:
    return Step(key=key, offset_days=offset_days, time_of_day=time_of_day, action=action)


LADDER = [
    a_step("before", -3),
    a_step("first", 3),
    a_step("call", 10, TASK),
    a_step("firm", 15),
    a_step("legal", 60, LEGAL),
]


def some_facts(**overrides: Any) -> CaseFacts:
    facts = CaseFacts(
        due_on=DUE,
        time_zone="Asia/Shanghai",
        open_amount=Money(Decimal(100), "CNY"),
        unapplied_amount=Money(Decimal(0), "CNY"),
        disputed_amount=Money(Decimal(0), "CNY"),
        contacts=(WANG,),
    )
    return replace(facts, **overrides)


def day(offset: int, hour_utc: int = 1) -> datetime:
    """The instant `offset` days after the due date; 01:00 UTC is 09:00 in Shanghai."""
    return datetime(DUE.year, DUE.month, DUE.day, hour_utc, tzinfo=UTC) + timedelta(days=offset)


def after(facts: CaseFacts, decision: Decision) -> CaseFacts:
    """The facts once the decision was committed."""
    return replace(facts, occurrences={**facts.occurrences, **{s.step.key: recorded(s) for s in decision.steps}})


def recorded(step: DecidedStep) -> LastOccurrence:
    return LastOccurrence(
        number=step.number,
        outcome=step.outcome,
        reasons=step.reasons,
        is_escalation=isinstance(step.step.action, EscalationAction),
    )


def outcomes(decision: Decision) -> dict[str, str]:
    return {s.step.key: " ".join([s.outcome, *s.reasons]) for s in decision.steps}


def happened(*keys: str) -> dict[str, LastOccurrence]:
    return {key: LastOccurrence(number=1, outcome="done") for key in keys}


@pytest.mark.parametrize(
    ("facts", "now", "expected", "next_at"),
    [
        (some_facts(), day(-3, 0), {}, day(-3)),
        (some_facts(), day(-3), {"before": "done"}, day(3)),
        (some_facts(occurrences=happened("before")), day(2), {}, day(3)),
        (some_facts(occurrences=happened("before")), day(3), {"first": "done"}, day(10)),
        (some_facts(), day(0, 15), {"before": "done"}, day(3)),
        (some_facts(), day(0, 16), {"before": "skipped due_date_passed"}, day(3)),
        (some_facts(), day(3), {"before": "skipped due_date_passed", "first": "done"}, day(10)),
        (
            some_facts(occurrences=happened("before")),
            day(20),
            {"first": "skipped superseded", "call": "done", "firm": "done"},
            day(60),
        ),
    ],
)
def test_what_is_due_is_decided(
    facts: CaseFacts, now: datetime, expected: dict[str, str], next_at: datetime | None
) -> None:
    decision = decide(LADDER, facts, now)
    assert outcomes(decision) == expected
    assert decision.next_action_at == next_at
    assert decision.state == "active"


def test_a_settled_receivable_closes_the_case_and_does_nothing_else() -> None:
    settled = some_facts(open_amount=Money.zero("CNY"))
    assert decide(LADDER, settled, day(90)) == Decision(state="closed", close_reason="paid")
    assert pending_steps(LADDER, settled) == []


def test_an_escalation_takes_the_case_out_of_the_ladder() -> None:
    later = [*LADDER, a_step("after_legal", 61), a_step("much_later", 100)]
    decision = decide(later, some_facts(), day(62))
    assert outcomes(decision) == {
        "before": "skipped due_date_passed",
        "first": "skipped superseded",
        "call": "done",
        "firm": "done",
        "legal": "done",
    }
    assert (decision.state, decision.next_action_at) == ("escalated", None)
    assert decide(later, after(some_facts(), decision), day(500)) == Decision(state="escalated")


def test_an_escalated_case_is_closed_by_payment() -> None:
    facts = after(some_facts(), decide(LADDER, some_facts(), day(60)))
    paid = replace(facts, open_amount=Money.zero("CNY"))
    assert decide(LADDER, paid, day(70)).state == "closed"


def test_after_the_last_step_the_case_stays_active_with_nothing_to_come() -> None:
    decision = decide(LADDER[:2], some_facts(), day(5))
    assert (decision.state, decision.next_action_at) == ("active", None)


def test_a_withdrawn_notice_is_decided_again_under_the_next_number() -> None:
    facts = some_facts(occurrences={"first": LastOccurrence(number=1, outcome="done", withdrawn=True)})
    decision = decide(LADDER[1:2], facts, day(4))
    assert [(s.step.key, s.number, s.outcome) for s in decision.steps] == [("first", 2, "done")]


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (some_facts(unapplied_amount=Money(Decimal(100), "CNY")), ("covered_by_unapplied_amount",)),
        (some_facts(unapplied_amount=Money(Decimal("99.99"), "CNY")), ()),
        (some_facts(contacts=()), ("no_contact_address",)),
        (some_facts(contacts=(replace(WANG, sealed_email=None),)), ("no_contact_address",)),
        (some_facts(contacts=(replace(WANG, role="escalation"),)), ("no_contact_address",)),
        (some_facts(contacts=(replace(WANG, opted_out=True),)), ("opted_out",)),
        (
            some_facts(contacts=(), unapplied_amount=Money(Decimal(500), "CNY")),
            ("covered_by_unapplied_amount", "no_contact_address"),
        ),
    ],
)
def test_an_email_is_held_with_reasons(facts: CaseFacts, reasons: tuple[str, ...]) -> None:
    step = decide(LADDER[1:2], facts, day(3)).steps[0]
    assert (step.outcome, step.reasons) == (("held", reasons) if reasons else ("done", ()))
    assert (step.contact is None) == bool(reasons)


def test_a_covered_receivable_is_not_escalated_and_a_task_is_never_held() -> None:
    facts = some_facts(unapplied_amount=Money(Decimal(100), "CNY"), contacts=())
    decision = decide(LADDER[2:], facts, day(60))
    assert outcomes(decision)["call"] == "done"
    assert outcomes(decision)["legal"] == "held covered_by_unapplied_amount"
    assert decision.state == "active"


def test_billing_contacts_come_before_others_and_older_before_newer() -> None:
    other = replace(WANG, id="con_0", role="other")
    newer = replace(WANG, id="con_2")
    silent = replace(WANG, id="con_00", opted_out=True)
    assert contact_for_email([newer, other, silent, WANG]) == WANG
    assert contact_for_email([other, silent]) == other
    assert contact_for_email([silent, replace(WANG, role="escalation")]) is None


@pytest.mark.parametrize(
    ("zone", "due_on", "time_of_day", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 28), "09:00", "2026-03-28T08:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), "09:00", "2026-03-29T07:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), "02:30", "2026-03-29T01:30:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), "02:30", "2026-10-25T00:30:00+00:00"),
        ("America/New_York", date(2026, 11, 1), "09:00", "2026-11-01T14:00:00+00:00"),
        ("Pacific/Kiritimati", date(2026, 1, 1), "09:00", "2025-12-31T19:00:00+00:00"),
    ],
)
def test_a_step_falls_due_at_local_time_whatever_the_season(
    zone: str, due_on: date, time_of_day: str, expected: str
) -> None:
    assert instant_of_step(a_step("x", 0, time_of_day=time_of_day), due_on, zone).isoformat() == expected


ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"disputed_amount": Money(Decimal(100), "CNY")}, "disputed"),
        ({"unapplied_amount": Money(Decimal(100), "CNY")}, "covered_by_unapplied_amount"),
        ({"contacts": ()}, None),
    ],
)
def test_a_charge_is_held_where_nothing_is_asked_for_but_needs_nobody_to_write_to(
    change: dict[str, Any], reason: str | None
) -> None:
    (decided,) = decide([a_step("fee", 3, FEE)], some_facts(**change), day(3)).steps
    assert (decided.outcome, decided.reasons) == (("held", (reason,)) if reason else ("done", ()))


def test_after_an_outage_every_charge_is_made_beside_the_latest_email() -> None:
    steps = [a_step("first", 3), a_step("fee", 4, FEE), a_step("second", 5), a_step("interest", 6, FEE)]
    decided = decide(steps, some_facts(), day(7)).steps
    assert [(one.step.key, one.outcome) for one in decided] == [
        ("first", "skipped"),
        ("fee", "done"),
        ("second", "done"),
        ("interest", "done"),
    ]


ACTIONS: st.SearchStrategy[Action] = st.sampled_from([EMAIL, TASK, LEGAL, FEE])
PLANS = st.lists(
    st.tuples(st.integers(-30, 120), st.sampled_from(["00:00", "02:30", "09:00", "23:59"]), ACTIONS), max_size=12
).map(lambda raw: [a_step(f"s{n}", offset, action, at) for n, (offset, at, action) in enumerate(raw)])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(steps=PLANS, zone=ZONES, now=INSTANTS, has_contact=st.booleans())
def test_deciding_twice_changes_nothing(steps: list[Step], zone: str, now: datetime, has_contact: bool) -> None:
    facts = some_facts(time_zone=zone, contacts=(WANG,) if has_contact else ())
    first = decide(steps, facts, now)
    second = decide(steps, after(facts, first), now)
    assert second.steps == ()
    assert (second.state, second.next_action_at) == (first.state, first.next_action_at)


@given(steps=PLANS, zone=ZONES, now=INSTANTS)
def test_one_decision_never_writes_twice(steps: list[Step], zone: str, now: datetime) -> None:
    decision = decide(steps, some_facts(time_zone=zone), now)
    assert sum(s.contact is not None for s in decision.steps) <= 1
    assert all(s.due_at <= now for s in decision.steps)
    assert decision.next_action_at is None or decision.next_action_at > now


@given(steps=PLANS, zone=ZONES, instants=st.lists(INSTANTS, min_size=1, max_size=8).map(sorted))
def test_however_late_the_engine_comes_every_step_is_decided_once(
    steps: list[Step], zone: str, instants: list[datetime]
) -> None:
    facts, seen = some_facts(time_zone=zone), []
    for now in instants:
        decision = decide(steps, facts, now)
        seen += [s.step.key for s in decision.steps]
        facts = after(facts, decision)
    assert len(seen) == len(set(seen))
    assert {step.key for _, step in pending_steps(steps, facts)}.isdisjoint(seen)


@given(steps=PLANS, zone=ZONES)
def test_walking_from_instant_to_instant_misses_nothing(steps: list[Step], zone: str) -> None:
    done: list[DecidedStep] = []
    facts, at = some_facts(time_zone=zone), first_instant(steps, DUE, zone)
    while at is not None:
        decision = decide(steps, facts, at)
        assert decision.steps, "the engine was woken for nothing"
        done += decision.steps
        facts, at = after(facts, decision), decision.next_action_at
    escalated = [s.due_at for s in done if isinstance(s.step.action, EscalationAction) and s.outcome == "done"]
    expected = [s for s in steps if not escalated or instant_of_step(s, DUE, zone) < escalated[0]]
    assert {s.step.key for s in done} >= {s.key for s in expected}
