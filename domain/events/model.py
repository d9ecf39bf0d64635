"""An event: a fact in the past tense, numbered per tenant without gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.kernel.records import record


@record(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact as it was when it happened: `data` holds the whole object, e.g. `{"receivable": {...}}`."""

    id: str
    sequence: int
    type: str
    occurred_at: datetime
    object_id: str
    data: dict[str, Any]


@record(frozen=True, slots=True)
class NewEvent:
    """An event on its way into the log; it gets its number when the transaction commits.

    `type` is `object.past_participle`; `data` maps the object's name to the object, which is encoded at once so that a later change
    cannot alter what happened.
    """

    type: str
    object_id: str
    data: dict[str, Any]
