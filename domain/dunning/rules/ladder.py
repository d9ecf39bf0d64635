"""PURE: a version of a plan as cases walk through it, with what has to be known of it beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.steps import Step, is_gated


# Without slots, so that what is worked out can be kept beside the fields.
@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Steps in the order of the plan, and what holds for all of them. It never changes, so every process may keep it."""

    steps: Sequence[Step]
    options: PlanOptions

    @cached_property
    def has_gates(self) -> bool:
        """Whether somebody has to approve any of the steps."""
        return any(is_gated(step) for step in self.steps)

    @cached_property
    def counts_from_discount(self) -> bool:
        """Whether any step counts from the last day of a discount."""
        return any(step.relative_to == "discount_date" for step in self.steps)
