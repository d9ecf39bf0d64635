"""Signatures against the values that the vendors print, and texts cut to bytes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from domain.messaging.rules.callbacks import wecom_cipher as wecom
from workers.channels.signing.google import MESSAGING, assertion
from workers.channels.signing.robots import dingtalk_signature, feishu_signature
from workers.channels.signing.texts import cut, json_size, titled, utf8_size, without_mentions

# The example of WeCom's documentation.
TOKEN, NONCE, TIMESTAMP = "QDG6eK", "263014780", "1409659589"
AES_KEY, CORPORATION = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_dingtalk_signs_timestamp_and_secret_under_the_secret() -> None:
    signed = quote(dingtalk_signature("this is secret", 1577262236757), safe="")
    assert signed == "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"


def test_feishu_signs_nothing_under_timestamp_and_secret() -> None:
    assert feishu_signature("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_wecom_callback_signature_is_the_documented_one() -> None:
    expected = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert wecom.signature(TOKEN, TIMESTAMP, NONCE, ECHO) == expected
    assert wecom.is_signed(expected, TOKEN, TIMESTAMP, NONCE, ECHO)
    assert not wecom.is_signed(expected[:-1] + "4", TOKEN, TIMESTAMP, NONCE, ECHO)
    assert not wecom.is_signed("é", TOKEN, TIMESTAMP, NONCE, ECHO)


def test_wecom_decrypts_the_documented_text() -> None:
    assert wecom.decrypted(wecom.aes_key(AES_KEY), ECHO, CORPORATION) == b"1616140317555161061"


@pytest.mark.parametrize("encrypted", ["", "no base64!", "AAAA", ECHO[:-4], "A" * 44 * 4, "é"])
def test_wecom_refuses_what_it_cannot_decrypt(encrypted: str) -> None:
    with pytest.raises(ValueError):
        wecom.decrypted(wecom.aes_key(AES_KEY), encrypted, CORPORATION)


def test_wecom_refuses_a_message_for_another_corporation() -> None:
    with pytest.raises(ValueError, match="another corporation"):
        wecom.decrypted(wecom.aes_key(AES_KEY), ECHO, "wx0000000000000000")


@pytest.mark.parametrize("key", ["", "short", AES_KEY + "A", "!" * 43])
def test_an_aes_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        wecom.aes_key(key)


def test_a_service_account_asserts_who_it_is() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    made = assertion(pem, client_email="a@p.example", key_id="k1", audience="https://t.example/token", issued_at=1000)
    read = jwt.decode(made, RSAKey.import_key(pem), algorithms=["RS256"])
    assert read.header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert read.claims == {
        "iss": "a@p.example",
        "scope": MESSAGING,
        "aud": "https://t.example/token",
        "iat": 1000,
        "exp": 4600,
    }


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError):
        assertion("no key", client_email="a@p.example", key_id=None, audience="x", issued_at=0)


@given(text=st.text(max_size=200), most=st.integers(3, 300), size=st.sampled_from([utf8_size, json_size]))
def test_a_cut_text_fits_and_is_the_longest_that_does(text: str, most: int, size: object) -> None:
    assert callable(size)
    shown = cut(text, most, size)
    assert size(shown) <= most
    if size(text) <= most:
        assert shown == text
    else:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        assert size(text[: len(kept) + 1]) > most - 3


def test_a_character_is_never_cut_in_two() -> None:
    assert cut("款" * 700, 2048) == "款" * 681 + "…"
    assert cut("款" * 682, 2048) == "款" * 682
    assert cut("a\ud800b", 10) == "a?b"
    assert cut('"' * 10, 13, json_size) == '"' * 5 + "…"


def test_subject_and_body_are_one_text_where_there_is_no_title() -> None:
    assert titled("Red flag", "INV-1 is late.\n") == "Red flag\n\nINV-1 is late."
    assert titled("", "INV-1 is late.\n") == "INV-1 is late."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('<at user_id="all">x</at>', '‹at user_id="all">x‹/at>'),
        ("a < b, <b>", "a < b, <b>"),
        ("<@all> < AT id=1>", "‹@all> ‹ AT id=1>"),
    ],
)
def test_a_text_calls_nobody(text: str, shown: str) -> None:
    assert without_mentions(text) == shown
