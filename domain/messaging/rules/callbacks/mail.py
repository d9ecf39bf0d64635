"""PURE: mails that a tenant's mail relay hands in: returned ones, and answers. The secret in the path is all that proves it."""

from __future__ import annotations

from typing import Any

from domain.messaging.provider_model import Callback, CallbackMalformed, CallbackRequest
from domain.messaging.rules.mail_reports import receipts_in


def parse(request: CallbackRequest, settings: dict[str, Any], credentials: dict[str, Any]) -> Callback:
    """The body is the mail as it came in (message/rfc822)."""
    if request.method != "POST" or not request.body:
        raise CallbackMalformed
    return Callback(receipts=tuple(receipts_in(request.body, request.received_at)), body=b"{}")
