"""Runs: notices that were proposed, gone through by somebody and released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.kernel.money import Money
from domain.messaging.model import NoticeState

RunState = Literal["open", "released", "cancelled"]
RunItemState = Literal["proposed", "excluded", "released", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRun:
    """Everything that was proposed when it was opened, of all plans or of one; a tenant has one open run at a time.

    The counts are of its items as they stand now. It ends as `released` once no item is left to decide, or as `cancelled`, which
    leaves what is still proposed to the next run.
    """

    id: str
    plan_id: str | None
    state: RunState
    proposed_count: int
    excluded_count: int
    released_count: int
    withdrawn_count: int
    opened_by: str
    opened_at: datetime
    ended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRunItem:
    """One notice of a run.

    `withdrawn` is what was not wanted any more before it was released. `code` says why it was withdrawn or excluded, or why it was
    not sent although it was released; `reason` is what whoever excluded it said.
    """

    notice_id: str
    customer_id: str
    receivable_id: str
    case_id: str | None
    step_key: str | None
    channel: str
    open_amount: Money
    disputed_amount: Money
    state: RunItemState
    code: str | None
    reason: str | None
    notice_state: NoticeState
    changed_by: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCount:
    """How many ended for one reason."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRunReport:
    """What became of a run: `released_count` is what was sent, is still on its way, and was skipped, with the codes.

    `left_count` are neither released nor excluded nor withdrawn.
    """

    run_id: str
    state: RunState
    released_count: int
    sent_count: int
    on_the_way_count: int
    skipped_count: int
    skipped: list[CodeCount]
    excluded_count: int
    withdrawn_count: int
    withdrawn: list[CodeCount]
    left_count: int
