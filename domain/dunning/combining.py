"""What one notice says: all receivables of a customer that come to the same step at once, or all that an account has due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from domain.dunning.decided import Decided, Effect
from domain.dunning.rules.account import Member
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.minimum import BELOW_MINIMUM, dunnable, is_below
from domain.kernel.calendar import instant_of, zone
from domain.kernel.money import Money
from domain.kernel.records import record
from domain.messaging.model import NoticeReceivable, ReceivableLine

_Key = tuple[str, ...]
_AMOUNT, _OPEN, _DISPUTED = attrgetter("amount"), attrgetter("open_amount"), attrgetter("disputed_amount")


@record(frozen=True, slots=True)
class Letter:
    """The effects that one notice is for, that of the oldest receivable first, and what it names, oldest first."""

    effects: Sequence[Effect]
    named: Sequence[tuple[str, Member]]
    """Each with the case that it belongs to."""

    @property
    def open_amount(self) -> Money:
        """What is open of all."""
        return _total(self.named, _OPEN)

    @property
    def disputed_amount(self) -> Money:
        """What of that is contested."""
        return _total(self.named, _DISPUTED)

    @property
    def amount(self) -> Money:
        """What all were for."""
        return _total(self.named, _AMOUNT)

    def lines(self) -> tuple[ReceivableLine, ...]:
        """All that it is about, for its text."""
        return tuple(
            ReceivableLine(
                receivable_id=member.receivable_id,
                number=member.number,
                issued_on=member.issued_on,
                due_on=member.due_on,
                amount=member.amount,
                open_amount=member.open_amount,
                disputed_amount=member.disputed_amount,
            )
            for _, member in self.named
        )

    def receivables(self) -> tuple[NoticeReceivable, ...]:
        """What the notice keeps of each; nothing if it is about a single one."""
        if len(self.named) == 1:
            return ()
        return tuple(
            NoticeReceivable(
                receivable_id=member.receivable_id,
                case_id=case_id,
                number=member.number,
                issued_on=member.issued_on,
                due_on=member.due_on,
                open_amount=member.open_amount,
                disputed_amount=member.disputed_amount,
            )
            for case_id, member in self.named
        )


def letters(effects: Iterable[Effect]) -> list[Letter]:
    """The notices of a batch of steps that write, in the order of their first steps.

    Cases whose plan combines share one for each customer, currency, plan version, step, contact and channel.
    """
    groups: dict[_Key, list[Effect]] = {}
    for effect in effects:
        groups.setdefault(_key(effect), []).append(effect)
    return [_letter(group) for group in groups.values()]


def defer_small(decided: Sequence[Decided], now: datetime) -> list[Decided]:
    """Leaves undecided what would ask for less than the minimum of the plan, less unapplied credit.

    Such a step is not held, which would use it up: it waits, and goes out once more is due. The case is looked at again by whatever
    changes its receivables, on the day on which more falls due in its account, together with another case of the customer that it
    is combined with, and when its next step falls due.
    """
    if not any(one.options.minimum_amount for one in decided):
        return list(decided)
    writing = [Effect(one, step) for one in decided for step in one.decision.steps if step.contact is not None]
    small = {effect.key for letter in letters(writing) if _is_small(letter) for effect in letter.effects}
    return [_without(one, small, now) for one in decided]


def _is_small(letter: Letter) -> bool:
    first = letter.effects[0].of
    due = dunnable((member.due_amount for _, member in letter.named), first.gathered.facts.unapplied_amount)
    return is_below(due, first.options.minimum_amount)


def _without(one: Decided, small: set[tuple[str, str]], now: datetime) -> Decided:
    waiting = [step for step in one.decision.steps if (one.case.id, step.step.key) in small]
    if not waiting:
        return one
    decision = replace(one.decision, steps=tuple(step for step in one.decision.steps if step not in waiting))
    if decision.state != "active":
        return replace(one, decision=decision)
    more_at = _more_due_at(one.gathered.facts, waiting[0].due_at, now)
    instants = [at for at in (decision.next_action_at, more_at) if at is not None]
    decision = replace(
        decision,
        next_action_at=min(instants, default=None),
        deferred_reasons=(*decision.deferred_reasons, BELOW_MINIMUM),
    )
    return replace(one, decision=decision)


def _more_due_at(facts: CaseFacts, due_at: datetime, now: datetime) -> datetime | None:
    """When the account has more due, at the time of day of the step that waits."""
    if facts.more_due_on is None:
        return None
    at = instant_of(facts.more_due_on, due_at.astimezone(zone(facts.time_zone)).time(), facts.time_zone)
    return at if at > now else now + timedelta(days=1)


def _key(effect: Effect) -> _Key:
    case, step = effect.of.case, effect.step
    if not effect.of.options.combine or case.receivable_id is None or step.contact is None:
        return effect.key
    currency = effect.of.gathered.facts.open_amount.currency
    return case.customer_id, currency, case.plan_version_id, step.step.key, step.contact.id, step.channel or ""


def _letter(group: Sequence[Effect]) -> Letter:
    if len(group) == 1:
        case_id = group[0].of.case.id
        return Letter(group, [(case_id, member) for member in _named(group[0])])
    effects = sorted(group, key=lambda effect: (effect.of.gathered.facts.due_on, effect.of.gathered.receivable_id))
    named = [(effect.of.case.id, member) for effect in effects for member in _named(effect)]
    return Letter(effects, named)


def _named(effect: Effect) -> tuple[Member, ...]:
    known = effect.of.gathered
    if known.listed:
        return known.listed
    own = Member(
        receivable_id=known.receivable_id,
        number=known.number,
        amount=known.amount,
        open_amount=known.facts.open_amount,
        disputed_amount=known.facts.disputed_amount,
        issued_on=known.issued_on,
        due_on=known.facts.due_on,
    )
    return (own,)


def _total(named: Sequence[tuple[str, Member]], amount: Callable[[Member], Money]) -> Money:
    first = amount(named[0][1])
    return first if len(named) == 1 else sum((amount(member) for _, member in named[1:]), first)


def results(written: Iterable[tuple[Letter, str]]) -> dict[tuple[str, str], str]:
    """The notice of each effect, by case and step."""
    return {effect.key: notice_id for letter, notice_id in written for effect in letter.effects}
