"""The ladder of an account: whichever debts come and are paid, no rung is left out and nothing is said twice of one debt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dunning.rules.account import Member, Past, anchor_of, listed, next_due_on, said, settled_as
from domain.dunning.rules.decide import decide
from domain.dunning.rules.facts import LastOccurrence
from domain.dunning.rules.steps import Step
from domain.kernel.calendar import local_date
from domain.kernel.money import Money
from tests.rules.test_dunning_decide import DUE, LEGAL, a_step, day, some_facts

ZONE = "Asia/Shanghai"
LADDER = [a_step("first", 3), a_step("second", 15), a_step("third", 30), a_step("fourth", 45)]
RANK = {step.key: n for n, step in enumerate(LADDER)}


def a_member(key: str, due: int, amount: int = 100, **more: object) -> Member:
    """Due `due` days after DUE."""
    due_on = DUE + timedelta(days=due)
    values = {"disputed_amount": Money.zero("CNY"), "issued_on": due_on - timedelta(days=30), **more}
    money = Money(Decimal(amount), "CNY")
    return Member(receivable_id=key, number=key, amount=money, open_amount=money, due_on=due_on, **values)  # type: ignore[arg-type]


@dataclass
class Account:
    """An account in the engine's hands, with everything that was decided in it."""

    lists_all: bool = False
    steps: list[Step] = field(default_factory=lambda: LADDER)
    members: dict[str, Member] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)
    next_at: datetime | None = None
    since: datetime | None = None

    def look(self, now: datetime) -> None:
        """The engine decides."""
        anchor = anchor_of(self.members.values())
        if anchor is None:
            self.since = None
            return
        self.since = self.since or now
        occurrences, so_far = said(self.past, anchor, self.members, self.since, lists_all=self.lists_all)
        facts = some_facts(due_on=anchor.due_on, open_amount=anchor.open_amount, occurrences=occurrences, so_far=so_far)
        entered = self.entered()
        decision = decide(self.steps, facts, now)
        for step in decision.steps:
            last = LastOccurrence(
                number=step.number,
                outcome=step.outcome,
                reasons=step.reasons,
                is_escalation=step.step.action.type == "escalation",
            )
            self.past.append(Past(step_key=step.step.key, about=anchor.receivable_id, decided_at=now, last=last))
        self.check(entered, moved=so_far is not None, now=now)
        self.next_at = decision.next_action_at

    def entered(self) -> dict[str, datetime]:
        """When each rung was last carried out in this round."""
        done = [one for one in self.past if one.last.outcome == "done" and self.since and one.decided_at >= self.since]
        return {one.step_key: one.decided_at for one in done}

    def check(self, before: dict[str, datetime], *, moved: bool, now: datetime) -> None:
        """What must hold whatever happens."""
        done = [(one.step_key, one.about) for one in self.past if one.last.outcome == "done"]
        assert len(done) == len(set(done)), "the same was said twice of one debt"
        reached = max((RANK[key] for key in before), default=-1)
        new = [RANK[key] for key in self.entered() if RANK[key] > reached]
        if not moved:
            return
        assert new in ([], [reached + 1]), "a rung was left out"
        if new:
            rung = self.steps[new[0]]
            gap = rung.offset_days - self.steps[new[0] - 1].offset_days
            assert (local_date(now, ZONE) - local_date(max(before.values()), ZONE)).days >= gap

    def told(self) -> list[tuple[int, str, str | None]]:
        """What was carried out: the day, the rung, and of which debt."""
        done = [one for one in self.past if one.last.outcome == "done"]
        return [((local_date(one.decided_at, ZONE) - DUE).days, one.step_key, one.about) for one in done]

    def until(self, last: int) -> None:
        """The engine works whenever something falls due."""
        while self.next_at is not None and self.next_at <= day(last, 12):
            now, self.next_at = self.next_at, None
            self.look(now)


def test_the_oldest_leads_unless_it_is_provisional_or_contested_as_a_whole() -> None:
    old, young = a_member("old", 0), a_member("young", 9)
    waiting = a_member("waiting", -5, due_on_is_provisional=True)
    contested = a_member("contested", -9, disputed_amount=Money(Decimal(100), "CNY"))
    assert anchor_of([young, waiting, contested, old]) is old
    assert anchor_of([waiting, contested]) is contested
    assert anchor_of([waiting]) is waiting
    assert anchor_of([]) is None


def test_a_balance_names_what_is_due_and_nothing_that_waits_or_is_contested() -> None:
    anchor, due, later = a_member("a", 0), a_member("b", 5), a_member("c", 20)
    waiting = a_member("d", 1, due_on_is_provisional=True)
    contested = a_member("e", 1, disputed_amount=Money(Decimal(100), "CNY"))
    members = [later, contested, due, waiting, anchor]
    assert listed(members, anchor, DUE + timedelta(days=5)) == (anchor, due)
    assert listed(members, anchor, DUE - timedelta(days=5)) == (anchor,)
    assert next_due_on(members, anchor, DUE + timedelta(days=5)) == later.due_on
    assert next_due_on(members, anchor, later.due_on) is None


def test_an_account_is_paid_if_anything_in_it_was() -> None:
    assert settled_as(["paid", "written_off"]) == "paid"
    assert settled_as(["written_off"]) == "written_off"
    assert settled_as(["cancelled", "cancelled"]) == "cancelled"


def test_kill_bill_2297() -> None:
    steps = [a_step("first", 5), a_step("second", 7), a_step("third", 11), a_step("fourth", 20)]
    account = Account(steps=steps)
    account.members = {"a": a_member("a", 0), "b": a_member("b", 2)}
    account.look(day(0))
    account.until(4)
    del account.members["a"]
    account.look(day(4))
    account.until(30)
    assert account.told() == [(7, "first", "b"), (9, "second", "b"), (13, "third", "b"), (22, "fourth", "b")]


def test_much_older_debts_go_on_one_rung_at_a_time() -> None:
    account = Account()
    account.members = {"a": a_member("a", 0)}
    account.look(day(0))
    account.until(3)
    account.members = {"b": a_member("b", -60)}
    account.look(day(4))
    account.until(100)
    assert account.told() == [
        (3, "first", "a"),
        (4, "first", "b"),
        (16, "second", "b"),
        (31, "third", "b"),
        (46, "fourth", "b"),
    ]


def test_after_an_outage_the_next_rung_comes_alone() -> None:
    account = Account()
    account.members = {"a": a_member("a", 0), "b": a_member("b", 1)}
    account.look(day(0))
    account.until(3)
    del account.members["a"]
    account.look(day(90))
    assert account.told()[1:] == [(90, "second", "b")]
    account.until(200)
    assert account.told()[2:] == [(105, "third", "b"), (120, "fourth", "b")]


def test_a_balance_does_not_repeat_a_rung_right_after_it_named_the_debt() -> None:
    account = Account(lists_all=True)
    account.members = {"a": a_member("a", 0), "b": a_member("b", 2), "c": a_member("c", 40)}
    account.look(day(0))
    account.until(32)
    del account.members["a"]
    account.look(day(33))
    account.until(52)
    assert account.told() == [
        (3, "first", "a"),
        (15, "second", "a"),
        (30, "third", "a"),
        (47, "fourth", "b"),
    ]
    del account.members["b"]
    account.look(day(53))
    account.until(200)
    # Of the third debt nothing was said but in the last notice; its later rungs keep their distance from that.
    assert account.told()[4:] == [(70, "third", "c"), (85, "fourth", "c")]


def test_an_escalation_holds_as_long_as_its_debt_is_open() -> None:
    steps = [a_step("first", 3), a_step("second", 15), a_step("third", 30, LEGAL)]
    account = Account(steps=steps)
    account.members = {"a": a_member("a", 0), "b": a_member("b", 20)}
    account.look(day(0))
    account.until(60)
    assert account.told()[-1] == (30, "third", "a")
    del account.members["a"]
    account.look(day(61))
    account.until(100)
    assert account.told()[-1] == (61, "third", "b")


events = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.sampled_from(["pay oldest", "pay any", "invoice", "old invoice", "outage"]),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(events, st.booleans())
def test_whatever_is_paid_and_invoiced_no_rung_is_left_out_and_nothing_is_said_twice(
    happening: list[tuple[int, str, int]], lists_all: bool
) -> None:
    account, today = Account(lists_all=lists_all, members={"m0": a_member("m0", 0)}), 0
    account.look(day(0))
    for number, (days, kind, value) in enumerate(happening, 1):
        today += days
        if kind != "outage":
            account.until(today)
        if kind.startswith("pay") and account.members:
            open_now = sorted(account.members.values(), key=lambda m: (m.due_on, m.receivable_id))
            del account.members[open_now[0 if kind == "pay oldest" else value % len(open_now)].receivable_id]
        elif kind == "invoice":
            account.members[f"m{number}"] = a_member(f"m{number}", today + value)
        elif kind == "old invoice":
            account.members[f"m{number}"] = a_member(f"m{number}", today - value)
        account.look(day(today, 13))
    account.until(today + 400)
    if account.members and not any(one.due_on > date(2028, 1, 1) for one in account.members.values()):
        anchor = anchor_of(account.members.values())
        assert anchor is not None
        decided = {one.step_key for one in account.past if one.about == anchor.receivable_id}
        assert lists_all or decided == set(RANK), "the ladder came to an end before its last rung"
