"""The outlook of a case under holds and a contact policy: what is told beforehand is what happens, and says why it has to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.collections.hold_model import WITHOUT_END
from domain.dunning.rules.decide import decide
from domain.dunning.rules.facts import CaseFacts, ContactGate
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.projection import MOST_IDLE_LOOKS, Wait, project
from domain.dunning.rules.steps import Step
from domain.dunning.rules.verdicts import after
from domain.dunning.rules.waiting import Waited, allowed_now
from domain.messaging.contact_policy_model import WEEKDAYS, BlackoutDates, ContactHours, ContactPolicy
from domain.messaging.rules.contact_policy import Contacted
from domain.messaging.rules.contact_policy_fields import a_cap
from tests.rules.ladders import DUE, day, facts, ladder, step, task, when
from tests.rules.test_dunning_property import INSTANTS, OPTIONS, known, plans

OFFICE = ContactHours(weekdays=list(WEEKDAYS[:5]), from_time="10:00", to_time="17:00")
NIGHT = ContactHours(weekdays=list(WEEKDAYS), from_time="22:00", to_time="24:00")
quietly = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def gates(draw: st.DrawFn) -> ContactGate | None:
    """Any policy that has something to say, and earlier contacts."""
    if draw(st.integers(0, 3)) == 0:
        return None
    blackout = BlackoutDates(from_on=date(2026, 3, 12), to_on=date(2026, 4, 2))
    policy = ContactPolicy(
        contact_hours=draw(st.sampled_from([[], [OFFICE], [OFFICE], [NIGHT]])),
        business_days_only=draw(st.booleans()),
        except_public_holidays=draw(st.booleans()),
        blackout_dates=draw(st.sampled_from([[], [], [blackout]])),
        minimum_gap_hours=draw(st.sampled_from([None, 26, 24 * 9])),
        caps=draw(
            st.sampled_from([[], [a_cap(per="customer", most=1, days=7)], [a_cap(per="contact", most=2, days=30)]])
        ),
        channels=draw(st.sampled_from([None, None, ["email"], ["sms"], []])),
    )
    history = [Contacted(at=at, channel="email", contact_id="con_1") for at in draw(st.lists(INSTANTS, max_size=3))]
    zone = draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
    return ContactGate(policy=policy, time_zone=zone, country="CN", history=tuple(history))


HELD = st.sampled_from([None, None, None, datetime(2026, 3, 20, 5, tzinfo=UTC), WITHOUT_END])
Story = list[tuple[str, int, str, tuple[str, ...], datetime]]


def lived(
    steps: list[Step], case: CaseFacts, now: datetime, options: PlanOptions
) -> tuple[Story, dict[str, set[str]], str]:
    """The engine wakes at each instant that it asked for; what it decided, which reasons kept each step, and how it ended."""
    story: Story = []
    waited: Waited | None = None
    reasons: dict[str, set[str]] = {}
    at: datetime | None = now
    state, idle = "active", 0
    while at is not None and idle <= MOST_IDLE_LOOKS:
        decision = allowed_now(decide(steps, case, at, options), case, at, waited)
        for one in decision.steps:
            story.append((one.step.key, one.number, one.outcome, one.reasons, at))
            if one.contact is not None and case.gate is not None:
                made = Contacted(at=at, channel=one.channel or "", contact_id=one.contact.id)
                case = replace(case, gate=replace(case.gate, history=(*case.gate.history, made)))
        key = decision.deferred_step
        waited = Waited(key, decision.deferred_reasons) if key is not None else None
        if key is not None:
            reasons.setdefault(key, set()).update(decision.deferred_reasons)
        case, last, at, state = after(case, decision.steps, at), at, decision.next_action_at, decision.state
        assert at is None or at > last or decision.steps
        idle = 0 if decision.steps else idle + 1
    return story, reasons, state


@quietly
@given(steps=plans(), case=known(), gate=gates(), held=HELD, now=INSTANTS, options=OPTIONS)
def test_what_is_projected_under_a_policy_is_what_happens(
    steps: list[Step],
    case: CaseFacts,
    gate: ContactGate | None,
    held: datetime | None,
    now: datetime,
    options: PlanOptions,
) -> None:
    case = replace(case, gate=gate, held_until=held)
    outlook = project(steps, case, now, options)
    story, reasons, state = lived(steps, case, now, options)
    assert [
        (one.decided.step.key, one.decided.number, one.decided.outcome, one.decided.reasons, one.acts_at)
        for one in outlook.expected
    ] == story
    waits: dict[str, set[str]] = {}
    for one in outlook.expected:
        waits.setdefault(one.decided.step.key, set()).update(wait.code for wait in one.waits)
    for key, codes in waits.items():
        assert reasons.get(key, set()) <= codes
    if state == "active":
        decided = {key for key, *_ in story}
        assert {one.key for one, _ in outlook.waiting} == {one.key for one in steps} - decided


def gated(policy: ContactPolicy, **overrides: object) -> CaseFacts:
    return facts(gate=ContactGate(policy=policy, time_zone="Asia/Shanghai", country="CN"), **overrides)


def test_a_step_that_the_policy_moves_says_until_when_and_by_which_rule() -> None:
    evening = ContactHours(weekdays=list(WEEKDAYS), from_time="18:00", to_time="20:00")
    (one,) = project(ladder(step("first", 1)), gated(ContactPolicy(contact_hours=[evening])), day(0)).expected
    assert (one.at, one.acts_at, one.decided.outcome) == (day(1, 18), day(1, 18), "done")
    assert one.waits == (Wait("quiet_hours", day(1, 18)),)


def test_what_one_step_writes_counts_for_the_next_ones_cap() -> None:
    policy = ContactPolicy(caps=[a_cap(per="customer", most=1, days=7)])
    first, second = project(ladder(step("first", 1), step("second", 3)), gated(policy), day(0)).expected
    assert (first.waits, second.at) == ((), day(8))
    assert second.waits == (Wait("cap_customer_1_in_7_days", day(8)),)


def test_a_hold_is_told_with_its_end_and_without_one_nothing_is_expected() -> None:
    steps = ladder(step("first", 1), task("call", 5))
    first, call = project(steps, facts(held_until=day(3)), day(0)).expected
    assert (first.at, first.waits) == (day(3), (Wait("on_hold", day(3)),))
    assert (call.at, call.waits) == (day(5), ())
    outlook = project(steps, facts(held_until=WITHOUT_END), day(0))
    assert outlook.expected == ()
    assert [(one.key, why) for one, why in outlook.waiting] == [("first", "on_hold"), ("call", "on_hold")]


def test_the_gap_of_a_receivable_and_a_window_are_told() -> None:
    window = {"from": "09:00", "to": "12:00"}
    steps = ladder(step("first", 1), step("second", 2), step("third", 20, window=window, catch_up="all"))
    first, second, third = project(steps, facts(minimum_days_between=7), day(0)).expected
    assert (first.waits, second.waits, second.at) == ((), (Wait("minimum_gap", day(8)),), day(8))
    assert third.waits == ()
    (late,) = project(ladder(step("x", 1, window=window)), facts(), day(1, 15)).expected
    assert (late.at, late.waits) == (day(2), (Wait("outside_window", day(2)),))


def test_a_window_that_the_policy_never_opens_is_told_as_waiting() -> None:
    """The engine looks twice a day for ever; whoever looks ahead stops at some time."""
    evening = ContactHours(weekdays=list(WEEKDAYS), from_time="18:00", to_time="20:00")
    steps = ladder(step("first", 1, window={"from": "09:00", "to": "10:00"}))
    outlook = project(steps, gated(ContactPolicy(contact_hours=[evening])), day(0))
    assert outlook.expected == ()
    assert [(one.key, why) for one, why in outlook.waiting] == [("first", "quiet_hours")]


def test_how_the_ladder_ends_is_told() -> None:
    stop = [{"when": when("outcome", "eq", "done"), "stop": True}]
    steps = ladder(step("first", 1, branches=stop), step("second", 3))
    outlook = project(steps, facts(), day(0))
    assert outlook.closes_as == "stopped"
    assert [(one.decided.step.key, one.decided.outcome) for one in outlook.expected] == [
        ("first", "done"),
        ("second", "skipped"),
    ]
    assert project(ladder(step("first", 1)), facts(), day(0)).closes_as is None


def test_what_waited_before_goes_on_waiting() -> None:
    """The e-mail that the policy has made wait has its turn although a later one has fallen due since."""
    policy = ContactPolicy(blackout_dates=[BlackoutDates(from_on=DUE, to_on=DUE + timedelta(days=5))])
    steps = ladder(step("first", 1), step("second", 4))
    waited = Waited("first", ("blackout_dates",))
    first, second = project(steps, gated(policy), day(6), waited=waited).expected
    assert (first.decided.outcome, first.decided.reasons) == ("done", ("blackout_dates",))
    assert (second.acts_at, second.waits) == (day(7), (Wait("one_rung_a_day", day(7)),))
