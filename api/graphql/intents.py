"""Notices in GraphQL as an integrator takes, sends and settles them by itself."""

from __future__ import annotations

from typing import Any

import strawberry

from api.graphql.context import GraphInfo, door
from api.graphql.mapping import from_input, graph_type, input_type
from api.graphql.notices import Notice
from api.inputs.fields import given
from api.inputs.notices import Acknowledgement, LeaseIn, NoticeClaim
from domain.messaging import intent_model as domain
from domain.messaging import intents as uses

ClaimNoticesInput = input_type(NoticeClaim, "ClaimNoticesInput")
LeaseInput = input_type(LeaseIn, "LeaseInput")
AcknowledgeNoticeInput = input_type(Acknowledgement, "AcknowledgeNoticeInput")


@graph_type(domain.NoticeIntent)
class NoticeIntent:
    """A notice to be sent by whoever holds its lease."""


@graph_type(domain.ClaimedNotices)
class ClaimedNotices:
    """What one claim handed out."""


@graph_type(domain.NoticeCheck)
class NoticeCheck:
    """Whether a notice in hand is still wanted at this moment."""


@strawberry.type
class IntentMutation:
    """Taking, checking, acknowledging and giving back notices."""

    @door(uses.claim_notices, ClaimedNotices)
    async def claim_notices(self, info: GraphInfo, input: ClaimNoticesInput) -> Any:
        """Take notices that an integrator sends by itself; needs pii:read too."""
        return await uses.claim_notices(info.context.tenant, **given(from_input(NoticeClaim, input)))

    @door(uses.check_notice, NoticeCheck)
    async def check_notice(self, info: GraphInfo, id: strawberry.ID, input: LeaseInput) -> Any:
        """Ask just before sending whether a notice in hand is still wanted; if not it is cancelled."""
        return await uses.check_notice(info.context.tenant, id, **given(from_input(LeaseIn, input)))

    @door(uses.acknowledge_notice, Notice)
    async def acknowledge_notice(self, info: GraphInfo, id: strawberry.ID, input: AcknowledgeNoticeInput) -> Any:
        """Say that a notice in hand was sent, or that it never will be; the same word again has the same answer."""
        return await uses.acknowledge_notice(info.context.tenant, id, **given(from_input(Acknowledgement, input)))

    @door(uses.release_notice, Notice)
    async def release_notice(self, info: GraphInfo, id: strawberry.ID, input: LeaseInput) -> Any:
        """Give a notice in hand back unsent."""
        return await uses.release_notice(info.context.tenant, id, **given(from_input(LeaseIn, input)))


NODES: dict[str, Any] = {}
QUERIES = None
MUTATIONS = IntentMutation
