"""E-mail through an SMTP server: a few connections kept open, and an honest answer about each message.

What decides the answer is whether the server may have taken the message. It takes it with its reply to the end of DATA: before
the text was written a failure is retryable, after that and without a reply it is unknown.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP as MIME
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from email_validator import validate_email

from domain.kernel.clock import SystemClock
from domain.messaging.channel_model import Outcome, OutgoingMessage
from domain.messaging.rules.mail_reports import is_address_fault, status_in
from workers.http import PrivateAddressError

Dial = Callable[[str, int], Awaitable[socket.socket]]

# Two messages a connection in each batch: a server that hangs keeps the locks of a batch for two timeouts, not for more.
MAX_CONNECTIONS = 8
MESSAGE_TIMEOUT = 20.0
_PORTS = {"smtp": 25, "smtps": 465}


class _KeptHeaders(HeaderRegistry):
    """Makes each header's class once: the library makes a new one for every header of every mail, a third of its cost."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        kept = self._classes.get(name)
        if kept is None:
            kept = self._classes[name] = super().__getitem__(name)
        return kept


# Texts as quoted-printable or base64, whichever is shorter: it passes servers without 8BITMIME.
_MIME = MIME.clone(cte_type="7bit", header_factory=_KeptHeaders())
# A header value that stands in a mail as it is: printable ASCII of a line (RFC 5322, section 2.1.1). The library, which parses and
# folds each value that it is given, is left the others.
_PLAIN = re.compile(r"[!-~]([ -~]{0,900}[!-~])?", re.ASCII)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpChannel:
    """Sends notices through one SMTP server, several at a time, over connections that are reused.

    `url` is `smtp://[user:password@]host[:port]` (STARTTLS where the server offers it) or `smtps://...`. `starttls` insists on it.
    `dial` makes the connections where not every address may be connected to.

    Bounces of each notice come to `bounces`, replies to `replies`, each with the notice's id behind a plus (`bounces+ntc_...@`);
    without them both come to the sender. Mails have a link by which their recipient stops them if `public_url` is https, as
    RFC 8058 wants it.
    """

    def __init__(
        self,
        url: str,
        mail_from: str,
        *,
        connections: int = MAX_CONNECTIONS,
        timeout: float = MESSAGE_TIMEOUT,
        starttls: bool = False,
        dial: Dial | None = None,
        bounces: str = "",
        replies: str = "",
        public_url: str = "",
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://host:port or smtps://user:password@host:port")
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._tls = parts.scheme == "smtps"
        self._starttls, self._dial = starttls, dial
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        name, self._sender = parseaddr(mail_from)
        # Folded once: it is the same in every mail.
        self._from_line = (
            _MIME.header_factory("From", str(Address(name, addr_spec=self._sender))).fold(policy=_MIME).encode()
        )
        self._bounces, self._replies = bounces, replies
        self._public_url = public_url if public_url.startswith("https://") else ""
        self._timeout = timeout
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[aiosmtplib.SMTP] = []
        self._closed = False

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Hands messages over, a few at a time; each gets its own outcome."""
        return list(await asyncio.gather(*map(self._send_one, messages)))

    async def close(self) -> None:
        """Says goodbye on the idle connections; those that are in use now are closed by who uses them."""
        self._closed = True
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit(timeout=1)
            except SMTPException:
                client.close()

    async def _send_one(self, message: OutgoingMessage) -> Outcome:
        try:
            # Who calls has a time of its own: what cannot even begin in ours comes another time, and has surely not left.
            async with asyncio.timeout(1.5 * self._timeout):
                await self._slots.acquire()
        except TimeoutError:
            return Outcome("retryable", "no_connection_free", "All connections were busy for too long.")
        try:
            return await self._attempt(message)
        finally:
            self._slots.release()

    async def _attempt(self, message: OutgoingMessage) -> Outcome:
        attempt = _Attempt()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._over_some_connection(message, attempt)
        except TimeoutError:
            return attempt.outcome("timeout", f"No answer within {self._timeout:g} s.")
        except SMTPResponseException as refused:
            return _refusal(refused, attempt)
        except PrivateAddressError as refused:
            return Outcome("retryable", "private_address", str(refused))
        except (SMTPException, OSError) as broken:
            return attempt.outcome("disconnected", str(broken) or type(broken).__name__)
        except (ValueError, MessageError) as malformed:
            return Outcome("rejected", "malformed_message", str(malformed))

    async def _over_some_connection(self, message: OutgoingMessage, attempt: _Attempt) -> Outcome:
        recipient = _ascii_address(message.recipient)
        data = self._encoded(message, recipient)
        sender = _tagged(self._bounces, message.notice_id) or self._sender
        while self._idle:
            client = self._idle.pop()
            try:
                return await self._transmit(client, sender, recipient, data, attempt)
            except (SMTPServerDisconnected, SMTPResponseException) as stale:
                # A server closes connections that were idle for long; another one is tried while nothing was written.
                if attempt.written or (isinstance(stale, SMTPResponseException) and stale.code != 421):
                    raise
        return await self._transmit(await self._connect(), sender, recipient, data, attempt)

    async def _connect(self) -> aiosmtplib.SMTP:
        sock = await self._dial(self._host, self._port) if self._dial else None
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port if sock is None else None,
            sock=sock,
            start_tls=True if self._starttls else None,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            timeout=self._timeout,
        )
        await client.connect()
        return client

    async def _transmit(
        self, client: aiosmtplib.SMTP, sender: str, recipient: str, data: bytes, attempt: _Attempt
    ) -> Outcome:
        """One message over one connection, which goes back to the idle ones if it is still in order."""
        reusable = False
        try:
            response = await _converse(client, sender, recipient, data, attempt)
            reusable = True
            return Outcome("accepted", f"smtp_{response.code}", response.message)
        except SMTPResponseException as refused:
            reusable = client.is_connected and refused.code != 421 and await _reset(client)
            raise
        finally:
            if reusable and not self._closed:
                self._idle.append(client)
            else:
                client.close()

    def _encoded(self, message: OutgoingMessage, recipient: str) -> bytes:
        mail = EmailMessage(policy=_MIME)
        mail["Subject"] = message.subject
        head = self._head(message, recipient)
        for name in [name for name, value in head.items() if not _PLAIN.fullmatch(value)]:
            mail[name] = head.pop(name)
        mail.set_content(message.body)
        if message.attachments:
            mail["Content-Language"] = head.pop("Content-Language")  # of the text, which becomes a part of its own
        for file in message.attachments:
            kind, _, subtype = file.media_type.partition("/")
            # A name beyond ASCII is written as RFC 2231 has it.
            mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        plain = "".join([f"{name}: {value}\r\n" for name, value in head.items()])
        return b"".join([self._from_line, plain.encode(), mail.as_bytes()])

    def _head(self, message: OutgoingMessage, recipient: str) -> dict[str, str]:
        head = {
            "Message-ID": message.message_id,
            "Date": format_datetime(SystemClock().now()),
            "To": str(Address(addr_spec=recipient)),
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.locale,
        }
        if reply_to := _tagged(self._replies, message.notice_id):
            head["Reply-To"] = str(Address(addr_spec=reply_to))
        if self._public_url and message.unsubscribe_token:
            head["List-Unsubscribe"] = f"<{self._public_url}/u/{message.unsubscribe_token}>"
            head["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return head | message.headers


class _Attempt:
    """Remembers whether the server may already have the message."""

    __slots__ = ("written",)

    def __init__(self) -> None:
        self.written = False

    def outcome(self, code: str, detail: str) -> Outcome:
        return Outcome("unknown" if self.written else "retryable", code, detail)


async def _converse(
    client: aiosmtplib.SMTP, sender: str, recipient: str, data: bytes, attempt: _Attempt
) -> aiosmtplib.SMTPResponse:
    """MAIL, RCPT and DATA; aiosmtplib's own `data` does not tell on which side of the text it failed."""
    await client.mail(sender)
    await client.rcpt(recipient)
    response = await client.execute_command(b"DATA")
    if response.code != 354 or client.protocol is None:
        raise SMTPResponseException(response.code, response.message)
    attempt.written = True
    client.protocol.write(_LEADING_DOT.sub(b"..", data) + b".\r\n")
    response = await client.protocol.read_response()
    if response.code != 250:
        raise SMTPResponseException(response.code, response.message)
    return response


async def _reset(client: aiosmtplib.SMTP) -> bool:
    try:
        await client.rset()
    except SMTPException:
        return False
    return True


def _ascii_address(address: str) -> str:
    """The address with its domain in the form that every server takes; raises ValueError where there is none."""
    if address.isascii():
        return address
    plain = validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    if plain is None:
        raise ValueError("The part before the @ is not ASCII, which few mail servers deliver.")
    return plain


def _tagged(address: str, tag: str) -> str:
    """`bounces@mail.example` for one notice: `bounces+ntc_...@mail.example`; "" stays ""."""
    local, at, domain = address.partition("@")
    return f"{local}+{tag}@{domain}" if at else ""


def _refusal(refused: SMTPResponseException, attempt: _Attempt) -> Outcome:
    """4xx: later; 5xx: never. Anything else is not SMTP, and after the text was written nobody knows.

    A server that refuses us (greeting, EHLO, password) says nothing about the message: somebody will put that right.
    """
    code = f"smtp_{refused.code}"
    if isinstance(refused, SMTPConnectResponseError | SMTPHeloError | SMTPAuthenticationError):
        return Outcome("retryable", code, refused.message)
    if 400 <= refused.code < 500:
        return Outcome("retryable", code, refused.message)
    if 500 <= refused.code < 600:
        of_recipient = isinstance(refused, SMTPRecipientRefused)
        invalid = of_recipient and is_address_fault(status_in(refused.message), refused.message)
        return Outcome("rejected", code, refused.message, invalid_address=invalid)
    return attempt.outcome("not_smtp", f"{refused.code} {refused.message}")
