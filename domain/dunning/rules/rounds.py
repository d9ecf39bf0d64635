"""PURE: where a case is on its way besides its steps: how it entered, and what its account has come to under another debt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.dunning.rules.options import EnterAt


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How a debt that was old already enters its plan: on which of the customer's days, opened when, and at which rung."""

    on: date
    opened_at: datetime
    enter_at: EnterAt


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What this round of an account has come to, once it was about another debt than the one it follows now.

    `entered` says when each rung was last entered, about whichever debt. `lists_all`: each notice named all that was overdue.
    """

    entered: Mapping[str, datetime]
    lists_all: bool
