"""/v1/notices as an integrator takes, sends and settles them by itself."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.fields import given
from api.inputs.notices import Acknowledgement, LeaseIn, NoticeClaim
from api.rest.answers import with_etag
from domain.messaging import intents
from domain.messaging.intent_model import ClaimedNotices, NoticeCheck
from domain.messaging.model import Notice


@post("/notices/claim", use_case=intents.claim_notices, operation_id="ClaimNotices", status_code=200)
async def claim_notices(request: Request[Any, Any, Any], data: JSONBody[NoticeClaim]) -> ClaimedNotices:
    """Take notices that an integrator sends by itself; needs pii:read too, since recipients are told."""
    return await intents.claim_notices(tenant_context(request), **given(data))


@post("/notices/{notice_id:str}/check", use_case=intents.check_notice, operation_id="CheckNotice", status_code=200)
async def check_notice(
    request: Request[Any, Any, Any], notice_id: FromPath[str], data: JSONBody[LeaseIn]
) -> NoticeCheck:
    """Ask just before sending whether a notice in hand is still wanted; if not it is cancelled."""
    return await intents.check_notice(tenant_context(request), notice_id, **given(data))


@post(
    "/notices/{notice_id:str}/ack",
    use_case=intents.acknowledge_notice,
    operation_id="AcknowledgeNotice",
    status_code=200,
)
async def acknowledge_notice(
    request: Request[Any, Any, Any], notice_id: FromPath[str], data: JSONBody[Acknowledgement]
) -> Response[Notice]:
    """Say that a notice in hand was sent, or that it never will be; the same word again has the same answer."""
    return with_etag(await intents.acknowledge_notice(tenant_context(request), notice_id, **given(data)))


@post(
    "/notices/{notice_id:str}/release", use_case=intents.release_notice, operation_id="ReleaseNotice", status_code=200
)
async def release_notice(
    request: Request[Any, Any, Any], notice_id: FromPath[str], data: JSONBody[LeaseIn]
) -> Response[Notice]:
    """Give a notice in hand back unsent."""
    return with_etag(await intents.release_notice(tenant_context(request), notice_id, **given(data)))


ROUTES = [claim_notices, check_notice, acknowledge_notice, release_notice]
