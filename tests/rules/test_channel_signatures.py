"""Signatures against the values that the providers' documentation prints, or that their own libraries compute."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from domain.messaging.rules.callbacks.twilio import signature
from workers.channels.signing.aliyun import signed_headers
from workers.channels.signing.tencent import authorization


def test_acs3_as_alibaba_clouds_documentation_has_it() -> None:
    headers = signed_headers(
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query={"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"},
        body=b"",
        access_key_id="YourAccessKeyId",
        access_key_secret="YourAccessKeySecret",
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    assert headers["authorization"].endswith(f",Signature={expected}")


def test_tc3_as_tencent_clouds_library_computes_it() -> None:
    told = {
        "SmsSdkAppId": "1400006666",
        "SignName": "腾讯云",
        "TemplateId": "1234",
        "TemplateParamSet": ["12345"],
        "PhoneNumberSet": ["+8618511122266"],
        "SessionContext": "test",
    }
    body = json.dumps(told).encode()
    assert hashlib.sha256(body).hexdigest().startswith("cbd7dc01")
    header = authorization(
        host="sms.tencentcloudapi.com",
        service="sms",
        body=body,
        content_type="application/json; charset=utf-8",
        secret_id="AKID",
        secret_key="SECRETEXAMPLE",
        timestamp=1551113065,
    )
    assert header.startswith(
        "TC3-HMAC-SHA256 Credential=AKID/2019-02-25/sms/tc3_request, SignedHeaders=content-type;host"
    )
    assert header.endswith("Signature=0151a092aadcaae5c14eb6607c98fb79b1beb7f26994a0274b3735a39698f7bc")


def test_twilio_as_its_request_validator_computes_it() -> None:
    form = {
        "To": ["+18005551212"],
        "From": ["+14158675309"],
        "Digits": ["1234"],
        "Caller": ["+14158675309"],
        "CallSid": ["CA1234567890ABCDE"],
    }
    assert signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
