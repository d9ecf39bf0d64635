"""PURE: the steps of a plan as one case walks them: by its debt's age, by its entry if the debt was old, by its account's round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.dunning.rules.account import is_passed_over
from domain.dunning.rules.anchoring import re_anchored
from domain.dunning.rules.entering import entered
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.rounds import Round
from domain.dunning.rules.schedule import Pending, instant_at, instants
from domain.dunning.rules.steps import Step


def course(steps: Sequence[Step], facts: CaseFacts, now: datetime) -> tuple[list[Pending], frozenset[str]]:
    """The steps that are not decided and whose day is known, earliest first, and the keys of those left out for an old debt."""
    if facts.so_far is None and facts.entry is None:
        return instants(steps, facts), frozenset()
    ordered = _whole(steps, facts)
    again = [(_when_again(pair, facts), pair[1]) for pair in ordered if _is_again(pair[1], facts)]
    left_out: frozenset[str] = frozenset()
    if facts.so_far is not None:
        ordered = re_anchored(ordered, _with_own(facts.so_far, facts), now, facts.time_zone)
    elif facts.entry is not None:
        ordered, left_out = entered(ordered, facts.entry, facts.time_zone)
    pending = [pair for pair in ordered if _is_pending(pair[1], facts)]
    return sorted([*pending, *again], key=_at) if again else pending, left_out


def _whole(steps: Sequence[Step], facts: CaseFacts) -> list[Pending]:
    """Every step whose day is known, decided ones included."""
    found = ((instant_at(steps, position, facts), step) for position, step in enumerate(steps))
    return sorted(((at, step) for at, step in found if at is not None), key=_at)


def _with_own(so_far: Round, facts: CaseFacts) -> Round:
    """The round with what was decided about the debt of now since it was looked at: a decision may go on within one transaction."""
    times = dict(so_far.entered)
    for key, past in facts.occurrences.items():
        if past.decided_at is not None and (past.is_again or not past.withdrawn) and not is_passed_over(past):
            times[key] = max(times.get(key, past.decided_at), past.decided_at)
    return replace(so_far, entered=times)


def _is_pending(step: Step, facts: CaseFacts) -> bool:
    past = facts.occurrences.get(step.key)
    return past is None or (past.withdrawn and not past.is_again)


def _is_again(step: Step, facts: CaseFacts) -> bool:
    past = facts.occurrences.get(step.key)
    return past is not None and (past.is_again or past.again_at is not None)


def _when_again(pair: Pending, facts: CaseFacts) -> datetime:
    """At its own time, which is over, where it is to be decided again at once: so it gives way to later ones that are due."""
    past = facts.occurrences[pair[1].key]
    return past.again_at if past.again_at is not None and not past.withdrawn else pair[0]


def _at(pending: Pending) -> datetime:
    return pending[0]
