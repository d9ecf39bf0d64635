"""What providers post, read into receipts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.messaging.provider_model import Callback, CallbackForged, CallbackMalformed, CallbackRequest
from domain.messaging.rules.callbacks import aliyun, tencent, twilio
from tests.fakes.twilio import TOKEN, sign

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
URL = "https://dunwell.example/hooks/cha_1/secret"


def a_request(body: bytes, **headers: str) -> CallbackRequest:
    return CallbackRequest(method="POST", url=URL, headers=headers, query={}, body=body, received_at=NOW)


def test_aliyuns_report() -> None:
    told = {"phone_number": "13800006789", "report_time": "2026-01-05 09:00:05", "out_id": "ntc_1", "biz_id": "9^0"}
    items = [{**told, "success": True, "err_code": "DELIVERED"}, {**told, "success": False, "err_code": "MK:0013"}]
    answer = aliyun.parse(a_request(json.dumps(items).encode()), {}, {})
    assert json.loads(answer.body) == {"code": 0, "msg": "接收成功"}
    assert [(r.kind, r.code, r.notice_id, r.provider_message_id) for r in answer.receipts] == [
        ("delivered", "aliyun_DELIVERED", "ntc_1", "9^0"),
        ("failed", "aliyun_MK:0013", "ntc_1", "9^0"),
    ]
    assert answer.receipts[0].occurred_at == datetime(2026, 1, 5, 1, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(("content", "kind"), [("TD", "opted_out"), ("已付款", "replied")])
def test_aliyuns_replies(content: str, kind: str) -> None:
    item = {"phone_number": "13800006789", "send_time": "2026-01-05 09:00:05", "content": content, "dest_code": "1"}
    (receipt,) = aliyun.parse(a_request(json.dumps([item]).encode()), {}, {}).receipts
    assert (receipt.kind, receipt.address, receipt.detail) == (kind, "13800006789", content)


def test_tencents_status_and_reply() -> None:
    item = {"user_receive_time": "2026-01-05 09:00:05", "nationcode": "86", "mobile": "13800006789", "sid": "2026:1"}
    answer = tencent.parse(
        a_request(json.dumps([{**item, "report_status": "FAIL", "errmsg": "MK:100D"}]).encode()), {}, {}
    )
    (receipt,) = answer.receipts
    assert json.loads(answer.body) == {"result": 0, "errmsg": "OK"}
    assert (receipt.kind, receipt.code, receipt.provider_message_id) == ("failed", "tencent_MK:100D", "2026:1")
    reply = {"nationcode": "86", "mobile": "13800006789", "text": "退订", "time": 1767574805}
    (said,) = tencent.parse(a_request(json.dumps(reply).encode()), {}, {}).receipts
    assert (said.kind, said.address) == ("opted_out", "+8613800006789")
    assert said.occurred_at == datetime(2026, 1, 5, 1, 0, 5, tzinfo=UTC)


def _twilio(form: dict[str, str], **more: Any) -> Callback:
    signed = {"x-twilio-signature": sign(URL, form), **more}
    return twilio.parse(a_request(urlencode(form).encode(), **signed), {}, {"auth_token": TOKEN})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("delivered", "", "delivered"),
        ("read", "", "read"),
        ("undelivered", "30003", "failed"),
        ("undelivered", "30006", "bounced"),
        ("failed", "21610", "opted_out"),
        ("sent", "", None),
        ("queued", "", None),
    ],
)
def test_twilios_statuses(status: str, code: str, kind: str | None) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+8613800006789", "ErrorCode": code}
    assert [receipt.kind for receipt in _twilio(form).receipts] == ([kind] if kind else [])


def test_twilios_incoming_messages() -> None:
    (stop,) = _twilio({"From": "+8613800006789", "Body": "stop", "OptOutType": "STOP"}).receipts
    (words,) = _twilio({"From": "+8613800006789", "Body": "I paid yesterday"}).receipts
    assert (stop.kind, words.kind, words.detail) == ("opted_out", "replied", "I paid yesterday")


def test_a_form_that_twilio_did_not_sign_is_refused() -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    with pytest.raises(CallbackForged):
        _twilio(form, **{"x-twilio-signature": sign(URL, form, "another token")})
    with pytest.raises(CallbackForged):
        _twilio(form, **{"x-twilio-signature": ""})


@pytest.mark.parametrize("body", [b"", b"{", b"7", b'["x"]', b'"x"', b"\xff", b"[" + b"{}," * 1000 + b"{}]"])
def test_what_no_provider_sends(body: bytes) -> None:
    for parse in (aliyun.parse, tencent.parse):
        with pytest.raises(CallbackMalformed):
            parse(a_request(body), {}, {})
