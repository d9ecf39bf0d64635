"""A case with what was decided over it: what the engine carries from deciding to committing."""

from __future__ import annotations

from dataclasses import dataclass

from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case
from domain.dunning.rules.control import LIVE, PlanControl
from domain.dunning.rules.decide import DecidedStep, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case, what was known of it, and what was decided."""

    case: Case
    gathered: Gathered
    decision: Decision
    control: PlanControl = LIVE


@dataclass(frozen=True, slots=True)
class Effect:
    """One decided step of one case."""

    of: Decided
    step: DecidedStep

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others of a batch."""
        return self.of.case.id, self.step.step.key
