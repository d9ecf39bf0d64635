"""What a pause and a trial make of decisions."""

from __future__ import annotations

from dataclasses import replace

from domain.dunning.rules.control import LIVE, PlanControl, as_if_done, decide_under, only_told
from domain.dunning.rules.facts import LastOccurrence
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.options import PlanOptions
from tests.rules.ladders import day, facts, ladder, step

PAUSED = PlanControl(is_paused=True)
SHADOW = PlanControl(mode="shadow")


def of(*steps: object, **options: object) -> Ladder:
    return Ladder(steps=ladder(*steps), options=PlanOptions(**options))  # type: ignore[arg-type]


def test_a_paused_plan_decides_nothing_and_is_not_looked_at() -> None:
    decision = decide_under(PAUSED, of(step("a", 1), step("b", 9)), facts(), day(1))
    assert (decision.state, decision.steps, decision.next_action_at) == ("active", (), None)
    assert decision.deferred_reasons == ("plan_paused",)


def test_a_pause_changes_nothing_before_anything_is_due() -> None:
    plan = of(step("a", 1))
    assert decide_under(PAUSED, plan, facts(), day(0)) == decide_under(LIVE, plan, facts(), day(0))


def test_a_paused_plan_asks_nobody() -> None:
    gated = {**step("a", 1), "requires_approval": True}
    assert decide_under(PAUSED, of(gated), facts(), day(1)).asks == ()
    assert decide_under(LIVE, of(gated), facts(), day(1)).asks


def test_a_trial_is_decided_without_asking_and_tells_what_it_would_be() -> None:
    gated = {**step("a", 1), "requires_approval": True}
    (told,) = only_told(decide_under(SHADOW, of(gated), facts(), day(1))).steps
    assert (told.outcome, told.reasons, told.contact, told.channel) == ("skipped", ("shadow_mode",), None, None)
    assert told.would_be is not None
    assert (told.would_be.outcome, told.would_be.channel, told.would_be.needs_approval) == ("done", "email", True)


def test_what_is_left_out_anyway_says_so_by_itself() -> None:
    told = only_told(decide_under(SHADOW, of(step("a", 1), step("b", 2)), facts(), day(2))).steps
    assert [(one.reasons, one.would_be is None) for one in told] == [(("superseded",), True), (("shadow_mode",), False)]


def test_a_trial_counts_what_it_would_have_done() -> None:
    past = LastOccurrence(number=1, outcome="skipped", decided_at=day(1), would_be="done", would_use="email")
    tried = facts(occurrences={"a": past})
    assert (tried.notices_sent, as_if_done(tried).notices_sent) == (0, 1)
    assert as_if_done(tried).occurrences["a"].outcome == "done"
    untold = facts(occurrences={"a": replace(past, would_be="held", would_use=None)})
    assert (as_if_done(untold).notices_sent, as_if_done(untold).occurrences["a"].outcome) == (0, "held")


def test_a_case_that_would_leave_the_ladder_stays() -> None:
    legal = step("legal", 1, action={"type": "escalation", "level": "legal"})
    assert decide_under(SHADOW, of(legal), facts(), day(1)).state == "escalated"
    assert only_told(decide_under(SHADOW, of(legal), facts(), day(1))).state == "active"


def test_a_trial_takes_it_that_nobody_reads_what_it_would_have_sent() -> None:
    plan = of(
        step("a", 1, action={"type": "notice", "channels": ["email", "sms"], "template": "t"}),
        next_channel_when_unread_days=3,
    )
    first = only_told(decide_under(SHADOW, plan, facts(), day(1)))
    assert first.next_action_at == day(4)
    past = LastOccurrence(
        number=1, outcome="skipped", decided_at=day(1), due_at=day(1), would_be="done", would_use="email"
    )
    (again,) = only_told(decide_under(SHADOW, plan, facts(occurrences={"a": past}), day(4))).steps
    assert again.would_be is not None
    assert (again.number, again.would_be.channel) == (2, "sms")
