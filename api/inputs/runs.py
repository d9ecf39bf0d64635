"""What a client may say of runs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.inputs.fields import Id
from domain.dunning.run_model import RunItemState
from domain.dunning.runs import LONGEST_REASON, MOST_ITEMS

NoticeIds = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]


class NewReminderRun(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a run is to collect: all that is proposed, or only what one plan has written."""

    plan_id: Id | None = None


class RunExclusion(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which notices of a run are not to be sent, and why."""

    notice_ids: NoticeIds
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON)] | None = None


class RunRelease(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which notices of a run are released; without any, all that are left."""

    notice_ids: NoticeIds | None = None


class RunItemQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list that GraphQL's own types do not check."""

    state: RunItemState | None = None
