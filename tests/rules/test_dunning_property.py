"""Whatever a plan says, what is projected is what happens, deciding twice changes nothing, and every way through it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.dunning.rules.decide import decide
from domain.dunning.rules.facts import ApprovalFacts, ApprovalState, CaseFacts
from domain.dunning.rules.options import PlanOptions, parse_options
from domain.dunning.rules.pay_day import PayDay
from domain.dunning.rules.projection import project
from domain.dunning.rules.steps import Step, parse_steps
from domain.dunning.rules.verdicts import after
from domain.kernel.calendar import zone
from tests.rules.ladders import WANG, facts, when

TIMES = ["00:00", "02:30", "09:00", "17:30", "23:59"]
WINDOWS = [{"from": "09:00", "to": "17:30"}, {"from": "02:10", "to": "02:50"}, {"from": "23:00", "to": "23:00"}]
HOURS: list[dict[str, Any]] = [{"time_of_day": time} for time in TIMES] + [{"window": window} for window in WINDOWS]
FOLLOWING_STEPS = ("previous_step", "new_due_date")
BASES = ["due_date", "due_date", "due_date", "issue_date", "month_end", "previous_step", "promise", "new_due_date"]
PREDICATES = st.sampled_from(
    [
        when("days_overdue", "gt", 15),
        when("notices_sent", "gte", 2),
        when("grade", "eq", "C"),
        when("last_notice_state", "is_null", True),
        {"not": when("days_overdue", "lt", 3)},
        {"all": []},
        {"any": []},
    ]
)
OUTCOMES = st.sampled_from(["done", "skipped", "held"]).map(lambda outcome: when("outcome", "eq", outcome))
ACTIONS: list[dict[str, Any]] = [
    {"type": "email", "template": "t"},
    {"type": "notice", "channels": ["sms", "email"], "template": "t"},
    {"type": "notice", "channels": ["email", "sms"], "template": "t", "new_due_days": 14},
    {"type": "task", "title": "Call"},
    {"type": "webhook"},
    {"type": "charge", "charge_rule_id": "crl_1"},
    {"type": "escalation", "level": "legal"},
    {"type": "alert", "channel": "feishu", "template": "t"},
    {"type": "approval", "title": "Go on?"},
]

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def plans(draw: st.DrawFn) -> list[Step]:
    """Any plan of up to eight steps whose branches lead forward."""
    count, raw = draw(st.sampled_from([0, 1, *range(2, 9)])), []
    for position in range(count):
        base = draw(st.sampled_from(BASES))
        step: dict[str, Any] = {
            "key": f"s{position}",
            "offset_days": draw(st.integers(0 if base == "previous_step" else -20, 40)),
            "relative_to": base,
            "action": draw(st.sampled_from(ACTIONS[:2] * 4 + ACTIONS)),
            "condition": draw(st.none() | PREDICATES) if draw(st.sampled_from([False, False, True])) else None,
            "requires_approval": draw(st.sampled_from([False] * 8 + [True])),
            "catch_up": draw(st.sampled_from(["latest", "latest", "all", "skip"])),
        }
        step |= draw(st.sampled_from(HOURS))
        targets: list[dict[str, Any]] = [{"go_to": f"s{later}"} for later in range(position + 1, count)]
        ends = st.sampled_from([*targets, {"stop": True}])
        step["branches"] = [
            {"when": draw(PREDICATES | OUTCOMES), **draw(ends)} for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])))
        ]
        raw.append(step)
    return parse_steps(raw)


@st.composite
def known(draw: st.DrawFn) -> CaseFacts:
    """Facts that stay as they are."""
    answers: list[ApprovalState] = ["approved", "approved", "rejected", "open"]
    days = st.none() | st.dates(date(2026, 2, 1), date(2026, 5, 1))
    return facts(
        time_zone=draw(st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"])),
        grade=draw(st.sampled_from([None, "A", "C"])),
        contacts=draw(st.sampled_from([(WANG,), (WANG,), ()])),
        promised_on=draw(days),
        new_due_on=draw(days),
        pay_day=draw(st.sampled_from([None, PayDay(4, date(2026, 2, 1)), PayDay(31, date(2026, 1, 1))])),
        heard_at=draw(st.none() | INSTANTS),
        grace_days=draw(st.sampled_from([0, 0, 3])),
        minimum_days_between=draw(st.sampled_from([0, 0, 7])),
        usable_channels=draw(st.sampled_from([frozenset({"email", "sms"}), frozenset({"email", "sms", "feishu"})])),
        approvals={
            (f"s{position}", 1): ApprovalFacts(id="apr_1", state=draw(st.sampled_from(answers)))
            for position in range(7)
        },
    )


OPTIONS = st.sampled_from(
    [
        PlanOptions(),
        PlanOptions(),
        parse_options({"maximum_notices": 2}),
        parse_options({"stop_when": when("days_overdue", "gte", 10)}),
        parse_options({"stop_when": when("notices_sent", "gte", 2)}),
        parse_options({"next_channel_when_unread_days": 3}),
        parse_options({"raise_when_no_reply_days": 4}),
        parse_options({"next_channel_when_unread_days": 2, "raise_when_no_reply_days": 5, "maximum_notices": 4}),
    ]
)
LATE = st.datetimes(datetime(2026, 3, 12), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
Story = list[tuple[str, int, str, tuple[str, ...], datetime]]
quietly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def happening(steps: list[Step], case: CaseFacts, now: datetime, options: PlanOptions) -> tuple[Story, CaseFacts]:
    """The engine is woken at each instant that it asked for, as in the life of a case."""
    story: Story = []
    at: datetime | None = now
    while at is not None:
        decision = decide(steps, case, at, options)
        story += [(one.step.key, one.number, one.outcome, one.reasons, at) for one in decision.steps]
        case, last, at = after(case, decision.steps, at), at, decision.next_action_at
        assert at is None or at > last
        assert len(story) == len({moment[:2] for moment in story}) <= 2 * len(steps)
    return story, case


@quietly
@given(steps=plans(), case=known(), now=INSTANTS, options=OPTIONS)
def test_what_is_projected_is_what_happens(
    steps: list[Step], case: CaseFacts, now: datetime, options: PlanOptions
) -> None:
    outlook = project(steps, case, now, options)
    story, end = happening(steps, case, now, options)
    projected = [
        (one.decided.step.key, one.decided.number, one.decided.outcome, one.decided.reasons) for one in outlook.expected
    ]
    assert projected == [moment[:4] for moment in story]
    assert [one.at for one in outlook.expected if one.at > now] == [at for *_, at in story if at > now]
    left = {step.key for step in steps} - {moment[0] for moment in story}
    if decide(steps, end, now + timedelta(days=400), options).state == "active":
        assert {step.key for step, _ in outlook.waiting} == left


@quietly
@given(steps=plans(), case=known(), instants=st.lists(INSTANTS, min_size=1, max_size=6).map(sorted), options=OPTIONS)
def test_however_late_the_engine_comes_each_step_is_decided_once_and_twice_changes_nothing(
    steps: list[Step], case: CaseFacts, instants: list[datetime], options: PlanOptions
) -> None:
    seen: list[tuple[str, int]] = []
    for now in instants:
        decision = decide(steps, case, now, options)
        seen += [(one.step.key, one.number) for one in decision.steps]
        case = after(case, decision.steps, now)
        again = decide(steps, case, now, options)
        assert (again.steps, again.state, again.next_action_at) == ((), decision.state, decision.next_action_at)
        assert again.asks == decision.asks
        assert decision.next_action_at is None or decision.next_action_at > now
    assert len(seen) == len(set(seen))


@quietly
@given(steps=plans(), case=known(), now=LATE)
def test_one_decision_writes_once_unless_the_plan_asks_for_more(
    steps: list[Step], case: CaseFacts, now: datetime
) -> None:
    """More than one only if all are to be caught up with, if somebody has approved, or if one counts from what another has made."""
    wrote = [one for one in decide(steps, case, now).steps if one.contact is not None]
    usual = [
        one
        for one in wrote
        if one.step.catch_up == "latest" and one.approval is None and one.step.relative_to not in FOLLOWING_STEPS
    ]
    assert len(usual) <= 1


@quietly
@given(steps=plans(), case=known(), now=INSTANTS)
def test_nothing_is_carried_out_outside_its_window(steps: list[Step], case: CaseFacts, now: datetime) -> None:
    story, _ = happening(steps, case, now, PlanOptions())
    hours = {step.key: step.hours for step in steps}
    for key, _, outcome, _, at in story:
        window = hours[key]
        if outcome == "done" and window is not None:
            clock = at.astimezone(zone(case.time_zone)).time().replace(second=0, microsecond=0)
            assert window[0] <= clock <= window[1]
