"""What a client may say of approvals."""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.dunning.approvals import LONGEST_NOTE
from domain.dunning.model import ApprovalState


class ApprovalDecision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why it is approved or rejected, if that is worth saying."""

    note: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NOTE)] | None = None


class ApprovalQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list that GraphQL's own types do not check."""

    state: ApprovalState | None = None
