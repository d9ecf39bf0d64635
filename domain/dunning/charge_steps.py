"""Steps that charge: posted for the whole batch before anything is written to the customer, who is to read the new amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.dunning.decided import Decided
from domain.dunning.facts_store import Gathered
from domain.dunning.rules.decide import DUE_DATE_PROVISIONAL, DecidedStep
from domain.dunning.rules.holds import DISPUTED
from domain.dunning.rules.steps import ChargeAction
from domain.kernel.calendar import local_date
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger.charge_posting import ChargeResult, ChargeWish, post_charges

_HELD = (DISPUTED, DUE_DATE_PROVISIONAL)
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Charged:
    """The decisions as they stand once the charges are posted, and the charges by case and step."""

    decided: Sequence[Decided]
    made: Mapping[_Key, str]


async def charge(ctx: Context, decided: Sequence[Decided], now: datetime) -> Charged:
    """Posts what the steps that charge come to on the customers' day; without such steps no statement is made.

    The ledger decides last, under its lock: a step that it refuses becomes skipped, or held, for the reason that it gives.
    """
    wishes = {
        _key(one, step): ChargeWish(
            one.gathered.receivable_id, step.step.action.charge_rule_id, local_date(now, one.gathered.facts.time_zone)
        )
        for one in decided
        for step in one.decision.steps
        if isinstance(step.step.action, ChargeAction) and step.outcome == "done"
    }
    if not wishes:
        return Charged(decided, {})
    besides = [receivable_id for one in decided if one.decision.steps for receivable_id in _concerned(one.gathered)]
    results = dict(zip(wishes, await post_charges(ctx, list(wishes.values()), besides=besides), strict=True))
    made = {key: result.charge.id for key, result in results.items() if result.charge}
    return Charged([_after(one, results) for one in decided], made)


def _after(one: Decided, results: Mapping[_Key, ChargeResult]) -> Decided:
    steps, gathered = [], one.gathered
    for step in one.decision.steps:
        result = results.get(_key(one, step))
        if result is not None and result.refusal is not None:
            steps.append(replace(step, outcome=_outcome(result.refusal), reasons=(result.refusal,)))
            continue
        steps.append(step)
        if result is not None and result.open_amount is not None:
            gathered = _owing(gathered, result.open_amount)
    return replace(one, gathered=gathered, decision=replace(one.decision, steps=tuple(steps)))


def _concerned(gathered: Gathered) -> list[str]:
    return [member.receivable_id for member in gathered.listed] or [gathered.receivable_id]


def _owing(gathered: Gathered, open_amount: Money) -> Gathered:
    """The facts with the new open amount, of which what is disputed is never more than all."""
    if gathered.listed:
        return _account_owing(gathered, open_amount)
    disputed: Money = min(gathered.facts.disputed_amount, open_amount)
    return replace(gathered, facts=replace(gathered.facts, open_amount=open_amount, disputed_amount=disputed))


def _account_owing(gathered: Gathered, open_amount: Money) -> Gathered:
    """The same of the receivable that an account follows, which is the one that is charged."""
    listed = tuple(
        replace(m, open_amount=open_amount, disputed_amount=min(m.disputed_amount, open_amount))
        if m.receivable_id == gathered.receivable_id
        else m
        for m in gathered.listed
    )
    none = Money.zero(open_amount.currency)
    facts = replace(
        gathered.facts,
        open_amount=sum((m.open_amount for m in listed), none),
        disputed_amount=sum((m.disputed_amount for m in listed), none),
    )
    return replace(gathered, facts=facts, listed=listed)


def _outcome(refusal: str) -> Literal["held", "skipped"]:
    return "held" if refusal in _HELD else "skipped"


def _key(one: Decided, step: DecidedStep) -> _Key:
    return one.case.id, step.step.key
