"""What a client may say of collection activities."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.inputs.fields import Id, Instant
from domain.collections.model import ActivityKind, ActivityOutcome


class NewActivity(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that happened with a customer."""

    customer_id: Id
    receivable_id: Id | None = None
    kind: ActivityKind
    outcome: ActivityOutcome | None = None
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]
    occurred_at: Instant | None = None
