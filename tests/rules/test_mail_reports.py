"""Mails that come back or come in, as real servers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messaging.rules.mail_reports import is_address_fault, read_mail, receipts_in, status_in

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
NOTICE = "ntc_01jd3k5v7zeb1r8w2m4n6p9q0s"
DATE = "Mon, 05 Jan 2026 17:30:00 +0800"
AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def a_bounce(
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "smtp; 550 5.1.1 <gone@lanhai.example>: user unknown",
    returned: str = f"X-Dunwell-Notice: {NOTICE}\nMessage-ID: <{NOTICE}@dunwell.local>\nSubject: s",
    to: str = "dunning@acme.example",
) -> bytes:
    """A delivery report as Postfix writes it."""
    text = f"""Return-Path: <>
Date: {DATE}
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: {DATE}

Final-Recipient: rfc822; gone@lanhai.example
Original-Recipient: rfc822;gone@lanhai.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.lanhai.example
Diagnostic-Code: {said}

--B
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{returned}

--B--
"""
    return text.replace("\n", "\r\n").encode()


def a_reply(body: str = "Paid on Monday.", **headers: str) -> bytes:
    """An answer of a person."""
    fields = {"From": "wang@lanhai.example", "To": f"reply+{NOTICE}@acme.example", "Date": DATE, **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items() if value)
    return f"{head}\r\n{body}".encode()


def test_a_bounce_names_the_notice_the_address_and_the_code() -> None:
    (receipt,) = receipts_in(a_bounce(), NOW)
    assert (receipt.kind, receipt.code, receipt.notice_id) == ("bounced", "5.1.1", NOTICE)
    assert receipt.address == "gone@lanhai.example"
    assert receipt.occurred_at == AT
    assert "user unknown" in receipt.detail


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("5.1.1", "", "bounced"),
        ("5.1.10", "null MX", "bounced"),
        ("5.2.1", "mailbox disabled", "bounced"),
        ("5.2.2", "mailbox full", "failed"),
        ("5.7.1", "blocked for spam, user unknown to us", "failed"),
        ("5.1.8", "bad sender", "failed"),
        ("4.4.7", "retry timeout", "failed"),
        ("5.0.0", "smtp; 550 Mailbox not found. http://service.mail.qq.com", "bounced"),
        ("5.0.0", "smtp; 550 User not found: gone@163.example", "bounced"),
        ("5.0.0", "smtp; 554 HL:ITC spam", "failed"),
        ("", "smtp; 550-5.1.1 The email account that you tried to reach does not exist", "bounced"),
    ],
)
def test_only_a_fault_of_the_address_is_a_bounce(status: str, said: str, kind: str) -> None:
    (receipt,) = receipts_in(a_bounce(status, said=said), NOW)
    assert receipt.kind == kind


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded"])
def test_what_is_not_final_says_nothing(action: str) -> None:
    reading = read_mail(a_bounce("4.4.1", action), NOW)
    assert (reading.receipts, reading.ignored) == ([], "nothing_final")


def test_delivered_is_told_too() -> None:
    (receipt,) = receipts_in(a_bounce("2.0.0", "delivered", said=""), NOW)
    assert (receipt.kind, receipt.notice_id) == ("delivered", NOTICE)


def test_the_return_path_names_the_notice_where_nothing_was_returned() -> None:
    (receipt,) = receipts_in(a_bounce(returned="Subject: s", to=f"bounces+{NOTICE.upper()}@acme.example"), NOW)
    assert receipt.notice_id == NOTICE
    (nobody,) = receipts_in(a_bounce(returned="Subject: s"), NOW)
    assert nobody.notice_id is None


def test_the_message_id_alone_names_the_notice() -> None:
    (receipt,) = receipts_in(a_bounce(returned=f"Message-ID: <{NOTICE}@dunwell.local>"), NOW)
    assert receipt.notice_id == NOTICE


def test_a_reply_is_its_words_without_the_quoted_mail() -> None:
    body = "We paid on Monday.\r\n\r\nWang\r\n\r\nOn 5 Jan 2026, Acme <x@acme.example> wrote:\r\n> Please pay\r\n"
    (receipt,) = receipts_in(a_reply(body), NOW)
    assert (receipt.kind, receipt.notice_id, receipt.detail, receipt.occurred_at) == (
        "replied",
        NOTICE,
        "We paid on Monday.\n\nWang",
        AT,
    )
    chinese = "已于周一付款。\n\n在 2026年1月5日，Acme 写道：\n> 请付款"
    assert receipts_in(a_reply(chinese, Content_Type="text/plain; charset=utf-8"), NOW)[0].detail == "已于周一付款。"


def test_a_reply_is_found_by_what_it_answers_and_cut_to_its_length() -> None:
    raw = a_reply("x" * 9000, To="dunning@acme.example", In_Reply_To=f"<{NOTICE}@dunwell.local>")
    (receipt,) = receipts_in(raw, NOW)
    assert (receipt.notice_id, len(receipt.detail)) == (NOTICE, 2000)


def test_html_is_read_as_its_words() -> None:
    html = (
        "<html><head><style>p{}</style></head><body><p>Paid &amp; done.</p><blockquote>old</blockquote></body></html>"
    )
    (receipt,) = receipts_in(a_reply(html, Content_Type="text/html; charset=utf-8"), NOW)
    assert receipt.detail == "Paid & done."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
    ],
)
def test_a_robot_that_answers_is_no_reply(headers: dict[str, str]) -> None:
    reading = read_mail(a_reply(**headers), NOW)
    assert (reading.receipts, reading.ignored) == ([], "automatic_answer")


def test_a_person_may_say_that_it_is_not_automatic() -> None:
    assert len(receipts_in(a_reply(Auto_Submitted="no"), NOW)) == 1


def test_a_read_report_and_a_complaint() -> None:
    for kind, part, told in (
        (
            "read",
            f"message/disposition-notification\n\nOriginal-Message-ID: <{NOTICE}@dunwell.local>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n",
            "displayed",
        ),
        (
            "complained",
            "message/feedback-report\n\nFeedback-Type: abuse\n\n--B\nContent-Type: message/rfc822\n\n"
            f"X-Dunwell-Notice: {NOTICE}\nSubject: s\n\nbody\n",
            "feedback_report",
        ),
    ):
        raw = f'Date: {DATE}\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary="B"\n\n--B\nContent-Type: {part}\n--B--\n'
        (receipt,) = receipts_in(raw.encode(), NOW)
        assert (receipt.kind, receipt.code, receipt.notice_id) == (kind, told, NOTICE)


def test_nothing_has_happened_later_than_now() -> None:
    assert receipts_in(a_reply(Date="Fri, 01 Jan 2100 00:00:00 +0000"), NOW)[0].occurred_at == NOW
    assert receipts_in(a_reply(Date="yesterday"), NOW)[0].occurred_at == NOW


@pytest.mark.parametrize(
    ("answer", "is_fault"),
    [
        ("5.1.1 <x>: Recipient address rejected", True),
        ("Mailbox not found", True),
        ("No such user here", True),
        ("5.7.1 Relaying denied, unknown user", False),
        ("IP in blacklist", False),
    ],
)
def test_a_server_that_refuses_says_whether_it_is_the_address(answer: str, is_fault: bool) -> None:
    assert is_address_fault(status_in(answer), answer) is is_fault


_PIECES = st.sampled_from(
    ["Content-Type: multipart/report; boundary=B\n", "Content-Type: message/delivery-status\n", "--B\n", "--B--\n", "\n",
     "Action: failed\n", "Status: 5.1.1\n", "Date: x\n", "To: =?utf-8?b?\xff?=\n", "Content-Transfer-Encoding: base64\n",
     "Content-Type: text/plain; charset=nope\n", "Content-Type: text/html\n", "<p", "Auto-Submitted:\n", "\x00", "é"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), st.lists(_PIECES, max_size=25).map(lambda p: "".join(p).encode("latin-1"))))
def test_whatever_comes_in_is_read_without_a_stumble(raw: bytes) -> None:
    for receipt in read_mail(raw, NOW).receipts:
        assert receipt.occurred_at <= NOW + timedelta(0)
