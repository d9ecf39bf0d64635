"""PURE: how long a text is as an SMS (3GPP TS 23.038), and what a reply by SMS asks for."""

from __future__ import annotations

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
# Of a reply without blanks and punctuation, upper case.
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
_STOP |= {"T", "TD", "N", "R", "QX", "退订", "退訂", "拒收", "取消", "停止", "TD退订", "回T退订"}


def parts_of(text: str) -> int:
    """In how many parts a text is sent: 160 or 70 characters in one, 153 or 67 in each of several."""
    if all(character in _GSM or character in _GSM_EXTENDED for character in text):
        length = sum(2 if character in _GSM_EXTENDED else 1 for character in text)
        one, several = 160, 153
    else:
        length = len(text.encode("utf-16-be")) // 2
        one, several = 70, 67
    return 1 if length <= one else -(-length // several)


def asks_to_stop(reply: str) -> bool:
    """Whether somebody who answers this wants no more messages; a longer text is a reply for a person to read."""
    word = "".join(character for character in reply.upper() if character.isalnum())
    return word in _STOP
