"""PURE: phone numbers as they are written, and as providers and look-ups want them (ITU-T E.164)."""

from __future__ import annotations

import re

from domain.kernel.pii import mask_address, mask_phone, mask_text

PHONE_PLACE = "phone"
PHONE_CHANNELS = frozenset({PHONE_PLACE, "sms", "voice", "whatsapp"})
"""Channels that reach people at a phone number."""
_WRITTEN = re.compile(r"\+?[0-9][0-9 ()\-]{5,}[0-9]", re.ASCII)
_MAINLAND = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def phone_digits(written: str) -> str:
    """The digits with the country's first: `+86 138-0000 6789`, `0086 13800006789` and `13800006789` are all `8613800006789`.

    A number without a country is taken for a mobile number of mainland China if it has the form of one, else left as it is.
    """
    digits = "".join(character for character in written if character.isascii() and character.isdigit())
    if not written.strip().startswith("+"):
        if digits.startswith("00"):
            return digits[2:]
        if _MAINLAND.fullmatch(digits):
            return f"86{digits}"
    return digits


def e164(written: str) -> str:
    """`+8613800006789`."""
    return f"+{phone_digits(written)}"


def mask_known(text: str, address: str, *, keep: str | None = None) -> str:
    """A text of somebody else's with this address masked, a phone number however it is written, and all e-mail addresses but `keep`."""
    digits = phone_digits(address)
    if "@" not in address and digits:
        text = _WRITTEN.sub(lambda found: mask_phone(found[0]) if _is_same(found[0], digits) else found[0], text)
    return mask_text(text.replace(address, mask_address(address)) if address else text, keep=keep)


def _is_same(written: str, digits: str) -> bool:
    """With or without the country's."""
    told = phone_digits(written)
    return told == digits or (len(told) >= 7 and digits.endswith(told.lstrip("0")))
