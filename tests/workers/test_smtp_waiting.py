"""Mails that wait for a connection."""

from __future__ import annotations

from tests.workers.test_smtp import FROM, a_message
from workers.channels.smtp import SmtpChannel


async def test_what_finds_no_connection_free_in_time_comes_another_time() -> None:
    """Behind a server that hangs nothing waits longer than twice the time of one message."""
    channel = SmtpChannel("smtp://127.0.0.1:1", FROM, connections=1, timeout=0.2)
    await channel._slots.acquire()
    (outcome,) = await channel.send([a_message()])
    assert (outcome.kind, outcome.code) == ("retryable", "no_connection_free")
    channel._slots.release()
    (refused,) = await channel.send([a_message()])
    assert refused.kind == "retryable"
    assert refused.code != "no_connection_free"
