"""/hooks: where message providers post what became of messages. No bearer token: the path holds a secret, the provider may sign."""

from __future__ import annotations

from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.params import FromPath

from domain.messaging.callbacks import take_callback

LARGEST_BODY = 1_000_000


@route(
    "/hooks/{account_id:str}/{secret:str}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    operation_id="ProviderCallback",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=LARGEST_BODY,
)
async def provider_callback(
    request: Request[Any, Any, Any], account_id: FromPath[str], secret: FromPath[str]
) -> Response[bytes]:
    """Hands a callback to the account's provider and answers what that one expects."""
    told = await take_callback(
        account_id,
        secret,
        method=request.method,
        query_string=request.scope["query_string"].decode("latin-1"),
        query=dict(request.query_params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )
    return Response(told.body, status_code=told.status, media_type=told.media_type)
