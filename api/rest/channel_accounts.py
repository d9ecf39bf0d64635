"""/v1/channel-accounts."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from api.authentication import tenant_context
from api.inputs.channel_accounts import ChannelAccountFields, ChannelAccountPatch, TestMessageFields
from api.inputs.fields import given
from api.rest.answers import (
    DEFAULT,
    Cursor,
    Limit,
    Listing,
    accepted,
    created,
    expected_version,
    listing,
    page_request,
    with_etag,
)
from domain.messaging import channel_accounts as uses
from domain.messaging import trial_messages
from domain.messaging.account_model import ChannelAccount, NewChannelAccount
from domain.operations.model import Operation


@post("/channel-accounts", use_case=uses.create_channel_account, operation_id="CreateChannelAccount")
async def create_channel_account(
    request: Request[Any, Any, Any], data: JSONBody[ChannelAccountFields]
) -> Response[NewChannelAccount]:
    """Register an account at a message provider; its callback address is shown only here."""
    return created(await uses.create_channel_account(tenant_context(request), **given(data)))


@get("/channel-accounts", use_case=uses.list_channel_accounts, operation_id="ListChannelAccounts")
async def list_channel_accounts(
    request: Request[Any, Any, Any], limit: Limit = DEFAULT, cursor: Cursor = None
) -> Response[Listing[ChannelAccount]]:
    """List channel accounts, oldest first."""
    page = page_request(request, limit, cursor)
    return listing(request, await uses.list_channel_accounts(tenant_context(request), page))


@get("/channel-accounts/{account_id:str}", use_case=uses.get_channel_account, operation_id="GetChannelAccount")
async def get_channel_account(request: Request[Any, Any, Any], account_id: FromPath[str]) -> Response[ChannelAccount]:
    """Read a channel account, without its credentials."""
    return with_etag(await uses.get_channel_account(tenant_context(request), account_id))


@patch("/channel-accounts/{account_id:str}", use_case=uses.update_channel_account, operation_id="UpdateChannelAccount")
async def update_channel_account(
    request: Request[Any, Any, Any], account_id: FromPath[str], data: JSONBody[ChannelAccountPatch]
) -> Response[ChannelAccount]:
    """Change a channel account."""
    changed = await uses.update_channel_account(
        tenant_context(request), account_id, given(data), expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/channel-accounts/{account_id:str}/disable",
    use_case=uses.disable_channel_account,
    operation_id="DisableChannelAccount",
    status_code=200,
)
async def disable_channel_account(
    request: Request[Any, Any, Any], account_id: FromPath[str]
) -> Response[ChannelAccount]:
    """Send nothing through an account any more."""
    changed = await uses.disable_channel_account(
        tenant_context(request), account_id, expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/channel-accounts/{account_id:str}/enable",
    use_case=uses.enable_channel_account,
    operation_id="EnableChannelAccount",
    status_code=200,
)
async def enable_channel_account(
    request: Request[Any, Any, Any], account_id: FromPath[str]
) -> Response[ChannelAccount]:
    """Send through an account again; of each channel one is active."""
    changed = await uses.enable_channel_account(
        tenant_context(request), account_id, expected_version=expected_version(request)
    )
    return with_etag(changed)


@post(
    "/channel-accounts/{account_id:str}/callback-url",
    use_case=uses.renew_callback_url,
    operation_id="RenewCallbackUrl",
    status_code=200,
)
async def renew_callback_url(request: Request[Any, Any, Any], account_id: FromPath[str]) -> Response[NewChannelAccount]:
    """Give an account a new callback address, shown only here; the old one is good for nothing at once."""
    renewed = await uses.renew_callback_url(
        tenant_context(request), account_id, expected_version=expected_version(request)
    )
    return with_etag(renewed)


@post(
    "/channel-accounts/{account_id:str}/test",
    use_case=trial_messages.send_test_message,
    operation_id="SendTestMessage",
    status_code=202,
)
async def send_test_message(
    request: Request[Any, Any, Any], account_id: FromPath[str], data: JSONBody[TestMessageFields]
) -> Response[Operation]:
    """Send a test message through an account; the operation's result is the provider's answer."""
    return accepted(await trial_messages.send_test_message(tenant_context(request), account_id, **given(data)))


ROUTES = [
    create_channel_account,
    list_channel_accounts,
    get_channel_account,
    update_channel_account,
    disable_channel_account,
    enable_channel_account,
    renew_callback_url,
    send_test_message,
]
