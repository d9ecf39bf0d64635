"""What a client may ask of notices."""

from __future__ import annotations

import msgspec

from domain.messaging.model import NoticeState


class NoticeQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list of notices that have a closed set of values."""

    state: NoticeState | None = None
