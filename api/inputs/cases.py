"""What a client may ask of cases."""

from __future__ import annotations

import msgspec

from domain.dunning.model import CaseState


class CaseQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list that GraphQL's own types do not check."""

    state: CaseState | None = None
