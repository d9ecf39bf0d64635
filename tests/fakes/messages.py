"""Messages for adapters, and the client that they use, with little patience."""

from __future__ import annotations

from domain.messaging.channel_model import OutgoingMessage
from workers.http import GuardedHttp


def a_message(
    recipient: str = "cha_1", *, subject: str = "Red flag", body: str = "INV-1 is late.\n"
) -> OutgoingMessage:
    """A message as the sender hands it over."""
    return OutgoingMessage(
        notice_id="ntc_1",
        message_id="<ntc_1@dunwell.local>",
        recipient=recipient,
        subject=subject,
        body=body,
        locale="en",
    )


def impatient_http() -> GuardedHttp:
    """The guarded client that reaches this machine and waits a moment only."""
    return GuardedHttp(allow_private=True, timeout=0.3)
