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
            one.case.receivable_id, step.step.action.charge_rule_id, local_date(now, one.gathered.facts.time_zone)
        )
        for one in decided
        for step in one.decision.steps
        if isinstance(step.step.action, ChargeAction) and step.outcome == "done"
    }
    if not wishes:
        return Charged(decided, {})
    results = dict(zip(wishes, await post_charges(ctx, list(wishes.values())), strict=True))
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


def _owing(gathered: Gathered, open_amount: Money) -> Gathered:
    """The facts with the new open amount, of which what is disputed is never more than all."""
    disputed: Money = min(gathered.facts.disputed_amount, open_amount)
    return replace(gathered, facts=replace(gathered.facts, open_amount=open_amount, disputed_amount=disputed))


def _outcome(refusal: str) -> Literal["held", "skipped"]:
    return "held" if refusal in _HELD else "skipped"


def _key(one: Decided, step: DecidedStep) -> _Key:
    return one.case.id, step.step.key
