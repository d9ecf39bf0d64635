"""/v1/inbound/email: mails that came back, and answers to reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, post
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, RequestBody
from litestar.openapi.spec import Operation as OpenAPIOperation

from api.authentication import tenant_context
from domain.messaging import inbound_email
from domain.messaging.inbound_email import InboundEmail

MEDIA_TYPE = "message/rfc822"


@dataclass
class RawMail(OpenAPIOperation):
    """The operation's body: the mail as it came in."""

    def __post_init__(self) -> None:
        content = {MEDIA_TYPE: OpenAPIMediaType()}
        told = "The mail as it came in (RFC 5322), with all its headers, up to 25 MB."
        self.request_body = RequestBody(content=content, required=True, description=told)


@post(
    "/inbound/email",
    use_case=inbound_email.receive_email,
    operation_id="ReceiveEmail",
    operation_class=RawMail,
    status_code=200,
)
async def receive_email(request: Request[Any, Any, Any]) -> InboundEmail:
    """Hand in a mail that came to the return path or reply address of reminders: a bounce, a read report, a complaint or an answer."""
    if request.content_type[0] != MEDIA_TYPE:
        raise HTTPException(f"Content-Type is {MEDIA_TYPE}.", status_code=415)
    return await inbound_email.receive_email(tenant_context(request), await request.body())


ROUTES = [receive_email]
