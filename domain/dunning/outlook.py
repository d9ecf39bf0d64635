"""Looks ahead: plays the engine from one instant to the next with the facts of now, and stores nothing.

Where the contact policy counts earlier contacts, or notices are combined, the customer's other cases are played along, since what is
written for one of them moves the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.dunning import case_store
from domain.dunning.case_facts import gather_for
from domain.dunning.combining import Letter, letters
from domain.dunning.contact_gates import ContactGates, look_at_gates, waited_of
from domain.dunning.control_store import controls_of
from domain.dunning.decided import Decided, Effect
from domain.dunning.engine import decide_all, turn_of
from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case
from domain.dunning.plan_store import ladders_of
from domain.dunning.rules.control import LIVE, PlanControl, as_if_done
from domain.dunning.rules.decide import Decision
from domain.dunning.rules.ladder import Ladder
from domain.dunning.rules.minimum import BELOW_MINIMUM
from domain.dunning.rules.projection import Course, Outlook
from domain.kernel.context import Context
from domain.kernel.paging import PageRequest

StepKey = tuple[str, int]
"""A step and the number of its occurrence."""

MOST_COMPANIONS = 200
"""How many cases of a customer are looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What will become of a case as things stand; `said` are the letters that its steps write, by step, with the instant."""

    case: Case
    ladder: Ladder
    gathered: Gathered
    outlook: Outlook
    control: PlanControl = LIVE
    said: Mapping[StepKey, tuple[Letter, datetime]] = field(default_factory=dict)
    done: Mapping[StepKey, tuple[Effect, datetime]] = field(default_factory=dict)
    """Every step that will be carried out."""


async def look_ahead(ctx: Context, case: Case) -> Prospect:
    """The outlook of one case; the number of statements does not depend on the steps."""
    ladders = await ladders_of(ctx, {case.plan_version_id})
    gathered = await gather_for(ctx, [case], ladders)
    ladder, own = ladders[case.plan_version_id], gathered[case.id]
    if case.state != "active":
        return Prospect(case=case, ladder=ladder, gathered=own, outlook=Outlook((), ()))
    gates = await look_at_gates(ctx, gathered, [case])
    cases = [case]
    if gates.looks_back or case.combined:
        cases = await _with_companions(ctx, case)
        ladders = await ladders_of(ctx, {one.plan_version_id for one in cases})
        gathered = await gather_for(ctx, cases, ladders)
    controls = await controls_of(ctx, {one.plan_id for one in cases}, only_reading=True)
    return foresee(cases, gathered, ladders, controls, gates, ctx.now())


def foresee(
    cases: Sequence[Case],
    gathered: Mapping[str, Gathered],
    ladders: Mapping[str, Ladder],
    controls: Mapping[str, PlanControl],
    gates: ContactGates,
    now: datetime,
) -> Prospect:
    """The outlook of the first of these cases, all of one customer: each is decided when the engine will come to it.

    Of a plan that is paused or only tried it is what would be.
    """
    going = {plan_id: replace(control, is_paused=False) for plan_id, control in controls.items()}
    played = _Play(
        [
            _Player.of(case, _seen(gathered[case.id], going[case.plan_id]), ladders[case.plan_version_id], now)
            for case in cases
        ]
    )
    for at, batch in played.batches():
        known = {one.case.id: one.known() for one in batch}
        decided = decide_all([one.case for one in batch], known, ladders, going, gates, at)
        gates.settle(at)
        played.take(at, batch, decided)
    first = played.players[0]
    return Prospect(
        case=cases[0],
        ladder=first.ladder,
        gathered=gathered[first.case.id],
        outlook=first.course.outlook(),
        control=controls[cases[0].plan_id],
        said=played.said,
        done=played.done,
    )


@dataclass(slots=True)
class _Player:
    case: Case
    gathered: Gathered
    ladder: Ladder
    course: Course
    looks_at: datetime | None

    @classmethod
    def of(cls, case: Case, gathered: Gathered, ladder: Ladder, now: datetime) -> _Player:
        """A case as it stands; the engine does not come to it before it asked for that."""
        looks_at = max(case.next_action_at or now, now)
        course = Course(ladder.steps, gathered.facts, ladder.options, now, waited_of(case))
        if looks_at > now:
            course.note_waits(now, _stands(case))
        return cls(replace(case, next_action_at=looks_at), gathered, ladder, course, looks_at)

    def known(self) -> Gathered:
        """What is known of it at the instant that it has come to."""
        return replace(self.gathered, facts=self.course.facts)

    def take(self, at: datetime, decision: Decision) -> None:
        """Goes on with what was decided."""
        self.looks_at = self.course.take(at, decision)
        self.case = replace(
            self.case,
            state=decision.state,
            next_action_at=self.looks_at,
            deferred_step=decision.deferred_step,
            deferred_reasons=list(decision.deferred_reasons),
        )


@dataclass(slots=True)
class _Play:
    players: Sequence[_Player]
    said: dict[StepKey, tuple[Letter, datetime]] = field(default_factory=dict)
    done: dict[StepKey, tuple[Effect, datetime]] = field(default_factory=dict)

    def batches(self) -> Iterator[tuple[datetime, Sequence[_Player]]]:
        """What the engine takes in hand next, as it claims cases: those that are combined first, with those that wait for more."""
        while looks := [one.looks_at for one in self.players if one.looks_at is not None]:
            at = min(looks)
            due = [one for one in self.players if one.looks_at is not None and one.looks_at <= at]
            combined = [one for one in self.players if one.case.combined and (one in due or _waits_for_more(one))]
            batch = combined if any(one.case.combined for one in due) else due
            yield at, sorted(batch, key=lambda one: turn_of(one.case))

    def take(self, at: datetime, batch: Sequence[_Player], decided: Sequence[Decided]) -> None:
        """Goes on with what was decided of a batch, and keeps what the first case has to say."""
        own = self.players[0].case.id
        effects = [Effect(one, step) for one in decided for step in one.decision.steps]
        self.done |= {_key(e): (e, at) for e in effects if e.of.case.id == own and e.step.outcome == "done"}
        for letter in letters(effect for effect in effects if effect.step.contact is not None):
            for effect in letter.effects:
                if effect.of.case.id == own:
                    self.said[_key(effect)] = letter, at
        for player, one in zip(batch, decided, strict=True):
            player.take(at, one.decision)


def _seen(gathered: Gathered, control: PlanControl) -> Gathered:
    return replace(gathered, facts=as_if_done(gathered.facts)) if control.is_shadow else gathered


def _key(effect: Effect) -> StepKey:
    return effect.step.step.key, effect.step.number


def _waits_for_more(player: _Player) -> bool:
    return player.case.state == "active" and BELOW_MINIMUM in player.case.deferred_reasons


def _stands(case: Case) -> Decision:
    """How the engine left the case."""
    return Decision(
        state="active",
        next_action_at=case.next_action_at,
        deferred_reasons=tuple(case.deferred_reasons),
        deferred_until=case.deferred_until,
        deferred_step=case.deferred_step,
    )


async def _with_companions(ctx: Context, case: Case) -> list[Case]:
    rows = await case_store.page(ctx, PageRequest(limit=MOST_COMPANIONS), case.customer_id, None, "active")
    return [case, *(one for one in map(case_store.case_of, rows) if one.id != case.id)]
