"""PURE: what a mail that came back, or came in, says of a notice.

Read are delivery reports (RFC 3464), read reports (RFC 8098), complaints (RFC 5965) and replies of people. Robots that answer are
not replies. The notice is found by our own headers in what was returned, by the address that the mail was sent to (our return path
and Reply-To name the notice) or by what it answers. Headers are read as they stand: mails of this kind are often malformed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime

from domain.messaging.receipt_model import Receipt, ReceiptKind
from domain.messaging.rules.mail_texts import reply_text

AUTOMATIC = "automatic_answer"
NOT_FAILED = "nothing_final"
_NOTICE_ID = re.compile(r"ntc_[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII | re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
# RFC 3463 and its registry: no such mailbox, no such domain, bad syntax, mailbox moved or disabled, null MX.
_ADDRESS_FAULTS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_SAID = re.compile(
    r"no such (user|mailbox|recipient)|(user|mailbox|recipient|account)\b.{0,40}\b(unknown|not found|not exist|invalid|disabled)"
    r"|(unknown|invalid) (user|mailbox|recipient)|doesn't exist",
    re.IGNORECASE,
)
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global-headers", "message/global")
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To", "Cc")
_ROBOTS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReading:
    """What a mail says; where that is nothing, `ignored` says why."""

    receipts: list[Receipt]
    ignored: str | None = None


def read_mail(raw: bytes, received_at: datetime) -> MailReading:
    """Reads one mail as it came in; never raises, whatever it holds. Nothing has happened later than `received_at`."""
    mail = message_from_bytes(raw, policy=compat32)
    at = _date(mail.get("Date"), received_at)
    parts = list(mail.walk())
    kinds = {part.get_content_type() for part in parts}
    if "message/delivery-status" in kinds:
        receipts = list(_delivery_report(parts, at, received_at))
    elif "message/disposition-notification" in kinds:
        receipts = list(_read_report(parts, at))
    elif "message/feedback-report" in kinds:
        receipts = [Receipt(kind="complained", occurred_at=at, code="feedback_report")]
    elif _is_automatic(mail):
        return MailReading(receipts=[], ignored=AUTOMATIC)
    else:
        return MailReading(receipts=[_reply(mail, at)])
    if not receipts:
        return MailReading(receipts=[], ignored=NOT_FAILED)
    notice_id = _returned(mail, parts) or _addressed(mail)
    return MailReading(receipts=[replace(one, notice_id=notice_id) for one in receipts])


def receipts_in(raw: bytes, received_at: datetime) -> list[Receipt]:
    """The receipts alone."""
    return read_mail(raw, received_at).receipts


def is_address_fault(status: str, said: str = "") -> bool:
    """Whether a mail server's refusal says that the mailbox does not exist or takes nothing, by its code (RFC 3463) or its words."""
    return status in _ADDRESS_FAULTS if status else _SAID.search(said) is not None


def status_in(text: str) -> str:
    """The enhanced status code at the beginning of a mail server's answer; "" if it gives none."""
    found = _STATUS.match(text.strip())
    return found[1] if found else ""


def _reply(mail: Message, at: datetime) -> Receipt:
    return Receipt(
        kind="replied",
        occurred_at=at,
        code="email",
        detail=reply_text(mail),
        notice_id=_answered(mail),
        address=parseaddr(_flat(mail.get("From", "")))[1] or None,
    )


def _delivery_report(parts: list[Message], at: datetime, received_at: datetime) -> Iterator[Receipt]:
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            if "action" not in block:
                continue
            happened = _date(block.get("last-attempt-date"), received_at) if "last-attempt-date" in block else at
            status, said = _status(block), block.get("diagnostic-code", "")
            if (kind := _kind(block["action"].lower(), status, said)) is not None:
                address = block.get("final-recipient", "").rpartition(";")[2].strip() or None
                detail = said[:_LONGEST_DETAIL]
                yield Receipt(kind=kind, occurred_at=happened, code=status, detail=detail, address=address)


def _kind(action: str, status: str, said: str) -> ReceiptKind | None:
    """RFC 3464 section 2.3.3; what is delayed, relayed or expanded is not decided yet."""
    if action == "delivered":
        return "delivered"
    if action != "failed":
        return None
    # Many servers say 5.0.0 for everything; then their words tell.
    return "bounced" if is_address_fault("" if status in ("5.0.0", "") else status, said) else "failed"


def _status(block: dict[str, str]) -> str:
    found = _STATUS.search(block.get("status", "")) or _STATUS.search(block.get("diagnostic-code", ""))
    return found[1] if found else ""


def _read_report(parts: list[Message], at: datetime) -> Iterator[Receipt]:
    reports = (part for part in parts if part.get_content_type() == "message/disposition-notification")
    if any("displayed" in block.get("disposition", "").lower() for part in reports for block in _blocks(part)):
        yield Receipt(kind="read", occurred_at=at, code="displayed")


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields of a report; the library makes messages of those of a delivery report."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload:
            if isinstance(block, Message):
                yield {name.lower(): _flat(value) for name, value in block.items()}
    else:
        text = part.get_payload(decode=True)
        block = message_from_bytes(text if isinstance(text, bytes) else b"", policy=compat32)
        yield {name.lower(): _flat(value) for name, value in block.items()}


def _returned(mail: Message, parts: list[Message]) -> str | None:
    """The notice that the returned message or its returned headers name."""
    for part in parts:
        if part is not mail and (found := _own_headers(part)):
            return found
        if part.get_content_type() in _RETURNED and not part.is_multipart():
            text = part.get_payload(decode=True)
            if isinstance(text, bytes) and (found := _own_headers(message_from_bytes(text, policy=compat32))):
                return found
    return None


def _own_headers(message: Message) -> str | None:
    return _find(message, ("X-Dunwell-Notice", "Message-ID", "Original-Message-ID"))


def _addressed(mail: Message) -> str | None:
    return _find(mail, _ADDRESSED)


def _answered(mail: Message) -> str | None:
    return _addressed(mail) or _find(mail, ("In-Reply-To", "References"))


def _find(message: Message, names: tuple[str, ...]) -> str | None:
    for name in names:
        for value in message.get_all(name, []):
            if found := _NOTICE_ID.findall(_flat(value)):
                return str(found[-1]).lower()
    return None


def _is_automatic(mail: Message) -> bool:
    """RFC 3834, and what was usual before it."""
    if _flat(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().lower() != "no":
        return True
    if any(name in mail for name in _ROBOTS) or _flat(mail.get("Return-Path", "")).strip() == "<>":
        return True
    return _flat(mail.get("Precedence", "")).strip().lower() in ("auto_reply", "bulk", "junk", "list")


def _date(text: object, latest: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(_flat(text))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return latest
    return min(found, latest)


def _flat(value: object) -> str:
    return " ".join(str(value).split())
