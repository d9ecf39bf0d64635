"""Cases that are moved from one version of their plan to another."""

from __future__ import annotations

from dataclasses import dataclass

from domain.dunning.timeline_model import FutureStep, WaitingStep


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMigration:
    """What moving one case to the published version comes to, as things stand; with a `reason` it stays where it is.

    `was_next` is the step that would come next if it stayed, `next` the one that comes after the move, `future` all that do, and
    `waiting` those without a day. `skipped_steps` are passed already and left out by the move (`before_migration`); `kept_steps` were
    decided before and are not done again; `dropped_steps` are not in the published version and will not be done.
    """

    case_id: str
    customer_id: str
    receivable_id: str | None
    from_version_id: str
    from_number: int
    to_version_id: str
    to_number: int
    can_move: bool
    reason: str | None
    was_next: FutureStep | None
    next: FutureStep | None
    future: list[FutureStep]
    waiting: list[WaitingStep]
    skipped_steps: list[str]
    kept_steps: list[str]
    dropped_steps: list[str]
