"""The SMTP channel against a mail server that behaves well, badly, and not at all."""

from __future__ import annotations

import asyncio
import email
import email.policy
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from aiosmtpd import smtp as aiosmtpd_smtp

from domain.messaging.channel_model import Attachment, Outcome, OutgoingMessage
from workers.channels.registry import channels_from, close_channels
from workers.channels.smtp import SmtpChannel

FROM = "Acme 财务 <dunning@acme.example>"


class Mailbox:
    """An aiosmtpd handler that keeps what it gets and misbehaves by recipient: `550-rcpt@...`, `drop-data@...`, `hang-rcpt@...`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.senders: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        if address.startswith("gone-unknown@"):
            return "550 5.1.1 user unknown"
        return await self._reply(server, address, "rcpt")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        self.senders.append(envelope.mail_from)
        reply = await self._reply(server, address, "data")
        if reply.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return reply

    async def _reply(self, server: Any, address: str, stage: str) -> str:
        local = address.partition("@")[0]
        if not local.endswith(f"-{stage}"):
            return "250 2.0.0 queued as ABC"
        match local.split("-")[0]:
            case "hang":
                await asyncio.sleep(30)
            case "drop":
                server.transport.abort()
                await asyncio.sleep(0)
            case code:
                return f"{code} 4.7.1 not {stage}"
        return "250 too late"


@asynccontextmanager
async def mail_server(mailbox: Mailbox, *, idle_seconds: float = 300) -> AsyncIterator[str]:
    """A real aiosmtpd on a free port."""
    servers: list[aiosmtpd_smtp.SMTP] = []

    def make() -> aiosmtpd_smtp.SMTP:
        mailbox.connections += 1
        servers.append(aiosmtpd_smtp.SMTP(mailbox, hostname="mx.example", timeout=idle_seconds, enable_SMTPUTF8=False))
        return servers[-1]

    listening = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        listening.close()
        for server in servers:
            if server.transport is not None:
                server.transport.abort()
        await asyncio.sleep(0.01)


@pytest.fixture
def mailbox() -> Mailbox:
    """What arrived."""
    return Mailbox()


@pytest.fixture
async def url(mailbox: Mailbox) -> AsyncIterator[str]:
    """The server in front of `mailbox`."""
    async with mail_server(mailbox) as address:
        yield address


def a_message(recipient: str = "wang@lanhai.example", **overrides: Any) -> OutgoingMessage:
    """A Chinese reminder with a line that begins with a dot."""
    fields = {
        "notice_id": "ntc_1",
        "message_id": "<ntc_1@dunwell.local>",
        "recipient": recipient,
        "subject": "【逾期提醒】账单 INV-1 已逾期 5 天",
        "body": "王芳 您好：\n.\n..\n未付金额 ¥1,299.00\n",
        "locale": "zh-CN",
        "headers": {"X-Dunwell-Notice": "ntc_1"},
        **overrides,
    }
    return OutgoingMessage(**fields)


async def send(url: str, *messages: OutgoingMessage, **options: Any) -> list[Outcome]:
    """Through a channel of its own."""
    channel = SmtpChannel(url, FROM, **options)
    try:
        return await channel.send(messages)
    finally:
        await channel.close()


async def test_a_mail_arrives_whole_with_its_headers(url: str, mailbox: Mailbox) -> None:
    (outcome,) = await send(url, a_message())
    assert outcome == Outcome("accepted", "smtp_250", "2.0.0 queued as ABC")
    (mail,) = mailbox.mails
    assert mail["Message-ID"] == "<ntc_1@dunwell.local>"
    assert mail["Subject"] == a_message().subject
    assert mail["From"] == FROM
    assert mail["To"] == "wang@lanhai.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Dunwell-Notice"] == "ntc_1"
    assert mail["Content-Language"] == "zh-CN"
    assert datetime.now(UTC) - parsedate_to_datetime(mail["Date"]) < timedelta(minutes=1)
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == a_message().body


@pytest.mark.parametrize("name", ["M-2026-000001.pdf", "催款函 M-2026-000001.pdf"])
async def test_a_file_goes_with_a_mail_whole_and_under_its_name(url: str, mailbox: Mailbox, name: str) -> None:
    content = b"%PDF-1.7\r\n.\r\n" + bytes(range(256)) * 50
    (outcome,) = await send(url, a_message(attachments=(Attachment(name, "application/pdf", content),)))
    assert outcome.kind == "accepted"
    (mail,) = mailbox.mails
    assert mail.get_content_type() == "multipart/mixed"
    text, file = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(file, EmailMessage)
    assert text.get_content().replace("\r\n", "\n") == a_message().body
    assert (file.get_content_type(), file.get_content()) == ("application/pdf", content)
    assert (file.get_filename(), file.get_content_disposition()) == (name, "attachment")
    assert (mail["Subject"], text["Content-Language"]) == (a_message().subject, "zh-CN")


@pytest.mark.parametrize(
    ("recipient", "kind", "code"),
    [
        ("451-rcpt@x.example", "retryable", "smtp_451"),
        ("421-rcpt@x.example", "retryable", "smtp_421"),
        ("550-rcpt@x.example", "rejected", "smtp_550"),
        ("452-data@x.example", "retryable", "smtp_452"),
        ("554-data@x.example", "rejected", "smtp_554"),
        ("drop-rcpt@x.example", "retryable", "disconnected"),
        ("drop-data@x.example", "unknown", "disconnected"),
        ("hang-rcpt@x.example", "retryable", "timeout"),
        ("hang-data@x.example", "unknown", "timeout"),
        ("财务@x.example", "rejected", "malformed_message"),
    ],
)
async def test_each_misfortune_has_its_outcome_and_stops_nobody_else(
    url: str, mailbox: Mailbox, recipient: str, kind: str, code: str
) -> None:
    before, outcome, after = await send(
        url, a_message("a@x.example"), a_message(recipient), a_message("b@x.example"), timeout=0.5, connections=1
    )
    assert (outcome.kind, outcome.code) == (kind, code)
    assert (before.kind, after.kind) == ("accepted", "accepted")
    assert [mail["To"] for mail in mailbox.mails] == ["a@x.example", "b@x.example"]


async def test_a_domain_in_chinese_is_addressed_in_its_ascii_form(url: str, mailbox: Mailbox) -> None:
    (outcome,) = await send(url, a_message("caiwu@例子.公司"))
    assert outcome.kind == "accepted"
    assert mailbox.mails[0]["To"] == "caiwu@xn--fsqu00a.xn--55qx5d"


async def test_a_refused_message_leaves_its_connection_usable(url: str, mailbox: Mailbox) -> None:
    await send(url, *(a_message(f"550-rcpt@{n}.example") for n in range(5)), a_message(), connections=1)
    assert mailbox.connections == 1
    assert len(mailbox.mails) == 1


async def test_connections_are_few_and_kept(url: str, mailbox: Mailbox) -> None:
    channel = SmtpChannel(url, FROM, connections=3)
    for _ in range(3):
        outcomes = await channel.send([a_message(f"{n}@x.example") for n in range(20)])
        assert {outcome.kind for outcome in outcomes} == {"accepted"}
    await channel.close()
    assert mailbox.connections == 3
    assert len(mailbox.mails) == 60


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(mailbox: Mailbox) -> None:
    async with mail_server(mailbox, idle_seconds=0.1) as url:
        channel = SmtpChannel(url, FROM)
        await channel.send([a_message()])
        await asyncio.sleep(0.3)
        (outcome,) = await channel.send([a_message()])
        await channel.close()
    assert outcome.kind == "accepted"
    assert len(mailbox.mails) == 2


async def test_a_server_that_is_away_or_refuses_us_is_tried_later() -> None:
    (outcome,) = await send("smtp://127.0.0.1:9", a_message())
    assert (outcome.kind, outcome.code) == ("retryable", "disconnected")

    async def unwilling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 5.3.2 closed for today\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(unwilling, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        (outcome,) = await send(f"smtp://127.0.0.1:{port}", a_message())
    assert (outcome.kind, outcome.code) == ("retryable", "smtp_554")


async def test_no_subject_can_add_a_header(url: str, mailbox: Mailbox) -> None:
    (outcome,) = await send(url, a_message(subject="Hello\r\nBcc: all@x.example"))
    assert (outcome.kind, outcome.code) == ("rejected", "malformed_message")
    assert mailbox.mails == []


@pytest.mark.parametrize("wrong", ["http://mail.example", "mail.example:25", "smtp://"])
def test_a_wrong_url_is_told_at_the_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpChannel(wrong, FROM)


async def test_settings_set_up_the_channels(url: str, mailbox: Mailbox) -> None:
    class FewSettings:
        smtp_url = url
        mail_from = FROM
        mail_bounces = "bounces@acme.example"
        mail_replies = ""
        public_url = "http://127.0.0.1:8000"

    channels = channels_from(FewSettings())
    await channels["email"].send([a_message()])
    await close_channels(channels)
    assert len(mailbox.mails) == 1
    assert mailbox.senders == ["bounces+ntc_1@acme.example"]


async def test_bounces_and_replies_name_their_notice_and_the_recipient_can_stop(url: str, mailbox: Mailbox) -> None:
    ways = {
        "bounces": "bounces@mail.acme.example",
        "replies": "reply@acme.example",
        "public_url": "https://acme.example",
    }
    first, letter = a_message(unsubscribe_token="tok"), a_message(notice_id="ntc_2")
    await send(url, first, letter, connections=1, **ways)
    assert mailbox.senders == ["bounces+ntc_1@mail.acme.example", "bounces+ntc_2@mail.acme.example"]
    assert [mail["Reply-To"] for mail in mailbox.mails] == ["reply+ntc_1@acme.example", "reply+ntc_2@acme.example"]
    assert [mail["From"] for mail in mailbox.mails] == [FROM, FROM]
    assert mailbox.mails[0]["List-Unsubscribe"] == "<https://acme.example/u/tok>"
    assert mailbox.mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mailbox.mails[1]["List-Unsubscribe"] is None


async def test_without_https_there_is_no_link(url: str, mailbox: Mailbox) -> None:
    await send(url, a_message(unsubscribe_token="tok"), public_url="http://acme.example")
    assert mailbox.mails[0]["List-Unsubscribe"] is None
    assert mailbox.mails[0]["Reply-To"] is None
    assert mailbox.senders == ["dunning@acme.example"]


@pytest.mark.parametrize(
    ("recipient", "invalid"), [("gone-unknown@lanhai.example", True), ("550-rcpt@lanhai.example", False)]
)
async def test_a_server_that_knows_no_such_user_blames_the_address(
    url: str, mailbox: Mailbox, recipient: str, invalid: bool
) -> None:
    (outcome,) = await send(url, a_message(recipient))
    assert (outcome.kind, outcome.code, outcome.invalid_address) == ("rejected", "smtp_550", invalid)
