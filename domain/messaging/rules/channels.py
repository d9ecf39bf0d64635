"""PURE: what the channels' texts are like: whether they have a subject, and how long they may be.

Names are open, since a plugin may add a channel. One that is not listed here has no limit but the renderer's, and may have a subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LETTER = "letter"


@dataclass(frozen=True, slots=True)
class TextLimit:
    """The longest text that a channel takes."""

    most: int
    unit: Literal["characters", "bytes"]

    def length_of(self, text: str) -> int:
        """The text's length in this unit; bytes are UTF-8."""
        return len(text) if self.unit == "characters" else len(text.encode())


# SMS: Aliyun and Tencent bill by parts and refuse above 500 characters. WeCom: 2,048 bytes (path/99110). DingTalk: 20,000 bytes.
# Feishu: 30 KB for the whole request. FCM: 4,096 bytes for the whole message. WhatsApp: 1,024 characters for a template's body.
LIMITS = {
    "sms": TextLimit(500, "characters"),
    "push": TextLimit(1_000, "bytes"),
    "wecom": TextLimit(2_048, "bytes"),
    "wecom_staff": TextLimit(2_048, "bytes"),
    "wecom_robot": TextLimit(2_048, "bytes"),
    "dingtalk": TextLimit(10_000, "bytes"),
    "feishu": TextLimit(10_000, "bytes"),
    "whatsapp": TextLimit(1_024, "characters"),
    "voice": TextLimit(500, "characters"),
}
WITHOUT_SUBJECT = frozenset({"sms", "push", "wecom", "wecom_staff", "wecom_robot", "dingtalk", "feishu"})
_WITH_SUBJECT = frozenset({"email", LETTER})
_CHARACTERS = TextLimit(20_000, "characters")


def has_letter(channel: str, *, attached: bool) -> bool:
    """Whether a notice through the channel is a numbered letter, or comes with one."""
    return attached or channel == LETTER


def needs_subject(channel: str) -> bool:
    """Whether texts of the channel have a subject line."""
    return channel in _WITH_SUBJECT


def allows_subject(channel: str) -> bool:
    """Whether the channel would show a subject: the short ones would not."""
    return channel not in WITHOUT_SUBJECT


def limit_of(channel: str) -> TextLimit:
    """How long a text of the channel may be."""
    return LIMITS.get(channel, _CHARACTERS)
