"""Signatures against the specification's own vector and an independent verifier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from domain.events.rules.signature import secret_text, sign


def test_the_vector_of_the_reference_libraries() -> None:
    signature = sign(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_independent_verifier_accepts_it_and_refuses_a_changed_body() -> None:
    secret, body, now = secret_text(bytes(range(32))), '{"名称":"蓝海"}'.encode(), int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(now),
        "webhook-signature": sign([secret], "evt_1", now, body),
    }
    assert Webhook(secret).verify(body, headers) == {"名称": "蓝海"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)


def test_with_two_secrets_either_one_verifies() -> None:
    old, new = secret_text(b"o" * 32), secret_text(b"n" * 32)
    now = int(datetime.now(UTC).timestamp())
    both = sign([new, old], "evt_1", now, b"{}")
    assert both.split(" ") == [sign([new], "evt_1", now, b"{}"), sign([old], "evt_1", now, b"{}")]
    for secret in (old, new):
        headers = {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": both}
        assert Webhook(secret).verify(b"{}", headers) == {}
