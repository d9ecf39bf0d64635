"""The texts that exist without any call, in every shipped locale; a tenant's own template of the same key wins."""

from __future__ import annotations

from collections.abc import Iterator

from domain.messaging.model import Tone
from domain.messaging.shipped import en, en_letters, en_short, zh_cn, zh_cn_letters, zh_cn_short

_Key = tuple[str, str, str, Tone | None]
_Text = tuple[str, str]

CUSTOMER_SHORT_CHANNELS = ("sms", "wecom", "push")
STAFF_CHANNELS = ("wecom_staff", "wecom_robot", "dingtalk", "feishu")


def _all() -> Iterator[tuple[_Key, _Text]]:
    for locale, mails, short, letters in (
        ("en", en, en_short, en_letters),
        ("zh-CN", zh_cn, zh_cn_short, zh_cn_letters),
    ):
        yield from (((key, "email", locale, None), text) for key, text in mails.TEXTS.items())
        for channel in CUSTOMER_SHORT_CHANNELS:
            yield from (((key, channel, locale, None), ("", body)) for key, body in short.SHORT.items())
        for channel in STAFF_CHANNELS:
            yield ("staff_alert", channel, locale, None), ("", short.STAFF_ALERT)
        yield from (((key, "letter", locale, None), text) for key, text in letters.LETTERS.items())
    yield from (((key, "email", "zh-CN", "friendly"), text) for key, text in zh_cn.FRIENDLY.items())


# (key, channel, locale, tone) -> (subject, body)
SHIPPED: dict[_Key, _Text] = dict(_all())
