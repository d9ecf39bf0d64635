"""What was written and did not arrive is written again another way, but the ladder never goes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.dunning.rules.decide import decide
from domain.dunning.rules.facts import CaseFacts, LastOccurrence, decided_again, new_due_date
from domain.dunning.rules.steps import Step
from tests.rules.ladders import WANG, day, facts, ladder, step, told

EVERYWHERE = frozenset({"email", "sms", "wecom"})


def notice(key: str, offset_days: int, *channels: str) -> dict[str, Any]:
    """A step that writes through the first channel that reaches somebody."""
    return step(key, offset_days, action={"type": "notice", "template": "overdue_notice", "channels": list(channels)})


def wrote(channel: str, state: str, on: int, number: int = 1) -> LastOccurrence:
    """An occurrence of this day whose notice has come to this state."""
    return LastOccurrence(
        number=number,
        outcome="done",
        reminded_at=None if state in ("failed", "bounced", "cancelled") else day(on),
        due_at=day(on),
        decided_at=day(on),
        withdrawn=state == "cancelled",
        notice_state=state,
        notice_channel=channel,
    )


def known(*past: LastOccurrence, **more: Any) -> CaseFacts:
    """What is known of a case whose first step has these occurrences."""
    last = None
    for one in past:
        last = decided_again(last, one)
    occurrences = {"first": last} if last else {}
    return facts(usable_channels=EVERYWHERE, occurrences={**occurrences, **more.pop("others", {})}, **more)


def ways(steps: list[Step], what: CaseFacts, on: int) -> list[tuple[str, int, str | None, tuple[str, ...]]]:
    """Each decided step: key, number, channel and reasons."""
    decided = decide(steps, what, day(on)).steps
    return [(one.step.key, one.number, one.channel, one.reasons) for one in decided]


BOTH = ladder(notice("first", 1, "email", "sms"), step("second", 10))


def test_a_failed_notice_takes_the_next_channel_once() -> None:
    assert ways(BOTH, known(wrote("email", "failed", 1)), 2) == [("first", 2, "sms", ("failed",))]
    assert ways(BOTH, known(wrote("email", "failed", 1), wrote("sms", "sent", 1, 2)), 2) == []
    assert ways(BOTH, known(wrote("email", "failed", 1), wrote("sms", "failed", 1, 2)), 2) == []


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "delivered", "unknown", "read", "replied"])
def test_nothing_else_is_followed(state: str) -> None:
    assert ways(BOTH, known(wrote("email", state, 1)), 2) == []


def test_a_failure_stands_where_nobody_is_reached_otherwise() -> None:
    only_mail = replace(WANG, sealed_phone=None)
    assert ways(BOTH, known(wrote("email", "failed", 1), contacts=(only_mail,)), 2) == []
    opted_out = replace(WANG, opted_out_channels=frozenset({"sms"}))
    assert ways(BOTH, known(wrote("email", "failed", 1), contacts=(opted_out,)), 2) == []
    assert ways(BOTH, replace(known(wrote("email", "failed", 1)), usable_channels=frozenset({"email"})), 2) == []


def test_a_bounce_takes_the_next_address_and_never_a_channel_that_failed() -> None:
    bad = replace(WANG, invalid_channels=("email",))
    assert ways(BOTH, known(wrote("email", "bounced", 1), contacts=(bad,)), 2) == [("first", 2, "sms", ("bounced",))]
    other = replace(WANG, id="con_2")
    assert ways(BOTH, known(wrote("email", "bounced", 1), contacts=(bad, other)), 2)[0][2] == "email"
    no_phone = replace(WANG, invalid_channels=("sms",))
    back = known(wrote("email", "failed", 1), wrote("sms", "bounced", 1, 2), contacts=(no_phone,))
    assert told(decide(BOTH, back, day(2))) == {"first": "held address_invalid"}


def test_a_cancelled_notice_is_written_again_through_its_own_channel() -> None:
    again = known(wrote("email", "failed", 1), wrote("sms", "cancelled", 1, 2))
    assert ways(BOTH, again, 2) == [("first", 3, "sms", ())]


def test_the_ladder_never_goes_back() -> None:
    passed = {"second": wrote("email", "sent", 10)}
    for state in ("failed", "bounced"):
        assert ways(BOTH, known(wrote("email", state, 1), others=passed), 11) == []
        assert ways(BOTH, known(wrote("email", state, 1), others={"second": wrote("email", state, 10)}), 11) != []


def test_a_later_step_that_is_due_as_well_takes_its_place() -> None:
    assert told(decide(BOTH, known(wrote("email", "failed", 1)), day(10))) == {
        "first": "skipped superseded",
        "second": "done",
    }


def test_a_step_without_an_account_is_decided_once_there_is_one() -> None:
    steps = ladder(notice("first", 1, "sms"), step("second", 10))
    held = LastOccurrence(number=1, outcome="held", reasons=("channel_not_configured",), decided_at=day(1))
    none = facts(usable_channels=frozenset({"email"}), occurrences={"first": held})
    assert decide(steps, none, day(2)).steps == ()
    assert ways(steps, replace(none, usable_channels=EVERYWHERE), 2) == [("first", 2, "sms", ())]
    later = replace(none, usable_channels=EVERYWHERE, occurrences={"first": held, "second": wrote("email", "sent", 10)})
    assert ways(steps, later, 11) == []
    disputed = replace(held, reasons=("disputed", "channel_not_configured"))
    assert ways(steps, facts(usable_channels=EVERYWHERE, occurrences={"first": disputed}), 2) == []


def test_an_alert_without_an_account_is_raised_once_there_is_one() -> None:
    steps = ladder(step("first", 1, action={"type": "alert", "channel": "feishu", "template": "staff_alert"}))
    held = LastOccurrence(number=1, outcome="held", reasons=("no_channel_account",), decided_at=day(1))
    ready = facts(usable_channels=frozenset({"email", "feishu"}), occurrences={"first": held})
    assert told(decide(steps, ready, day(2))) == {"first": "done"}
    assert decide(steps, replace(ready, usable_channels=EVERYWHERE), day(2)).steps == ()


def test_every_notice_of_a_step_counts() -> None:
    twice = known(wrote("email", "sent", 1), wrote("sms", "sent", 3, 2))
    assert (twice.notices_sent, str(twice.last_reminded_on)) == (2, "2026-03-13")
    lost = known(wrote("email", "sent", 1), wrote("sms", "failed", 3, 2))
    assert (lost.notices_sent, str(lost.last_reminded_on)) == (1, "2026-03-11")
    assert known(wrote("email", "failed", 1), wrote("sms", "sent", 3, 2)).notices_sent == 1


GIVES = {"type": "notice", "template": "firm_notice", "channels": ["email"], "new_due_days": 14}
FORMAL = ladder(step("letter", 10, action=GIVES), step("last", 1, relative_to="new_due_date"))


def test_a_notice_that_gives_a_new_day_sets_when_the_next_step_is_due() -> None:
    assert decide(FORMAL, facts(), day(10)).next_action_at == day(25)
    assert decide(FORMAL, facts(contacts=()), day(10)).next_action_at is None


def test_the_last_notice_that_set_a_day_counts() -> None:
    early = replace(wrote("email", "sent", 10), new_due_on=day(24).date())
    again = decided_again(early, wrote("email", "failed", 20, 2))
    assert new_due_date([again]) == day(24).date()
    later = replace(wrote("email", "sent", 20, 2), new_due_on=day(34).date())
    assert new_due_date([decided_again(early, later), wrote("email", "sent", 30)]) == day(34).date()
    assert new_due_date([wrote("email", "sent", 30)]) is None
