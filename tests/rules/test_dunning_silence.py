"""What is not read is followed through the next channel; where nobody answers, the next step comes earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.dunning.rules.decide import decide
from domain.dunning.rules.facts import CaseFacts, LastOccurrence
from domain.dunning.rules.options import parse_options
from domain.dunning.rules.projection import project
from tests.rules.ladders import WANG, day, facts, ladder, step, task, told
from tests.rules.test_dunning_following import EVERYWHERE, known, notice, ways, wrote

UNREAD = parse_options({"next_channel_when_unread_days": 3})
SILENT = parse_options({"raise_when_no_reply_days": 5})
BOTH = ladder(notice("first", 1, "email", "sms"), step("second", 20))


def left(channel: str, state: str, on: int, number: int = 1, **more: Any) -> LastOccurrence:
    """A notice that left on this day."""
    return replace(wrote(channel, state, on, number), left_at=day(on), **more)


def decided(what: CaseFacts, on: int) -> list[tuple[str, int, str | None, tuple[str, ...]]]:
    """Each step decided on a day by a plan that minds what is unread."""
    return [(one.step.key, one.number, one.channel, one.reasons) for one in decide(BOTH, what, day(on), UNREAD).steps]


@pytest.mark.parametrize("state", ["sent", "delivered", "awaiting_confirmation"])
def test_what_nobody_has_read_is_written_again_through_the_next_channel(state: str) -> None:
    first = known(left("email", state, 1))
    waits = decide(BOTH, first, day(2), UNREAD)
    assert (waits.steps, waits.next_action_at, waits.deferred_reasons) == ((), day(4), ())
    assert decided(first, 4) == [("first", 2, "sms", ("unread",))]
    (again,) = decide(BOTH, first, day(4), UNREAD).steps
    assert again.due_at == day(4)


def test_the_days_count_from_the_sending_not_from_the_decision() -> None:
    late = replace(wrote("email", "sent", 1), left_at=day(2, 15))
    assert decide(BOTH, known(late), day(4), UNREAD).next_action_at == day(5)


def test_what_has_not_left_is_looked_at_again_day_by_day() -> None:
    waiting = known(wrote("email", "queued", 1))
    assert decide(BOTH, waiting, day(1), UNREAD).next_action_at == day(4)
    assert decide(BOTH, waiting, day(4), UNREAD) == replace(decide(BOTH, waiting, day(4)), next_action_at=day(5))


@pytest.mark.parametrize("state", ["read", "clicked", "replied", "unknown"])
def test_nothing_else_is_followed(state: str) -> None:
    assert decided(known(left("email", state, 1)), 10) == []


def test_without_the_option_and_without_another_channel_nothing_follows() -> None:
    assert ways(BOTH, known(left("email", "sent", 1)), 10) == []
    assert decided(known(left("email", "sent", 1), contacts=(replace(WANG, sealed_phone=None),)), 10) == []
    assert decided(known(left("email", "sent", 1), left("sms", "sent", 4, 2)), 10) == []


def test_a_later_notice_ends_the_waiting() -> None:
    assert decided(known(left("email", "sent", 1), others={"second": left("email", "sent", 3)}), 10) == []
    steps = ladder(notice("first", 1, "email", "sms"), step("second", 3))
    in_time = [told(decide(steps, known(left("email", "sent", 1)), day(on), UNREAD)) for on in (2, 3)]
    assert in_time == [{}, {"second": "done"}]
    late = decide(steps, known(left("email", "sent", 1)), day(9), UNREAD)
    assert told(late) == {"first": "skipped superseded", "second": "done"}


def test_what_is_passed_by_the_same_decision_is_not_looked_at_again() -> None:
    steps = ladder(notice("first", 1, "email", "sms"), step("second", 3))
    passing = decide(steps, known(left("email", "sent", 1)), day(3), UNREAD)
    assert (told(passing), passing.next_action_at) == ({"second": "done"}, None)


def test_the_gap_between_notices_holds_for_what_follows_too() -> None:
    apart = known(left("email", "sent", 1), minimum_days_between=7)
    waits = decide(BOTH, apart, day(4), UNREAD)
    assert (waits.steps, waits.next_action_at, waits.deferred_reasons) == ((), day(8), ("minimum_gap",))


def test_the_outlook_tells_what_will_follow() -> None:
    outlook = project(BOTH, facts(usable_channels=EVERYWHERE), day(0), UNREAD)
    assert [(one.at, one.decided.step.key, one.decided.reasons) for one in outlook.expected] == [
        (day(1), "first", ()),
        (day(4), "first", ("unread",)),
        (day(20), "second", ()),
    ]


RUNGS = ladder(step("first", 1), step("second", 20), task("call", 30), step("third", 40))


def silent(**more: Any) -> CaseFacts:
    """A case whose first notice left a day after the due date, and nobody has been heard of since."""
    return facts(occurrences={"first": left("email", "sent", 1)}, **more)


def test_the_next_step_comes_earlier_where_nobody_answers() -> None:
    assert decide(RUNGS, silent(), day(2), SILENT).next_action_at == day(6)
    raised = decide(RUNGS, silent(), day(6), SILENT)
    assert told(raised) == {"second": "done no_reply"}
    assert raised.steps[0].due_at == day(6)
    assert raised.next_action_at == day(11)
    assert decide(RUNGS, silent(), day(6)).steps == ()


def test_each_notice_makes_one_step_come_earlier() -> None:
    outlook = project(RUNGS, silent(), day(2), SILENT)
    assert [(one.at, one.decided.step.key, one.decided.reasons) for one in outlook.expected] == [
        (day(6), "second", ("no_reply",)),
        (day(11), "call", ("no_reply",)),
        (day(40), "third", ()),
    ]


def test_a_held_step_that_came_earlier_counts_as_one() -> None:
    held = replace(LastOccurrence(number=1, outcome="held"), decided_at=day(6), due_at=day(6), reasons=("disputed",))
    known_ = facts(occurrences={"first": left("email", "sent", 1), "second": held})
    assert decide(RUNGS, known_, day(7), SILENT).next_action_at == day(30)


def test_whoever_was_heard_of_is_not_pressed() -> None:
    heard = silent(heard_at=day(2))
    assert decide(RUNGS, heard, day(3), SILENT).next_action_at == day(20)
    assert decide(RUNGS, silent(heard_at=day(0)), day(3), SILENT).next_action_at == day(6)


def test_nobody_has_to_answer_before_the_due_date() -> None:
    steps = ladder(step("friendly", -3), step("first", 10))
    early = facts(occurrences={"friendly": left("email", "sent", -3)})
    assert decide(steps, early, day(0), SILENT).next_action_at == day(10)


def test_a_day_that_was_given_or_promised_is_waited_for() -> None:
    for given in ({"new_due_on": day(8).date()}, {"promised_on": day(8).date()}):
        assert decide(RUNGS, silent(**given), day(3), SILENT).next_action_at == day(20)
    assert decide(RUNGS, silent(promised_on=day(4).date()), day(5), SILENT).next_action_at == day(6)


def test_a_charge_keeps_its_day() -> None:
    charge = step("fee", 10, action={"type": "charge", "charge_rule_id": "crl_1"})
    steps = ladder(step("first", 1), charge, step("second", 20))
    raised = decide(steps, silent(), day(6), SILENT)
    assert (told(raised), raised.next_action_at) == ({"second": "done no_reply"}, day(10))


def test_what_is_due_anyway_is_not_called_earlier() -> None:
    near = ladder(step("first", 1), step("second", 4))
    assert told(decide(near, silent(), day(4), SILENT)) == {"second": "done"}


def test_of_what_is_unread_and_unanswered_the_next_step_wins() -> None:
    options = parse_options({"raise_when_no_reply_days": 3, "next_channel_when_unread_days": 3})
    both = decide(BOTH, known(left("email", "sent", 1)), day(4), options)
    assert told(both) == {"first": "skipped superseded", "second": "done no_reply"}


def test_a_day_is_the_customers_day() -> None:
    late = facts(occurrences={"first": replace(left("email", "sent", 1), left_at=day(1, 23) + timedelta(hours=2))})
    assert decide(RUNGS, late, day(3), SILENT).next_action_at == day(7)
