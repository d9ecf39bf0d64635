"""PURE: the steps of a plan as one case walks them: by its debt's age, by its entry if the debt was old, by its account's round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.dunning.rules.anchoring import re_anchored
from domain.dunning.rules.entering import entered
from domain.dunning.rules.facts import CaseFacts
from domain.dunning.rules.schedule import Pending, in_order
from domain.dunning.rules.steps import Step


def ladder(steps: Sequence[Step], facts: CaseFacts, now: datetime) -> tuple[list[Pending], frozenset[str]]:
    """Every step that concerns the case with its instant, earliest first, and the keys of those left out for an old debt."""
    ordered = in_order(steps, facts.due_on, facts.time_zone, facts.grace_days)
    if facts.so_far is not None:
        return re_anchored(ordered, facts.so_far, now, facts.time_zone), frozenset()
    if facts.entry is not None:
        return entered(ordered, facts.entry, facts.time_zone)
    return ordered, frozenset()
