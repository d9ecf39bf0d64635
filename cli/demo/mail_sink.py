"""A mail server on a free local port that accepts everything and hands each mail to a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from cli.processes import free_port

Received = Callable[[str, EmailMessage], None]


class _Handler:
    def __init__(self, received: Received) -> None:
        self._received = received

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self._received(recipient, message)
        return "250 Message accepted"


@contextmanager
def mail_sink(received: Received) -> Iterator[str]:
    """Runs in a thread of its own; yields the URL for SMTP_URL. `received` is called in that thread."""
    controller = Controller(_Handler(received), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
