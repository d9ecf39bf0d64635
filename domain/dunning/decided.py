"""A case with what was decided over it: what the engine carries from deciding to committing."""

from __future__ import annotations

from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case
from domain.dunning.rules.control import LIVE, PlanControl
from domain.dunning.rules.decide import DecidedStep, Decision
from domain.dunning.rules.options import PlanOptions
from domain.kernel.records import record


@record(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case, what was known of it, the options of its plan, and what was decided."""

    case: Case
    gathered: Gathered
    options: PlanOptions
    decision: Decision
    control: PlanControl = LIVE


@record(frozen=True, slots=True)
class Effect:
    """One decided step of one case."""

    of: Decided
    step: DecidedStep

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others of a batch."""
        return self.of.case.id, self.step.step.key
