"""Callbacks of providers: whose account they name, whether they come from there, and what they say."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from domain.access.profile import engine_context
from domain.kernel.clock import SystemClock
from domain.kernel.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from domain.kernel.ids import is_id
from domain.messaging import account_store
from domain.messaging.channel_accounts import open_account
from domain.messaging.provider_model import Callback, CallbackForged, CallbackMalformed, CallbackRequest
from domain.messaging.providers import find_provider
from domain.messaging.receipts import record_receipts
from domain.messaging.replies import with_notices

logger = structlog.get_logger("dunwell.messaging")


async def take_callback(
    account_id: str,
    secret: str,
    *,
    method: str,
    query_string: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
) -> Callback:
    """Records what a provider tells; answers what it expects to hear.

    Raises NotFound alike for an unknown account, a wrong secret, a suspended tenant and a provider that calls nobody back, Forbidden
    for a wrong signature, InvalidInput for what the provider does not send.
    """
    unknown = NotFound("callback_not_found", "There is nothing here.")
    tenant_id = await account_store.tenant_of(account_id) if is_id(account_id, "cha") else None
    if tenant_id is None:
        raise unknown
    try:
        ctx = await engine_context(tenant_id)
    except Unauthenticated as inactive:
        raise unknown from inactive
    opened = await open_account(ctx, account_id)
    provider = find_provider(opened.account.provider)
    if not account_store.is_secret_of(opened, secret) or provider is None or provider.parse_callback is None:
        raise unknown
    request = CallbackRequest(
        method=method,
        url=f"{opened.callback_url}?{query_string}" if query_string else opened.callback_url,
        headers=headers,
        query=query,
        body=body,
        received_at=SystemClock().now() if not ctx.on_test_clock else ctx.now(),
    )
    try:
        told = provider.parse_callback(request, opened.settings, opened.credentials)
    except CallbackForged as forged:
        logger.warning("callback with a wrong signature", tenant_id=tenant_id, account_id=account_id)
        raise Forbidden("wrong_signature", "The signature is not that of this account.") from forged
    except CallbackMalformed as malformed:
        raise InvalidInput("malformed_callback", "This is not what the provider sends.") from malformed
    if told.receipts:
        named = await with_notices(ctx, opened.account, told.receipts)
        await record_receipts(ctx, named, account_id=account_id)
    return told
